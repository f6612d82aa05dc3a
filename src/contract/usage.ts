import * as z from 'zod';
import { OrganizationId, RateLimit, Timestamp } from './fields.js';
import { PRINCIPAL_KINDS } from './whoami.js';

/** How long hours are kept before they are folded into days, and days before they go. */
export const HOURS_KEPT = 72;
export const DAYS_KEPT = 90;

const range = {
  /** Left out: 24 hours, or with `groupBy=day` 30 days, before `to`. Taken back to the beginning of its hour or day. */
  from: Timestamp.optional(),
  /** Left out: now. */
  to: Timestamp.optional(),
  groupBy: z.enum(['hour', 'day']).default('hour'),
  /** The name of a route, as in `routes` of the answer. */
  route: z.string().min(1).max(700).optional(),
};

export const UsageQuery = z.strictObject({
  ...range,
  keyId: z.string().min(1).max(100).optional(),
  organizationId: OrganizationId.optional(),
});
export type UsageQuery = z.infer<typeof UsageQuery>;

/** `organizationId`: for users of several organizations, where the key is. */
export const KeyUsageQuery = z.strictObject({ ...range, organizationId: OrganizationId.optional() });
export type KeyUsageQuery = z.infer<typeof KeyUsageQuery>;

/** Many keys at once, for a list of them. */
export const KeysUsageQuery = z.strictObject({
  /** Ids, separated by commas; those the asker may not see are left out of the answer. */
  ids: z
    .string()
    .max(6000)
    .transform((list) => list.split(',').filter((id) => id !== ''))
    .pipe(z.array(z.string().max(100)).min(1, { error: 'names no key' }).max(200)),
  organizationId: OrganizationId.optional(),
});
export type KeysUsageQuery = z.infer<typeof KeysUsageQuery>;

export const KeysUsage = z.strictObject({
  from: Timestamp,
  to: Timestamp,
  /** `requests`: one number for each of the last 24 hours, the oldest first. */
  data: z.array(z.strictObject({ id: z.string(), requests: z.array(z.int()) })),
});
export type KeysUsage = z.infer<typeof KeysUsage>;

/** Who sent what was counted; `unknown`: their credential was none, or none that is known. */
export const CALLER_KINDS = [...PRINCIPAL_KINDS, 'unknown', 'others'] as const;
export type CallerKind = (typeof CALLER_KINDS)[number];

const counts = {
  requests: z.int(),
  allowed: z.int(),
  /** `ALLOWED`, and every code that was answered, with how often. */
  byOutcome: z.record(z.string(), z.int()),
  /** Of the allowed requests, in milliseconds, from a histogram; `null`: there was none, or the asker sees a part only. */
  latency: z.strictObject({ p50Ms: z.number(), p95Ms: z.number(), p99Ms: z.number() }).nullable(),
};

const report = {
  from: Timestamp,
  to: Timestamp,
  groupBy: z.enum(['hour', 'day']),
  totals: z.strictObject(counts),
  /** One entry an hour or a day (UTC), none left out. */
  series: z.array(z.strictObject({ at: Timestamp, ...counts })),
  /** The busiest, at most 20. `others`: beyond what is kept apart, or not the asker's to see one by one. */
  keys: z.array(
    z.strictObject({
      id: z.string(),
      kind: z.enum(CALLER_KINDS),
      name: z.string().nullable(),
      requests: z.int(),
      allowed: z.int(),
    }),
  ),
  /** The busiest, at most 20. */
  routes: z.array(z.strictObject({ route: z.string(), requests: z.int(), allowed: z.int() })),
};

export const UsageReport = z.strictObject(report);
export type UsageReport = z.infer<typeof UsageReport>;

/** How much of a limit is left now. */
export const Headroom = z.strictObject({ limit: RateLimit, remaining: z.int(), resetsAt: Timestamp.nullable() });
export type Headroom = z.infer<typeof Headroom>;

export const KeyUsage = z.strictObject({
  ...report,
  /** Of the key's own limit, else of the instance's; `null`: nothing limits it. `resetsAt` is `null` while nothing is counted. */
  headroom: Headroom.nullable(),
  /** From where it was used in the last 24 hours, as far as single requests are kept; see docs/usage.md. */
  addresses: z.strictObject({
    /** The latest first, at most 50. */
    data: z.array(
      z.strictObject({
        address: z.string(),
        requests: z.int(),
        allowed: z.int(),
        /** Of the requests: those with a secret that was replaced by then. */
        oldSecret: z.int(),
        lastAt: Timestamp,
      }),
    ),
    /** How many addresses, and in how many requests they were seen. */
    count: z.int(),
    requests: z.int(),
    /** Since the last rotation; `null`: there was none, or its old secrets are gone. */
    sinceRotation: z.strictObject({ requests: z.int(), oldSecret: z.int() }).nullable(),
  }),
  lastUsedAt: Timestamp.nullable(),
  lastUsedIp: z.string().nullable(),
});
export type KeyUsage = z.infer<typeof KeyUsage>;
