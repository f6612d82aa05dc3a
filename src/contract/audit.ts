import * as z from 'zod';
import { OrganizationId, Page, pageOf, Timestamp } from './fields.js';

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
  /** `hmac` under the sealed chain key; `sha256` while the vault is locked, covered by the next keyed line. */
  chain: z.enum(['hmac', 'sha256']),
  hash: z.string(),
});
export type AuditLine = z.infer<typeof AuditLine>;

export const ListAudit = z.strictObject({
  ...Page.shape,
  organizationId: OrganizationId.optional(),
  action: z.string().max(100).optional(),
  /** The id of the thing it was done to. */
  target: z.string().min(1).max(200).optional(),
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
