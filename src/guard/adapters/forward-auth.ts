import type { IncomingMessage } from 'node:http';
import { GatehouseError } from '../../kernel/errors.js';
import { newRequestId } from '../../kernel/ids.js';
import type { NamedIds, Principal } from '../../kernel/principal.js';
import type { ClientResolver } from '../client-ip.js';
import { findCredential, type HeaderFacts } from '../credential.js';
import type { Allow, Guard, RequestFacts } from '../guard.js';
import type { RefusalSink } from '../lookups.js';
import type { Policy } from '../policy.js';
import type { UpstreamRouter } from '../upstream-routes.js';
import { rateHeaders } from './facts.js';
import { type Forwarded, readForwarded, readOriginal, type Unforwarded } from './forwarded.js';
import { identityHeaders, identityLines } from './identity-headers.js';

/** Signs who a caller is for an app; `identity` fits it. */
export interface AssertionSource {
  current(principal: Principal, host: string): string | Promise<string>;
}

export interface ForwardAuthOptions {
  readonly guard: Guard;
  readonly clients: ClientResolver;
  readonly upstream: UpstreamRouter;
  readonly assertions: AssertionSource;
  readonly refusals: RefusalSink;
}

/** What the configured address of the question says beside the request's own headers. */
export interface Question {
  /** Which headers hold the facts. */
  readonly dialect: 'forwarded' | 'nginx';
  /** Needed beside those of the route. */
  readonly scopes: readonly string[];
  /** Whose app it is; `null`: anybody's. */
  readonly organizationId: string | null;
}

export { type HeaderFacts, readHeaders } from '../credential.js';

/** What a verdict says for the counts of requests, whichever it is. */
interface Counted {
  readonly requestId: string;
  /** The id of the policy that decided. */
  readonly route: string;
  /** Who the request was taken for; `null`: nobody that is known. */
  readonly principal: Principal | null;
  readonly method: string;
  readonly status: number;
  /** The client's; `null`: it was not found. */
  readonly address: string | null;
  /** Names the secret that was shown; `null`: none was, or it was a JWT. */
  readonly secret: string | null;
}

/** What the answer to an admitted request says of it. */
export interface Admitted extends Counted {
  readonly allow: true;
  readonly principal: Principal;
  readonly assertion: string;
  readonly verdict: Allow;
}

export type ForwardVerdict = Admitted | (Counted & { readonly allow: false; readonly error: GatehouseError });

/** The route of a question that came to no policy. */
export const NO_ROUTE = 'verify';

/** Decides for a reverse proxy whether the request it tells of may reach the app behind it. */
export class ForwardAuth {
  readonly #o: ForwardAuthOptions;
  /** A route's policy with the scopes of a question, made once for both. */
  readonly #stricter = new WeakMap<Question, WeakMap<Policy, Policy>>();

  constructor(options: ForwardAuthOptions) {
    this.#o = options;
  }

  /** A promise only where a JWT was never seen before or an assertion is not at hand: nearly never. */
  ask(request: IncomingMessage, headers: HeaderFacts, question: Question): ForwardVerdict | Promise<ForwardVerdict> {
    const requestId = newRequestId();
    const { rawHeaders, socket } = request;
    const peerAddress = socket.remoteAddress;
    if (!this.#o.clients.trustsPeer(peerAddress)) {
      return this.#untrusted(request, requestId, 'this address is not in TRUST_PROXY');
    }
    const asked = question.dialect === 'nginx' ? readOriginal(headers) : readForwarded(headers);
    if ('fault' in asked) return this.#untrusted(request, requestId, asked.fault);

    const policy = this.#policyFor(asked, question);
    const facts: RequestFacts = {
      door: 'tcp',
      peerAddress,
      rawHeaders,
      headers,
      method: asked.method,
      requestId,
      named: namedBy(question),
      // Looked for once, for what comes before the decision and for the decision.
      credential: findCredential(headers, policy.slots),
    };
    const unchecked = this.#o.guard.prepare(facts, policy);
    if (unchecked !== null) return unchecked.then(() => this.#decide(facts, policy, asked.host));
    return this.#decide(facts, policy, asked.host);
  }

  #decide(facts: RequestFacts, policy: Policy, host: string): ForwardVerdict | Promise<ForwardVerdict> {
    const verdict = this.#o.guard.decide(facts, policy);
    const { requestId, method } = facts;
    const route = policy.id;
    if (!verdict.allow) {
      const { principal, address, secret, error } = verdict;
      return { allow: false, requestId, route, principal, method, status: error.status, address, secret, error };
    }
    const assertion = this.#o.assertions.current(verdict.principal, host);
    if (typeof assertion === 'string') return allowed(verdict, requestId, route, method, assertion);
    return assertion.then((signed) => allowed(verdict, requestId, route, method, signed));
  }

  #policyFor({ method, target, host }: Forwarded, question: Question): Policy {
    const policy = this.#o.upstream.match(method, target, host);
    if (question.scopes.length === 0) return policy;
    let known = this.#stricter.get(question);
    if (known === undefined) {
      known = new WeakMap();
      this.#stricter.set(question, known);
    }
    let stricter = known.get(policy);
    if (stricter === undefined) {
      stricter = { ...policy, scopes: [...new Set([...policy.scopes, ...question.scopes])] };
      known.set(policy, stricter);
    }
    return stricter;
  }

  /** Nobody but a trusted proxy may say what was asked for: a caller who could would choose its own policy. */
  #untrusted({ socket, method }: IncomingMessage, requestId: string, why: Unforwarded['fault']): ForwardVerdict {
    const error = new GatehouseError(
      'UNTRUSTED_PROXY',
      `Only a proxy in TRUST_PROXY that sends what was asked for may ask here: ${why}.`,
    );
    const asked = { requestId, method: method ?? 'GET', route: NO_ROUTE };
    this.#o.refusals.refuse({
      ...asked,
      code: error.code,
      reason: 'untrusted-proxy',
      actor: 'unknown',
      organizationId: null,
      address: socket.remoteAddress ?? 'unknown',
    });
    const { status } = error;
    const address = socket.remoteAddress ?? null;
    return { ...asked, allow: false, principal: null, status, address, secret: null, error };
  }
}

function allowed(verdict: Allow, requestId: string, route: string, method: string, assertion: string): ForwardVerdict {
  const { principal, address, secret } = verdict;
  return { allow: true, requestId, route, principal, method, status: 204, address, secret, assertion, verdict };
}

/** Name, value, name, value … for the answer. */
export function admittedHeaders({ principal, requestId, assertion, verdict }: Admitted): string[] {
  return identityHeaders(principal, requestId, assertion).concat('Cache-Control', 'no-store', rateHeaders(verdict));
}

/** The same as lines of a head, each with its line end. */
export function admittedLines({ principal, requestId, assertion, verdict }: Admitted): string {
  let lines = `${identityLines(principal, requestId, assertion)}Cache-Control: no-store\r\n`;
  if (verdict.rate === null) return lines;
  const rate = rateHeaders(verdict);
  for (let at = 0; at < rate.length; at += 2) lines += `${rate[at]}: ${rate[at + 1]}\r\n`;
  return lines;
}

function namedBy({ organizationId }: Question): NamedIds | null {
  return organizationId === null ? null : { organizationId };
}
