import { type Egress, readText } from '../egress/egress.js';

/** A short call to a vendor, whose answer is read whole. */
export type EgressCall = (request: {
  readonly method: string;
  readonly url: string;
  readonly headers: Iterable<readonly [string, string]>;
  readonly body?: string | null;
}) => Promise<{ readonly status: number; readonly text: string }>;

/** Long enough for a vendor that is slow, short enough for whoever waits for the test. */
const WITHIN_MS = 15_000;
const RESPONSE_BYTES = 1_000_000;

/**
 * Calls for one workspace: its list of LAN targets holds.
 * @param withinMs - for all calls that are made with it, from now on
 */
export function egressCall(egress: Egress, workspaceId: string, withinMs = WITHIN_MS): EgressCall {
  const endsAtMs = performance.now() + withinMs;
  return async ({ method, url, headers, body = null }) => {
    const limits = { totalMs: Math.max(1, Math.ceil(endsAtMs - performance.now())), responseBytes: RESPONSE_BYTES };
    const answer = await egress.request({ workspaceId, method, url, headers, body, limits });
    return { status: answer.status, text: await readText(answer) };
  };
}
