import * as z from 'zod';
import { OrganizationId, Page, pageOf, Timestamp } from './fields.js';

/** One field that a change gave another value. Long texts are clipped around the difference; `•••`: its value is not kept. */
export const AuditChange = z.strictObject({
  /** As views of the thing call it, for example `rateLimit.requests`. */
  field: z.string(),
  /** `null`: it was not set. */
  before: z.string().nullable(),
  after: z.string().nullable(),
});
export type AuditChange = z.infer<typeof AuditChange>;

/** One line of the audit log, as it is kept and shown. Values are facts, never secrets: keys by id or fingerprint. */
export const AuditLine = z.strictObject({
  seq: z.int(),
  at: Timestamp,
  action: z.string(),
  outcome: z.enum(['ok', 'refused', 'failed']),
  actor: z.string(),
  target: z.string().nullable(),
  /** In which organization it happened. Left out: in none, or the line is from before there were several. */
  organizationId: z.string().optional(),
  address: z.string().nullable(),
  requestId: z.string().nullable(),
  detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())])),
  /** What a change made of it. Left out: nothing was changed, or the line is from before changes were kept. */
  changes: z.array(AuditChange).optional(),
  /** `hmac` under the sealed chain key; `sha256` while the vault is locked, covered by the next keyed line. */
  chain: z.enum(['hmac', 'sha256']),
  hash: z.string(),
});
export type AuditLine = z.infer<typeof AuditLine>;

export const ListAudit = z.strictObject({
  ...Page.shape,
  organizationId: OrganizationId.optional(),
  action: z.string().max(100).optional(),
  /** The id of who did it. */
  actor: z.string().min(1).max(200).optional(),
  /** The id of the thing it was done to. */
  target: z.string().min(1).max(200).optional(),
  outcome: z.enum(['ok', 'refused', 'failed']).optional(),
  /** Written at this moment or later. */
  from: Timestamp.optional(),
  /** Written before this moment. */
  to: Timestamp.optional(),
});
export type ListAudit = z.infer<typeof ListAudit>;
export const AuditList = pageOf(AuditLine);

export const AuditVerification = z.strictObject({
  ok: z.boolean(),
  lines: z.int(),
  /** Lines chained without the key, and not yet covered by a keyed line after them. */
  uncovered: z.int(),
  firstAt: Timestamp.nullable(),
  lastAt: Timestamp.nullable(),
  /** Where the first fault is: file, line and what is wrong. */
  fault: z.strictObject({ file: z.string(), line: z.int(), reason: z.string() }).nullable(),
  /** What this check cannot see, said every time. */
  limits: z.array(z.string()),
});
export type AuditVerification = z.infer<typeof AuditVerification>;

/** What happened on one day (UTC). A line that stands for many refused requests counts as many. */
export const AuditDay = z.strictObject({ day: z.iso.date(), ok: z.int(), refused: z.int(), failed: z.int() });
export type AuditDay = z.infer<typeof AuditDay>;

export const SummarizeAudit = z.strictObject({
  organizationId: OrganizationId.optional(),
  /** How many days up to today. */
  days: z.coerce.number().int().min(1).max(90).default(30),
});
export type SummarizeAudit = z.infer<typeof SummarizeAudit>;

export const AuditSummary = z.strictObject({
  /** Every day, the oldest first. */
  days: z.array(AuditDay),
  /** The first day that is counted whole; `null`: all are. */
  countedSince: z.iso.date().nullable(),
  /** When the oldest line that is kept was written, where older ones were removed; `null`: none was. */
  keptSince: Timestamp.nullable(),
  /** For operators: the log itself. `null`: not the asker's to see. */
  log: z
    .strictObject({
      firstSeq: z.int(),
      lastSeq: z.int(),
      bytes: z.int(),
      /** Beyond that the oldest part is removed: `AUDIT_MAX_MB`. */
      maxBytes: z.int(),
      /** What was found wrong when the log was opened; `null`: nothing. */
      broken: z.string().nullable(),
      /** The last walk over the whole chain since the start; `null`: there was none. */
      lastCheck: z.strictObject({ at: Timestamp, ...AuditVerification.shape }).nullable(),
    })
    .nullable(),
});
export type AuditSummary = z.infer<typeof AuditSummary>;
