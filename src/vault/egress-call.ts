import { type Egress, readText } from '../egress/egress.js';

/** A short call to a vendor, whose answer is read whole. */
export type EgressCall = (request: {
  readonly method: string;
  readonly url: string;
  readonly headers: Iterable<readonly [string, string]>;
  readonly body?: string | null;
}) => Promise<{ readonly status: number; readonly text: string }>;

/** Long enough for a vendor that is slow, short enough for whoever waits for the test. */
const LIMITS = { totalMs: 15_000, responseBytes: 1_000_000 };

/** Calls for one workspace: its list of LAN targets holds. */
export function egressCall(egress: Egress, workspaceId: string): EgressCall {
  return async ({ method, url, headers, body = null }) => {
    const answer = await egress.request({ workspaceId, method, url, headers, body, limits: LIMITS });
    return { status: answer.status, text: await readText(answer) };
  };
}
