import type { RateLimit } from '../contract/fields.js';
import type { Clock } from '../kernel/clock.js';
import type { Principal } from '../kernel/principal.js';
import type { Client } from './client-ip.js';
import { overLimit, overOrganizationLimit } from './denial.js';
import type { Organizations } from './lookups.js';
import type { Policy } from './policy.js';
import { countHit, isSpent, type RateState, type RateWindows, rateState } from './rate-limit.js';

/** People click in bursts, and their pages ask for many things at once. */
export const USER_LIMIT: RateLimit = { requests: 600, windowSeconds: 60 };

export interface CountOptions {
  readonly windows: RateWindows;
  readonly organizations: Organizations;
  /** `API_RATE_LIMIT`; `null`: off. */
  readonly defaultLimit: RateLimit | null;
  readonly clock: Clock;
}

/**
 * The limit that binds this caller on this route, and the name it is counted under. On routes of apps behind us the
 * route's own goes first and the key's after it, or nothing: a page of such an app is sixty requests.
 */
function limitOf(
  principal: Principal,
  client: Client,
  policy: Policy,
  defaultLimit: RateLimit | null,
): { limit: RateLimit; counter: string } | null {
  const who = principal.kind === 'anonymous' ? client.bucket : principal.id;
  const own = principal.kind === 'user' && policy.upstream !== true ? USER_LIMIT : principal.rateLimit;
  const ofRoute = policy.rateLimit === null ? null : { limit: policy.rateLimit, counter: `r:${who}:${policy.id}` };
  if (policy.upstream && ofRoute !== null) return ofRoute;
  if (own !== null) return { limit: own, counter: `c:${who}` };
  if (ofRoute !== null) return ofRoute;
  if (policy.upstream || policy.instanceLimit === false) return null;
  return defaultLimit === null ? null : { limit: defaultLimit, counter: `c:${who}` };
}

/**
 * Counts one request against the caller's limit (its own, else the route's, else the instance's), and against what its
 * organization may send in all.
 * @param counts - false: look only, as for a trace
 * @returns what is left of the caller's limit; `null`: nothing limits it
 * @throws GatehouseError `RATE_LIMITED`
 */
export function countRequest(
  principal: Principal,
  client: Client,
  policy: Policy,
  options: CountOptions,
  nowMs: number,
  counts: boolean,
): RateState | null {
  const own = limitOf(principal, client, policy, options.defaultLimit);
  const ownHit = own === null ? null : hit(options.windows, own.counter, own.limit, nowMs, counts);
  if (ownHit?.within === false) throw overLimit(ownHit.state);
  countForOrganization(principal, options, nowMs, counts);
  return ownHit?.state ?? null;
}

/**
 * The second half of it, alone for a request that named its organization in the body.
 * @throws GatehouseError `RATE_LIMITED`
 */
export function countForOrganization(
  { organizationId }: Principal,
  { windows, organizations }: CountOptions,
  nowMs: number,
  counts: boolean,
): void {
  const shared = organizationId === null ? null : organizations.requestLimit(organizationId);
  if (shared === null) return;
  const { within, state } = hit(windows, `o:${organizationId}`, shared, nowMs, counts);
  if (!within) throw overOrganizationLimit(state);
}

/**
 * How much of its limit a key has left now; `null`: nothing limits it. Counts nothing.
 * @param own - the key's own limit
 */
export function headroomOf(
  id: string,
  own: RateLimit | null,
  { windows, defaultLimit }: Pick<CountOptions, 'windows' | 'defaultLimit'>,
  nowMs: number,
): RateState | null {
  const limit = own ?? defaultLimit;
  if (limit === null) return null;
  const window = windows.peek(`c:${id}`);
  const isOver = window === undefined || nowMs - window.startMs >= limit.windowSeconds * 1000;
  return isOver ? { limit, remaining: limit.requests, resetSeconds: 0 } : rateState(window, limit, nowMs);
}

function hit(
  windows: RateWindows,
  counter: string,
  limit: RateLimit,
  nowMs: number,
  counts: boolean,
): { within: boolean; state: RateState } {
  const window = counts
    ? windows.window(counter, limit.windowSeconds * 1000, nowMs)
    : (windows.peek(counter) ?? { startMs: nowMs, count: 0 });
  const within = counts ? countHit(window, limit, nowMs) : !isSpent(window, limit, nowMs);
  return { within, state: rateState(window, limit, nowMs) };
}
