import type { RateLimit } from '../contract/fields.js';
import { sha256 } from '../kernel/digest.js';
import { GatehouseError } from '../kernel/errors.js';
import { ANONYMOUS, LOCAL, modesOf, type Principal } from '../kernel/principal.js';
import { missingScopes } from '../kernel/scopes.js';
import { authenticate } from './authenticate.js';
import { boundsFor } from './bounds.js';
import type { Client } from './client-ip.js';
import { countRequest } from './count.js';
import { findCredential, type HeaderFacts, readHeaders } from './credential.js';
import { addressNotAllowed, endedSession, invalidKey, missingKey, missingScope, tooManyFailures } from './denial.js';
import { placePrincipal } from './place.js';
import type { Policy } from './policy.js';
import { countHit, type RateState, rateState } from './rate-limit.js';
import { findSessionCookie, foreignOrigin, mayChange } from './session.js';
import type { Step, Trace } from './trace.js';
import type { Allow, GuardOptions, Purpose, RequestFacts } from './verdict.js';

/** Failed attempts from one address before 429 answers instead of 401. Keys of ours cannot be guessed; env keys may be weak. */
export const FAILURES: RateLimit = { requests: 60, windowSeconds: 60 };

/** One decision under way, step by step. Steps throw what they refuse with; `step` says where that was. */
export class Decision {
  step: Step = 'address';
  /** A finer reason than the step, for the audit. */
  reason: string | null = null;
  client: Client | null = null;
  principal: Principal | null = null;

  #secret: string | null = null;
  readonly #o: GuardOptions;
  readonly #facts: RequestFacts;
  readonly #policy: Policy;
  readonly #purpose: Purpose;
  readonly #trace: Trace | undefined;

  constructor(options: GuardOptions, facts: RequestFacts, policy: Policy, purpose: Purpose, trace: Trace | undefined) {
    this.#o = options;
    this.#facts = facts;
    this.#policy = policy;
    this.#purpose = purpose;
    this.#trace = trace;
  }

