import type { IncomingMessage } from 'node:http';
import type { RateLimit } from '../../contract/fields.js';
import type { Clock } from '../../kernel/clock.js';
import type { NamedIds } from '../../kernel/principal.js';
import type { Credential } from '../credential.js';
import { overLimit } from '../denial.js';
import type { Guard, RequestFacts, Verdict } from '../guard.js';
import { POLICIES } from '../policy.js';
import { countHit, type RateWindows, rateState } from '../rate-limit.js';
import type { Caller } from './express.js';
import { rateHeaders } from './facts.js';
import type { OpenStream } from './open-streams.js';

export interface ProxyRequest {
  readonly request: IncomingMessage;
  readonly door: RequestFacts['door'];
  readonly requestId: string;
  /** The workspace and the credential. The query is the vendor's and names nothing of ours. */
  readonly named: NamedIds;
  /** The caller's key, found in the slots of the credential's type. */
  readonly credential: Credential;
  /** Told who it was taken for, let in or not. */
  readonly judged: (verdict: Verdict) => void;
}

export interface ProxyAdmission {
  readonly caller: Caller;
  /** Name, value, name, value …: what is left of the key's own limit. */
  readonly rateHeaders: readonly string[];
  /** What an answer that goes on is judged by, again and again. */
  readonly stream: Pick<OpenStream, 'facts' | 'policy'>;
}

/**
 * The guard in front of the injecting proxy. It decides before any of the body is read.
 * @throws GatehouseError what it refuses with
 */
export async function guardProxy(
  guard: Guard,
  { request, door, requestId, named, credential, judged }: ProxyRequest,
): Promise<ProxyAdmission> {
  const policy = POLICIES.proxy;
  const facts: RequestFacts = {
    door,
    peerAddress: request.socket.remoteAddress,
    rawHeaders: request.rawHeaders,
    method: request.method ?? 'GET',
    requestId,
    named,
    // None in any slot: then the policy's own way to find one, such as a session, is asked.
    ...(credential.kind === 'none' ? {} : { credential }),
  };
  await guard.prepare(facts, policy);
  const verdict = guard.decide(facts, policy);
  judged(verdict);
  if (!verdict.allow) throw verdict.error;
  return {
    caller: { ...verdict, requestId, bounds: guard.boundsFor(verdict.principal) },
    rateHeaders: rateHeaders(verdict),
    stream: { facts, policy: () => policy },
  };
}

/**
 * Counts one call with a credential against the credential's own limit, whoever makes it.
 * @throws GatehouseError `RATE_LIMITED`
 */
export function limitCredential(
  windows: RateWindows,
  clock: Clock,
  credentialId: string,
  limit: RateLimit | null,
): void {
  if (limit === null) return;
  const nowMs = clock.nowMs();
  const window = windows.window(`p:${credentialId}`, limit.windowSeconds * 1000, nowMs);
  if (!countHit(window, limit, nowMs)) throw overLimit(rateState(window, limit, nowMs));
}
