import type { Environment, RateLimit } from '../contract/fields.js';
import type { Clock } from '../kernel/clock.js';
import { GatehouseError } from '../kernel/errors.js';
import { ANONYMOUS, isOperator, LOCAL, modesOf, type NamedIds, type Principal } from '../kernel/principal.js';
import { missingScopes } from '../kernel/scopes.js';
import { authenticate } from './authenticate.js';
import { type BoundsLookups, boundsFor } from './bounds.js';
import type { Client, ClientResolver } from './client-ip.js';
import { type Credential, findCredential, type HeaderFacts, readHeaders } from './credential.js';
import { addressNotAllowed, invalidKey, missingKey, missingScope, overLimit, tooManyFailures } from './denial.js';
import type { EnvKeyLookup, KeyLookup, LastUsed, RefusalSink, TokenLookup } from './lookups.js';
import type { Policy, Slot } from './policy.js';
import { countHit, isSpent, type RateState, type RateWindows, rateState } from './rate-limit.js';
import type { Step, Trace } from './trace.js';

/** What a door knows about a request before its body is read. */
export interface RequestFacts {
  /** `socket`: the command socket, whose file mode is the credential. */
  readonly door: 'tcp' | 'socket';
  readonly peerAddress: string | undefined;
  /** Name, value, name, value …, as they came. */
  readonly rawHeaders: readonly string[];
  readonly method: string;
  readonly requestId: string;
  /** Ids named in the path or the query. */
  readonly named: NamedIds | null;
  /** What the door found in slots of its own, instead of those of the policy. */
  readonly credential?: Credential;
}

export interface Allow {
  readonly allow: true;
  readonly principal: Principal;
  /** `socket` for the command socket. */
  readonly address: string;
  /** Names the secret that was shown, as in last-used records; `null`: none was, or it was a JWT. */
  readonly secret: string | null;
  /** What is left of the limit this request was counted against; `null`: it was not counted. */
  readonly rate: RateState | null;
}

export interface Deny {
  readonly allow: false;
  readonly step: Step;
  readonly error: GatehouseError;
}

/** The guard's answer to one request. */
export type Verdict = Allow | Deny;

export interface GuardOptions extends BoundsLookups {
  readonly clients: ClientResolver;
  readonly keys: KeyLookup;
  readonly envKeys: EnvKeyLookup;
  readonly tokens: TokenLookup;
  readonly lastUsed: LastUsed;
  readonly windows: RateWindows;
  readonly refusals: RefusalSink;
  /** `null`: keys of every environment are admitted. */
  readonly environment: Environment | null;
  /** `API_RATE_LIMIT`; `null`: off. */
  readonly defaultLimit: RateLimit | null;
  readonly clock: Clock;
}

/** Failed attempts from one address before 429 answers instead of 401. Keys of ours cannot be guessed; env keys may be weak. */
export const FAILURES: RateLimit = { requests: 60, windowSeconds: 60 };

/**
 * `decide`: counts and notes. `again`: the same request once more when its body has arrived; nothing is counted or
 * noted twice. `explain`: for a trace; limits are looked at and nothing is counted.
 */
export type Purpose = 'decide' | 'again' | 'explain';

const SLOT_WORDS: Readonly<Record<Slot, string>> = {
  'x-api-key': 'x-api-key',
  bearer: 'Authorization: Bearer',
  vendor: "the slot of the vendor's own key",
};

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
    const headers = readHeaders(this.#facts.rawHeaders);
    const client = this.#findClient(headers);
    const principal = this.#findPrincipal(headers, client, nowMs);
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
    if (!client.allowed) throw addressNotAllowed(client.address);
    this.#trace?.add('allowlist', 'pass', `${client.address} may come in`);
    return client;
  }

  /** Steps 3 and 4, and the key's own addresses of step 5, which only a key can have. */
  #findPrincipal(headers: HeaderFacts, client: Client, nowMs: number): Principal {
    this.step = 'credential';
    const isPublic = this.#policy.authModes.includes('public');
    const credential = this.#facts.credential ?? findCredential(headers, this.#policy.slots);
    if (credential.kind === 'ambiguous') throw new GatehouseError('AMBIGUOUS_CREDENTIALS', credential.detail);
    if (credential.kind === 'none') {
      this.#trace?.add('credential', 'pass', 'none presented');
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
    this.#becomes(found.principal, `${found.principal.id}, known by ${found.source}`);

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
    if (this.#policy.operatorOnly && !isOperator(principal)) {
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

  /** Step 7: the key's own limit, else the route's, else the instance's. */
  #countRequest(principal: Principal, client: Client, nowMs: number): RateState | null {
    this.step = 'rate';
    const policy = this.#policy;
    const own = principal.rateLimit;
    const limit = own ?? policy.rateLimit ?? (policy.instanceLimit === false ? null : this.#o.defaultLimit);
    if (!policy.counted || limit === null) {
      this.#trace?.add('rate', 'skip', policy.counted ? 'no limit is set' : 'this route is not counted');
      return null;
    }
    // Its one request was counted when its head came; asked again, the last one allowed would find nothing left.
    if (this.#purpose === 'again') return null;
    const who = principal.kind === 'anonymous' ? client.bucket : principal.id;
    const counter = own === null && policy.rateLimit !== null ? `r:${policy.id}:${who}` : `c:${who}`;
    const counts = this.#purpose === 'decide';
    const window = counts
      ? this.#o.windows.window(counter, limit.windowSeconds * 1000, nowMs)
      : (this.#o.windows.peek(counter) ?? { startMs: nowMs, count: 0 });
    const within = counts ? countHit(window, limit, nowMs) : !isSpent(window, limit, nowMs);
    const state = rateState(window, limit, nowMs);
    if (!within) throw overLimit(state);
    this.#trace?.add('rate', 'pass', `${state.remaining} of ${limit.requests} left, anew in ${state.resetSeconds} s`);
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
