import type { RateLimit } from '../contract/fields.js';
import { GatehouseError, isGatehouseError } from '../kernel/errors.js';
import type { Bounds, Principal } from '../kernel/principal.js';
import { boundsFor } from './bounds.js';
import { headroomOf } from './count.js';
import { findCredential, readHeaders } from './credential.js';
import { Decision } from './decision.js';
import type { Policy } from './policy.js';
import type { RateState } from './rate-limit.js';
import { calledOrigin, requirePageOfOurs } from './session.js';
import type { Trace } from './trace.js';
import type { Assumed, GuardOptions, Purpose, RequestFacts, Verdict } from './verdict.js';

export { FAILURES } from './failures.js';
export type { Allow, Assumed, Deny, GuardOptions, RequestFacts, Verdict } from './verdict.js';

/**
 * Decides who may come in: facts of a request and a policy in, a verdict out. Reads no body, touches no disk,
 * and refuses whenever it cannot decide. The steps go in the order of docs/gate.md; the first failure wins.
 */
export class Guard {
  readonly #options: GuardOptions;

  constructor(options: GuardOptions) {
    this.#options = options;
  }

  /** The cookie that holds a session: ours, so it never travels to an app behind us. */
  get sessionCookie(): string {
    return this.#options.sessionRules.cookieName;
  }

  /** How much of its limit a key has left now; `null`: nothing limits it. `resetSeconds` is 0 while nothing is counted. */
  headroomOf(keyId: string, own: RateLimit | null): RateState | null {
    return headroomOf(keyId, own, this.#options, this.#options.clock.nowMs());
  }

  /** What a principal may reach, for ids that arrive in a body. */
  boundsFor(principal: Principal, trace?: Trace): Bounds {
    return boundsFor(principal, this.#options, trace);
  }

  /**
   * What must happen before `decide` can judge a JWT that was not seen yet: its signature is checked.
   * `null`, nearly always: decide at once.
   */
  prepare(facts: RequestFacts, policy: Policy, assumed?: Assumed): Promise<void> | null {
    if (facts.door === 'socket') return null;
    const headers = facts.headers ?? readHeaders(facts.rawHeaders);
    const credential = facts.credential ?? findCredential(headers, policy.slots);
    if (credential.kind !== 'presented' || !this.#options.tokens.isUnchecked(credential.presentedKey)) return null;
    // A signature costs a hundred times what a decision does: nobody spends that for an address that is kept out.
    const client = this.#options.clients.resolve(facts.peerAddress, headers.forwardedFor, headers.realIp);
    if (client?.refusedBy !== null && assumed?.address === undefined) return null;
    return this.#options.tokens.check(credential.presentedKey);
  }

  /**
   * For answers that set the session cookie.
   * @throws GatehouseError `FORBIDDEN` when the page that asks is another site's, or could not keep the cookie
   */
  requireOwnPage(peerAddress: string | undefined, rawHeaders: readonly string[]): void {
    const { clients, sessionRules } = this.#options;
    requirePageOfOurs(rawHeaders, clients.trustsPeer(peerAddress), sessionRules);
  }

  /** Where a request was sent: the scheme and host that its sender named, as far as proxies are believed. */
  calledOrigin(peerAddress: string | undefined, rawHeaders: readonly string[]): string {
    return calledOrigin(rawHeaders, this.#options.clients.trustsPeer(peerAddress));
  }

  /** Decides one request: counts it, notes the key's use and hands refusals to the audit. */
  decide(facts: RequestFacts, policy: Policy): Verdict {
    return this.#decide(facts, policy, 'decide');
  }

  /**
   * Decides a request once more whose body took its time: a key that was revoked or bounded meanwhile must not act
   * through a request that was held open. Nothing is counted twice.
   */
  decideAgain(facts: RequestFacts, policy: Policy): Verdict {
    return this.#decide(facts, policy, 'again');
  }

  /**
   * The same decision with a line for each step; nothing is counted, noted or audited.
   * @param assumed - what nobody sent, since the request is a question only
   */
  explain(facts: RequestFacts, policy: Policy, trace: Trace, assumed?: Assumed): Verdict {
    return this.#decide(facts, policy, 'explain', trace, assumed);
  }

  #decide(facts: RequestFacts, policy: Policy, purpose: Purpose, trace?: Trace, assumed?: Assumed): Verdict {
    const run = new Decision(this.#options, facts, policy, purpose, trace, assumed);
    try {
      return run.decide();
    } catch (error) {
      // A step that cannot decide refuses: it never lets through.
      const refusal = isGatehouseError(error)
        ? error
        : new GatehouseError('UNAVAILABLE', 'The request could not be checked. Try again.', { cause: error });
      trace?.add(run.step, 'fail', run.more === null ? refusal.detail : `${refusal.detail} (${run.more})`);
      if (purpose !== 'explain') this.#audit(facts, policy, run, refusal);
      return {
        allow: false,
        step: run.step,
        reason: run.reason ?? run.step,
        error: refusal,
        principal: run.principal,
        address: run.client?.address ?? null,
        secret: run.secret,
      };
    }
  }

  #audit(facts: RequestFacts, policy: Policy, run: Decision, refusal: GatehouseError): void {
    this.#options.refusals.refuse({
      code: refusal.code,
      reason: run.reason ?? run.step,
      actor: run.principal?.id ?? 'unknown',
      organizationId: run.principal?.organizationId ?? null,
      address: run.client?.address ?? facts.peerAddress ?? 'unknown',
      requestId: facts.requestId,
      method: facts.method,
      route: policy.id,
    });
  }
}
