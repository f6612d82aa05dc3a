import { GatehouseError, isGatehouseError } from '../kernel/errors.js';
import type { Bounds, Principal } from '../kernel/principal.js';
import { boundsFor } from './bounds.js';
import { findCredential, readHeaders } from './credential.js';
import { Decision } from './decision.js';
import type { Policy } from './policy.js';
import { requirePageOfOurs } from './session.js';
import type { Trace } from './trace.js';
import type { GuardOptions, Purpose, RequestFacts, Verdict } from './verdict.js';

export { FAILURES } from './decision.js';
export type { Allow, Deny, GuardOptions, RequestFacts, Verdict } from './verdict.js';

/**
 * Decides who may come in: facts of a request and a policy in, a verdict out. Reads no body, touches no disk,
 * and refuses whenever it cannot decide. The steps go in the order of docs/gate.md; the first failure wins.
 */
export class Guard {
  readonly #options: GuardOptions;

  constructor(options: GuardOptions) {
    this.#options = options;
  }

  /** What a principal may reach, for ids that arrive in a body. */
  boundsFor(principal: Principal, trace?: Trace): Bounds {
    return boundsFor(principal, this.#options, trace);
  }

  /**
   * What must happen before `decide` can judge a JWT that was not seen yet: its signature is checked.
   * `null`, nearly always: decide at once.
   */
  prepare(facts: RequestFacts, policy: Policy): Promise<void> | null {
    if (facts.door === 'socket') return null;
    const credential = findCredential(readHeaders(facts.rawHeaders), policy.slots);
    if (credential.kind !== 'presented' || !this.#options.tokens.isUnchecked(credential.presentedKey)) return null;
    return this.#options.tokens.check(credential.presentedKey);
  }

  /**
   * For answers that set the session cookie.
   * @throws GatehouseError `FORBIDDEN` when the page that asks is another site's, or could not keep the cookie
   */
  requireOwnPage(method: string, peerAddress: string | undefined, rawHeaders: readonly string[]): void {
    const { clients, sessionRules } = this.#options;
    requirePageOfOurs(method, rawHeaders, clients.trustsPeer(peerAddress), sessionRules);
  }

  /** Decides one request: counts it, notes the key's use and hands refusals to the audit. */
  decide(facts: RequestFacts, policy: Policy): Verdict {
    return this.#decide(facts, policy, 'decide', undefined);
  }

  /**
   * Decides a request once more whose body took its time: a key that was revoked or bounded meanwhile must not act
   * through a request that was held open. Nothing is counted twice.
   */
  decideAgain(facts: RequestFacts, policy: Policy): Verdict {
    return this.#decide(facts, policy, 'again', undefined);
  }

  /** The same decision with a line for each step; nothing is counted, noted or audited. */
  explain(facts: RequestFacts, policy: Policy, trace: Trace): Verdict {
    return this.#decide(facts, policy, 'explain', trace);
  }

  #decide(facts: RequestFacts, policy: Policy, purpose: Purpose, trace: Trace | undefined): Verdict {
    const run = new Decision(this.#options, facts, policy, purpose, trace);
    try {
      return run.decide();
    } catch (error) {
      // A step that cannot decide refuses: it never lets through.
      const refusal = isGatehouseError(error)
        ? error
        : new GatehouseError('UNAVAILABLE', 'The request could not be checked. Try again.', { cause: error });
      trace?.add(run.step, 'fail', refusal.detail);
      if (purpose !== 'explain') this.#audit(facts, policy, run, refusal);
      return { allow: false, step: run.step, error: refusal };
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
