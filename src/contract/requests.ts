import * as z from 'zod';
import { OUTCOMES } from './codes.js';
import { OrganizationId, Page, pageOf, Timestamp } from './fields.js';
import { CALLER_KINDS } from './usage.js';

/** How many requests are remembered, of everybody and of each key; see docs/usage.md. */
export const REQUESTS_KEPT = 2000;
export const REQUESTS_KEPT_PER_KEY = 50;

/** What `POST /api/explain` takes, as far as an answered request tells it. */
export const ExplainFacts = z.strictObject({
  method: z.string(),
  path: z.string(),
  door: z.enum(['api', 'upstream']),
  ip: z.string().optional(),
  keyId: z.string().optional(),
  /** No key that is known was shown. */
  token: z.null().optional(),
  /** The host of a route that has one, and an origin that the key is good from. */
  headers: z.strictObject({ host: z.string().optional(), origin: z.string().optional() }).optional(),
});
export type ExplainFacts = z.infer<typeof ExplainFacts>;

/** A request that was answered lately. It names its route and never its URL, which may hold anything. */
export const RecentRequest = z.strictObject({
  at: Timestamp,
  requestId: z.string(),
  method: z.string(),
  /** The id of the route or policy that judged it, as in `/api/usage`. */
  route: z.string(),
  /** The pattern of that route, where it has one: `/api/keys/:id`. */
  path: z.string().nullable(),
  /** `ALLOWED`, or the code it was answered with. */
  outcome: z.enum(OUTCOMES),
  status: z.int(),
  organizationId: z.string().nullable(),
  principal: z.strictObject({ kind: z.enum(CALLER_KINDS), id: z.string().nullable() }),
  /** Keys of `api-keys.json` only. */
  keyId: z.string().nullable(),
  keyName: z.string().nullable(),
  /**
   * Which of its secrets was shown; `newest`: not one that a rotation replaced. `null`: it came as a JWT, or the secret
   * has gone since.
   */
  secret: z.strictObject({ last4: z.string(), newest: z.boolean() }).nullable(),
  address: z.string().nullable(),
  durationMs: z.number(),
  /** The body of `POST /api/explain` that asks why; `null`: its route alone does not say what to ask. */
  explain: ExplainFacts.nullable(),
});
export type RecentRequest = z.infer<typeof RecentRequest>;

export const ListRequests = z.strictObject({
  ...Page.shape,
  organizationId: OrganizationId.optional(),
  /** Of one key, service key or MCP token by its id, or of one environment key as `env:<fingerprint>`. */
  keyId: z.string().min(1).max(100).optional(),
  /** A code, or `REFUSED` for every one but `ALLOWED`. */
  outcome: z.enum([...OUTCOMES, 'REFUSED']).optional(),
});
export type ListRequests = z.infer<typeof ListRequests>;
export const RequestList = pageOf(RecentRequest);
export type RequestList = z.infer<typeof RequestList>;
