import type { RateLimit } from '../contract/fields.js';
import type { Client } from './client-ip.js';
import { tooManyFailures } from './denial.js';
import { countHit, isSpent, type RateWindows, rateState } from './rate-limit.js';

/** Failed attempts from one address before 429 answers instead of 401. Keys of ours cannot be guessed; env keys may be weak. */
export const FAILURES: RateLimit = { requests: 60, windowSeconds: 60 };

/**
 * Counts one failed attempt. A valid key is never throttled for others' failures behind the same address: only
 * failures come here.
 * @param counts - false: look only, as for a trace
 * @throws GatehouseError `RATE_LIMITED`
 */
export function countFailure(client: Client, windows: RateWindows, nowMs: number, counts: boolean): void {
  const counter = `f:${client.bucket}`;
  const window = counts ? windows.window(counter, FAILURES.windowSeconds * 1000, nowMs) : windows.peek(counter);
  if (window === undefined) return;
  const within = counts ? countHit(window, FAILURES, nowMs) : !isSpent(window, FAILURES, nowMs);
  if (!within) throw tooManyFailures(rateState(window, FAILURES, nowMs).resetSeconds);
}