  decide(): Allow {
    if (this.#facts.door === 'socket') return this.#decideLocal();
    if (this.#policy.health)
      return {
        allow: true,
        principal: ANONYMOUS,
        address: this.#facts.peerAddress ?? 'unknown',
        secret: null,
        rate: null,
      };
    const nowMs = this.#o.clock.nowMs();
    const headers = this.#facts.headers ?? readHeaders(this.#facts.rawHeaders);
    const client = this.#findClient(headers);
    const principal = this.#place(this.#findPrincipal(headers, client, nowMs));
    this.#checkBounds(principal);
    this.#checkMode(principal);
    const rate = this.#countRequest(principal, client, nowMs);
    this.#checkScopes(principal);
    return { allow: true, principal, address: client.address, secret: this.#secret, rate };
  }

  /** The socket's file mode is the credential: whoever can open it owns the files. Steps 1 to 4 and 7 say nothing. */
  #decideLocal(): Allow {
    this.principal = LOCAL;
    this.#trace?.add('authenticate', 'pass', 'the command socket: local, the owner of the files');
    this.#checkBounds(LOCAL);
    this.#checkMode(LOCAL);
    return { allow: true, principal: LOCAL, address: 'socket', secret: null, rate: null };
  }

  /** Steps 1 and 2. */
  #findClient(headers: HeaderFacts): Client {
    if (this.#o.clients.readsHeaders && headers.realIpTwice) {
      throw new GatehouseError('BAD_REQUEST', 'X-Real-IP was sent twice.');
    }
    const client = this.#o.clients.resolve(this.#facts.peerAddress, headers.forwardedFor, headers.realIp);
    if (client === null)
      throw new GatehouseError('BAD_REQUEST', 'The client address in X-Forwarded-For or X-Real-IP is not an address.');
    this.client = client;
    this.#trace?.add('address', 'pass', `${client.address}, from ${client.how}`);

    this.step = 'allowlist';
    if (client.refusedBy !== null) throw addressNotAllowed(client.address, client.refusedBy);
    this.#trace?.add('allowlist', 'pass', `${client.address} may come in`);
    return client;
  }

  /** Steps 3 and 4, and the key's own addresses of step 5, which only a key can have. */
  #findPrincipal(headers: HeaderFacts, client: Client, nowMs: number): Principal {
    this.step = 'credential';
    const isPublic = this.#policy.authModes.includes('public');
    const credential = findCredential(headers, this.#policy.slots);
    if (credential.kind === 'ambiguous') throw new GatehouseError('AMBIGUOUS_CREDENTIALS', credential.detail);
    if (credential.kind === 'none') {
      const user = this.#findSession(client, nowMs, isPublic);
      if (user !== null) return user;
      this.#trace?.add('credential', 'pass', 'none presented');
      this.step = 'authenticate';
      if (!isPublic) {
        this.reason = 'missing';
        throw missingKey();
      }
      return this.#becomes(ANONYMOUS, 'anonymous: the route is public');
    }
    this.#trace?.add('credential', 'pass', credential.slot === 'bearer' ? 'Authorization: Bearer' : 'x-api-key');

    this.step = 'authenticate';
    const found = authenticate(credential.presentedKey, this.#o.keys, this.#o.envKeys, this.#o.tokens, nowMs);
    if (found.kind === 'refused') {
      this.reason = found.reason;
      // On a public route a credential that fails counts as none.
      if (isPublic) return this.#becomes(ANONYMOUS, `anonymous: ${found.detail}`);
      this.#countFailure(client, nowMs);
      throw invalidKey(found.detail);
    }
    if (this.#purpose === 'decide' && found.secret !== null)
      this.#o.lastUsed.touch(found.secret, nowMs, client.address);
    this.#secret = found.secret;
    this.principal = found.principal;
    this.#trace?.add('authenticate', 'pass', `${found.principal.id}, known by ${found.source}`);

    this.step = 'bounds';
    if (found.addresses !== null && !found.addresses.has(client.address)) {
      this.reason = 'key-address';
      throw new GatehouseError(
        'FORBIDDEN',
        `This key may not be used from ${client.address}: its own address list does not hold it.`,
      );
    }
    return found.principal;
  }

  /** The cookie of a signed-in user, where no header holds a credential; a change must come from a page of ours. */
  #findSession(client: Client, nowMs: number, isPublic: boolean): Principal | null {
    const { sessions, sessionRules, clients } = this.#o;
    const { rawHeaders, method, peerAddress } = this.#facts;
    if (!this.#policy.slots.includes('session')) return null;
    const cookie = findSessionCookie(rawHeaders, sessionRules.cookieName);
    if (cookie === null) return null;
    this.#trace?.add('credential', 'pass', 'the session cookie');
    this.step = 'authenticate';
    const found = sessions.find(sha256(cookie), nowMs);
    if (found === undefined) {
      this.reason = 'session-ended';
      if (isPublic) return null;
      throw endedSession();
    }
    if (mayChange(method, rawHeaders)) {
      const fault = foreignOrigin(rawHeaders, clients.trustsPeer(peerAddress), sessionRules);
      // What an app does for nobody in particular may be asked from anywhere, but not in somebody's name.
      if (fault !== null && isPublic) return null;
      if (fault !== null) throw fault;
    }
    if (this.#purpose === 'decide') sessions.touch(found.sessionId, nowMs, client.address);
    return this.#becomes(found.principal, `${found.principal.id}, signed in`);
  }

  /** Step 5, for users: in which organization they act. */
  #place(principal: Principal): Principal {
    this.step = 'bounds';
    if (principal.person === null) return principal;
    const { named, inBody } = this.#facts;
    const pending = this.#policy.readsBody && this.#purpose === 'decide';
    const placed = placePrincipal(principal, { ...inBody, ...named }, this.#policy, this.#o.workspaces, pending);
    this.principal = placed;
    return placed;
  }

  #becomes(principal: Principal, words: string): Principal {
    this.principal = principal;
    this.#trace?.add('authenticate', 'pass', words);
    return principal;
  }

  /** A valid key is never throttled for others' failures behind the same address: only failures pass here. */
  #countFailure(client: Client, nowMs: number): void {
    if (this.#purpose !== 'decide') return;
    const window = this.#o.windows.window(`f:${client.bucket}`, FAILURES.windowSeconds * 1000, nowMs);
    if (countHit(window, FAILURES, nowMs)) return;
    this.reason = 'too-many-failures';
    throw tooManyFailures(rateState(window, FAILURES, nowMs).resetSeconds);
  }

  /** Step 5. */
  #checkBounds(principal: Principal): void {
    this.step = 'bounds';
    const { environment } = this.#o;
    if (environment !== null && principal.environment !== null && principal.environment !== environment) {
      this.reason = 'environment';
      throw new GatehouseError(
        'FORBIDDEN',
        `This key is for ${principal.environment}; this instance admits ${environment} keys only.`,
      );
    }
    if (this.#facts.named !== null) boundsFor(principal, this.#o).require(this.#facts.named);
    this.#trace?.add('bounds', 'pass', 'address list, environment, organization and workspace');
  }

  /** Step 6. */
  #checkMode(principal: Principal): void {
    this.step = 'mode';
    const accepted = this.#policy.authModes;
    if (this.#policy.closed !== undefined) throw this.#policy.closed();
    if (this.#policy.operatorOnly && !principal.operator) {
      throw new GatehouseError(
        'FORBIDDEN',
        'This route is for operators: ADMIN_API_KEY, or the command line on the host.',
      );
    }
    if (!accepted.includes('public') && !modesOf(principal).some((mode) => accepted.includes(mode))) {
      throw new GatehouseError(
        'FORBIDDEN',
        `This route accepts ${accepted.join(', ')}; the credential is ${principal.kind}.`,
      );
    }
    this.#trace?.add('mode', 'pass', `${principal.kind} fits ${accepted.join(', ')}`);
  }

  /** Step 7. */
  #countRequest(principal: Principal, client: Client, nowMs: number): RateState | null {
    this.step = 'rate';
    if (!this.#policy.counted) {
      this.#trace?.add('rate', 'skip', 'this route is not counted');
      return null;
    }
    // Its one request was counted when its head came; asked again, the last one allowed would find nothing left.
    if (this.#purpose === 'again') return null;
    const state = countRequest(principal, client, this.#policy, this.#o, nowMs, this.#purpose === 'decide');
    if (state === null) this.#trace?.add('rate', 'skip', 'no limit is set');
    else
      this.#trace?.add(
        'rate',
        'pass',
        `${state.remaining} of ${state.limit.requests} left, anew in ${state.resetSeconds} s`,
      );
    return state;
  }

  /** Step 8. */
  #checkScopes(principal: Principal): void {
    this.step = 'scopes';
    const missing = missingScopes(principal.scopes, this.#policy.scopes);
    if (missing.length > 0) throw missingScope(missing, this.#policy.scopes);
    this.#trace?.add(
      'scopes',
      'pass',
      this.#policy.scopes.length === 0 ? 'none needed' : this.#policy.scopes.join(', '),
    );
  }
}
