import { sha256 } from '../kernel/digest.js';
import { GatehouseError } from '../kernel/errors.js';
import { ANONYMOUS, LOCAL, type Principal } from '../kernel/principal.js';
import { missingScopes } from '../kernel/scopes.js';
import { type Authentication, authenticate } from './authenticate.js';
import { boundsFor } from './bounds.js';
import type { Client } from './client-ip.js';
import { countForOrganization, countRequest } from './count.js';
import { findCredential, type HeaderFacts, readHeaders } from './credential.js';
import { addressNotAllowed, endedSession, invalidKey, missingKey, missingScope, wrongEnvironment } from './denial.js';
import { countFailure } from './failures.js';
import { outsideOfKey } from './key-bounds.js';
import { requireMode } from './mode.js';
import { placeRequest } from './place.js';
import type { Policy } from './policy.js';
import type { RateState } from './rate-limit.js';
import { findSessionCookie, foreignOrigin, mayChange } from './session.js';
import type { Step, Trace } from './trace.js';
import type { Allow, Assumed, GuardOptions, Purpose, RequestFacts } from './verdict.js';
import { known, noneFound, SLOT_WORDS, withinBounds, withinLimit } from './words.js';

/** Of an explanation that names no address. */
const UNNAMED: Client = { address: 'an address that was not named', bucket: 'unnamed', refusedBy: null };

/** One decision under way, step by step. Steps throw what they refuse with; `step` says where that was. */
export class Decision {
  step: Step = 'address';
  /** A finer reason than the step, for the audit. */
  reason: string | null = null;
  client: Client | null = null;
  principal: Principal | null = null;
  /** What a trace is told of a refusal beside its detail. */
  more: string | null = null;
  /** Names the secret that was shown. */
  secret: string | null = null;

  /** Until the body came it was not known whose organization acts, so nothing was counted for it. */
  #placedByBody = false;
  readonly #o: GuardOptions;
  readonly #facts: RequestFacts;
  readonly #policy: Policy;
  readonly #purpose: Purpose;
  readonly #trace: Trace | undefined;
  readonly #assumed: Assumed | undefined;

  constructor(
    options: GuardOptions,
    facts: RequestFacts,
    policy: Policy,
    purpose: Purpose,
    trace: Trace | undefined,
    assumed: Assumed | undefined,
  ) {
    this.#o = options;
    this.#facts = facts;
    this.#policy = policy;
    this.#purpose = purpose;
    this.#trace = trace;
    this.#assumed = assumed;
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
    return { allow: true, principal, address: client.address, secret: this.secret, rate };
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
    if (this.#assumed?.address !== undefined) return this.#takeClient(this.#assumed.address);
    const { clients } = this.#o;
    const { peerAddress } = this.#facts;
    if (clients.readsHeaders && headers.realIpTwice) {
      throw new GatehouseError('BAD_REQUEST', 'X-Real-IP was sent twice.');
    }
    const client = clients.resolve(peerAddress, headers.forwardedFor, headers.realIp);
    const told = this.#trace && clients.tell(peerAddress, headers.forwardedFor, headers.realIp);
    if (client === null) {
      this.more = told ?? null;
      throw new GatehouseError('BAD_REQUEST', 'The client address in X-Forwarded-For or X-Real-IP is not an address.');
    }
    this.client = client;
    this.#trace?.add('address', 'pass', `${client.address}: ${told}`);
    this.#checkAllowlist(client);
    return client;
  }

  /** The client of an explanation, as its asker names it. */
  #takeClient(address: string | null): Client {
    if (address === null) {
      this.#trace?.add('address', 'skip', 'none was named');
      this.#trace?.add('allowlist', 'skip', 'no address was named');
      return UNNAMED;
    }
    const client = this.#o.clients.clientAt(address);
    this.client = client;
    this.#trace?.add('address', 'pass', `${address}, as it was named`);
    if (this.#assumed?.showsLists === false)
      this.#trace?.add('allowlist', 'skip', 'only operators are told what the lists of this instance hold');
    else this.#checkAllowlist(client);
    return client;
  }

  #checkAllowlist({ address, refusedBy }: Client): void {
    this.step = 'allowlist';
    if (refusedBy !== null) throw addressNotAllowed(address, refusedBy);
    this.#trace?.add('allowlist', 'pass', this.#o.clients.tellLists(address));
  }

