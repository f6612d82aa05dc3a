import * as z from 'zod';
import { oneLine, Timestamp } from './fields.js';
import { GrantedScope } from './scopes.js';
import { UpstreamRoutes } from './upstream-routes.js';

/** Addresses and CIDR ranges; checked by the guard's own parser, so that what is saved is what is enforced. */
const AllowedIps = z
  .array(z.string().max(64))
  .min(1, { error: 'names no address; null lets every address in' })
  .max(1000);

export const MAX_REVERT_SECONDS = 86_400;
export const DEFAULT_REVERT_SECONDS = 300;

/** The list that operators keep beside `ALLOWED_IPS`; an address has to pass both. */
export const SetNetwork = z.strictObject({
  /** `null`: every address. */
  allowedIps: AllowedIps.nullable(),
  /** Say what would happen and change nothing. */
  dryRun: z.boolean().default(false),
  /** Also when the caller's own address is not in the list. */
  confirm: z.boolean().default(false),
  /**
   * The list before comes back after this, unless the new one is confirmed meanwhile; 0: it does not. Left out: 300,
   * and 0 for the command line on the host, which no list locks out.
   */
  revertAfterSeconds: z.int().min(0).max(MAX_REVERT_SECONDS).optional(),
});
export type SetNetwork = z.infer<typeof SetNetwork>;

export const NetworkView = z.strictObject({
  /** `null`: every address. */
  allowedIps: z.array(z.string()).nullable(),
  /** A new list that waits to be confirmed: what comes back, and when. */
  pending: z.strictObject({ previous: z.array(z.string()).nullable(), revertsAt: Timestamp }).nullable(),
  /** `ALLOWED_IPS`, which holds besides; `null`: every address. */
  environment: z.array(z.string()).nullable(),
  /** The caller's own address; `socket` for the command line on the host. */
  yourAddress: z.string(),
});
export type NetworkView = z.infer<typeof NetworkView>;

export const NetworkChange = z.strictObject({
  network: NetworkView,
  /** False for a dry run. */
  applied: z.boolean(),
  /**
   * Addresses keys were used from in the last 24 hours that the list would keep out, the last one first; at most 200.
   * `requests`: those that were let in from there since then, as far as this process has run; 0: before it started.
   */
  blocked: z.array(z.strictObject({ address: z.string(), lastUsedAt: Timestamp, requests: z.int() })),
  blockedCount: z.int(),
  /** All addresses that keys were used from in the last 24 hours. */
  seenCount: z.int(),
  blocksYou: z.boolean(),
});
export type NetworkChange = z.infer<typeof NetworkChange>;

/** How the asker's own address was found, from the socket on. */
export const AddressTrace = z.strictObject({
  /** What is taken for the client's address; `null`: nothing usable, and requests are refused; `socket`: the command line on the host. */
  address: z.string().nullable(),
  /** The hops from us to the client, in the order they are read. The last one is the client. */
  hops: z.array(
    z.strictObject({
      from: z.enum(['peer', 'x-forwarded-for', 'x-real-ip']),
      /** `null`: what stands there is no address. */
      address: z.string().nullable(),
      /** In TRUST_PROXY, so that what it says of the hop before is believed. */
      trusted: z.boolean(),
    }),
  ),
  /** The same in words. */
  words: z.string(),
  /** Headers of this request that proxies write, as they came. `read`: it decided the address. */
  headers: z.array(z.strictObject({ name: z.string(), value: z.string(), read: z.boolean() })),
  /** What the request called this instance, as it arrived; `null`: nothing. */
  host: z.string().nullable(),
  /** `TRUST_PROXY` as it was set; `null`: no proxy is trusted. */
  trustProxy: z.string().nullable(),
  /** The list that keeps the address out; `null`: none. */
  refusedBy: z.string().nullable(),
  /** What is probably wrong, and what to set; `null`: nothing. */
  advice: z.string().nullable(),
});
export type AddressTrace = z.infer<typeof AddressTrace>;

export const RoutesView = z.strictObject({
  /** In force now; `null`: `routes.json` is missing, and every request to the apps is refused. */
  file: UpstreamRoutes.nullable(),
  /** Why the file as it is now is not what is in force; `null`: it is. */
  fault: z.string().nullable(),
  /** What works and is probably not meant. */
  warnings: z.array(z.string()),
});
export type RoutesView = z.infer<typeof RoutesView>;

export const TestRoute = z.strictObject({
  method: z.string().min(1).max(32),
  /** Path and query, as a caller would send them. */
  path: z.string().min(1).max(4096),
  host: z.string().max(260).optional(),
});
export type TestRoute = z.infer<typeof TestRoute>;

export const RouteTested = z.strictObject({
  /** Names the route in counters, logs and the audit. */
  policy: z.string(),
  /** Why nobody passes; `null`: whoever has what follows does. */
  refusal: z.strictObject({ code: z.string(), detail: z.string() }).nullable(),
  authModes: z.array(z.string()),
  scopes: z.array(z.string()),
  slots: z.array(z.string()),
});
export type RouteTested = z.infer<typeof RouteTested>;

/** A scope of an app behind Gatehouse. */
export const DeclaredScope = z.strictObject({
  scope: GrantedScope.refine((scope) => !scope.includes('*'), { error: 'name the scope itself, without *' }),
  description: oneLine(200).default(''),
});
export type DeclaredScope = z.infer<typeof DeclaredScope>;

export const SetScopes = z.strictObject({ declared: z.array(DeclaredScope).max(500) });
export type SetScopes = z.infer<typeof SetScopes>;

export const ScopesView = z.strictObject({
  /** Every scope that Gatehouse itself asks for. */
  shipped: z.array(z.string()),
  declared: z.array(z.strictObject({ scope: z.string(), description: z.string() })),
});
export type ScopesView = z.infer<typeof ScopesView>;