  /** Steps 3 and 4, and the key's own addresses of step 5, which only a key can have. */
  #findPrincipal(headers: HeaderFacts, client: Client, nowMs: number): Principal {
    this.step = 'credential';
    const isPublic = this.#policy.authModes.includes('public');
    const shown = this.#assumed?.shown;
    if (shown !== undefined) {
      this.#trace?.add('credential', 'pass', 'as if it were shown');
      this.step = 'authenticate';
      return this.#takeKey(shown, client, nowMs, isPublic);
    }
    const credential = this.#facts.credential ?? findCredential(headers, this.#policy.slots);
    if (credential.kind === 'ambiguous') throw new GatehouseError('AMBIGUOUS_CREDENTIALS', credential.detail);
    if (credential.kind === 'none') {
      const user = this.#findSession(client, nowMs, isPublic);
      if (user !== null) return user;
      this.#trace?.add('credential', 'skip', noneFound(headers, this.#policy));
      this.step = 'authenticate';
      if (!isPublic) {
        this.reason = 'missing';
        throw missingKey();
      }
      return this.#becomes(ANONYMOUS, 'anonymous: the route is public');
    }
    this.#trace?.add('credential', 'pass', SLOT_WORDS[credential.slot]);

    this.step = 'authenticate';
    const found = authenticate(credential.presentedKey, this.#o.keys, this.#o.envKeys, this.#o.tokens, nowMs);
    return this.#takeKey(found, client, nowMs, isPublic);
  }

  #takeKey(found: Authentication, client: Client, nowMs: number, isPublic: boolean): Principal {
    if (found.kind === 'refused') {
      // On a public route a credential that fails counts as none.
      if (isPublic) return this.#becomes(ANONYMOUS, `anonymous: ${found.detail}`);
      this.principal = found.principal;
      this.reason = 'too-many-failures';
      if (this.#purpose !== 'again') countFailure(client, this.#o.windows, nowMs, this.#purpose === 'decide');
      this.reason = found.reason;
      throw invalidKey(found.detail);
    }
    if (this.#purpose === 'decide' && found.secret !== null)
      this.#o.lastUsed.touch(found.secret, nowMs, client.address);
    this.secret = found.secret;
    this.principal = found.principal;
    this.#trace?.add('authenticate', 'pass', known(found));

    this.step = 'bounds';
    const outside = outsideOfKey(found, client === UNNAMED ? null : client.address, this.#facts.rawHeaders);
    if (outside !== null) {
      this.reason = outside.reason;
      throw outside.error;
    }
    return found.principal;
  }

  /** The cookie of a signed-in user, where no header holds a credential; a change must come from a page of ours. */
  #findSession(client: Client, nowMs: number, isPublic: boolean): Principal | null {
    const { sessions, sessionRules, clients } = this.#o;
    const { rawHeaders, method, peerAddress } = this.#facts;
    if (!this.#policy.slots.includes('session')) return null;
    const cookie = this.#findCookie(isPublic);
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

  /** A planted second cookie must not keep anybody from signing in: on a public route both count as none. */
  #findCookie(isPublic: boolean): string | null {
    try {
      return findSessionCookie(this.#facts.rawHeaders, this.#o.sessionRules.cookieName);
    } catch (error) {
      if (isPublic) return null;
      throw error;
    }
  }

  /** Step 5, for users: in which organization they act. */
  #place(principal: Principal): Principal {
    this.step = 'bounds';
    if (principal.person === null) return principal;
    const { placed, byBody } = placeRequest(principal, this.#facts, this.#policy, this.#o.workspaces, this.#purpose);
    this.#placedByBody = byBody;
    this.principal = placed;
    return placed;
  }

  #becomes(principal: Principal, words: string): Principal {
    this.principal = principal;
    this.#trace?.add('authenticate', 'pass', words);
    return principal;
  }

  /** Step 5. */
  #checkBounds(principal: Principal): void {
    this.step = 'bounds';
    const { environment } = this.#o;
    if (environment !== null && principal.environment !== null && principal.environment !== environment) {
      this.reason = 'environment';
      throw wrongEnvironment(principal.environment, environment);
    }
    if (this.#facts.named !== null) boundsFor(principal, this.#o).require(this.#facts.named);
    this.#trace?.add(
      'bounds',
      'pass',
      withinBounds(principal, this.client?.address ?? null, environment, this.#facts.named),
    );
  }

  /** Step 6. */
  #checkMode(principal: Principal): void {
    this.step = 'mode';
    const accepted = this.#policy.authModes;
    if (this.#policy.closed !== undefined) throw this.#policy.closed();
    requireMode(principal, this.#policy);
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
    if (this.#purpose === 'again') {
      if (this.#placedByBody) countForOrganization(principal, this.#o, nowMs, true);
      return null;
    }
    const state = countRequest(principal, client, this.#policy, this.#o, nowMs, this.#purpose === 'decide');
    if (state === null) this.#trace?.add('rate', 'skip', 'no limit is set');
    else this.#trace?.add('rate', 'pass', withinLimit(state, principal, this.#policy));
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
