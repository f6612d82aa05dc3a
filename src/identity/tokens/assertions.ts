import { SignJWT } from 'jose';
import { NONE } from '../../contract/headers.js';
import type { Clock } from '../../kernel/clock.js';
import { isGatehouseError } from '../../kernel/errors.js';
import { newId } from '../../kernel/ids.js';
import { describeError, type Logger } from '../../kernel/logger.js';
import type { Principal } from '../../kernel/principal.js';
import { boundClaims } from './bound-claims.js';
import { ALGORITHM, type SigningKeys } from './signing-keys.js';

/** `typ` of what apps behind us are shown. Never accepted by us, so it cannot come back as a credential. */
export const ASSERTION_TYPE = 'gatehouse-assertion+jwt';

const LIFE_SECONDS = 60;
/** An assertion is handed out for half its life, so that whoever gets one has the other half to check it. */
const REUSE_MS = 30_000;
/** The next one is signed this long before, so that a caller who comes again and again never waits for one. */
const AHEAD_MS = 10_000;
/** What is kept at once; beyond it, all is signed anew. */
const MAX_KEPT = 20_000;

interface Kept {
  token: string;
  signedAtMs: number;
  signing: Promise<string> | null;
}

export interface AssertionsOptions {
  readonly signingKeys: SigningKeys;
  readonly issuer: string;
  /** Whether assertions may be signed for a host. */
  readonly signsFor: (host: string) => boolean;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Signed statements for apps behind us: who a caller is, for one host and one minute. */
export class Assertions {
  readonly #o: AssertionsOptions;
  /** By host, then by principal: that object is another one as soon as the key's record is. */
  readonly #kept = new Map<string, Map<Principal, Kept>>();
  #size = 0;

  constructor(options: AssertionsOptions) {
    this.#o = options;
  }

  /**
   * The assertion about a caller for an app; `none` for hosts that nobody listed, for anonymous callers and while the
   * vault is locked. A promise only where none is at hand: nothing is signed while a request waits, but the first.
   * @param host - lower case, without port
   */
  current(principal: Principal, host: string): string | Promise<string> {
    if (principal.kind === 'anonymous' || !this.#o.signsFor(host)) return NONE;
    const kept = this.#find(principal, host);
    const ageMs = this.#o.clock.nowMs() - kept.signedAtMs;
    // A clock that was set back makes an assertion of the future: it is not handed out.
    if (ageMs < 0 || ageMs >= REUSE_MS) return this.#sign(kept, principal, host);
    if (ageMs >= REUSE_MS - AHEAD_MS && kept.signing === null) void this.#sign(kept, principal, host);
    return kept.token;
  }

  #find(principal: Principal, host: string): Kept {
    let ofHost = this.#kept.get(host);
    if (ofHost === undefined) {
      ofHost = new Map();
      this.#kept.set(host, ofHost);
    }
    let kept = ofHost.get(principal);
    if (kept === undefined) {
      if (this.#size >= MAX_KEPT) this.#forgetAll();
      kept = { token: NONE, signedAtMs: Number.NEGATIVE_INFINITY, signing: null };
      this.#kept.get(host)?.set(principal, kept);
      this.#size += 1;
    }
    return kept;
  }

  #forgetAll(): void {
    for (const ofHost of this.#kept.values()) ofHost.clear();
    this.#size = 0;
  }

  #sign(kept: Kept, principal: Principal, host: string): Promise<string> {
    kept.signing ??= this.#signNow(kept, principal, host).finally(() => {
      kept.signing = null;
    });
    return kept.signing;
  }

  /** Never rejects: an app that insists on an assertion refuses `none` by itself. */
  async #signNow(kept: Kept, principal: Principal, host: string): Promise<string> {
    const nowMs = this.#o.clock.nowMs();
    try {
      kept.token = await this.#token(principal, host, Math.floor(nowMs / 1000));
    } catch (error) {
      // A locked vault is told at start and by readiness; one line for each refused request would drown it.
      if (!isGatehouseError(error) || error.code !== 'VAULT_LOCKED')
        this.#o.log.warn('no assertion could be signed', describeError(error));
      kept.token = NONE;
    }
    kept.signedAtMs = nowMs;
    return kept.token;
  }

  async #token(principal: Principal, host: string, nowSeconds: number): Promise<string> {
    const { kid, privateKey } = await this.#o.signingKeys.signer();
    return new SignJWT({ scope: [...principal.scopes].join(' '), ...boundClaims(principal) })
      .setProtectedHeader({ alg: ALGORITHM, typ: ASSERTION_TYPE, kid })
      .setIssuer(this.#o.issuer)
      .setAudience(host)
      .setSubject(principal.id)
      .setJti(newId('jti'))
      .setIssuedAt(nowSeconds)
      .setNotBefore(nowSeconds)
      .setExpirationTime(nowSeconds + LIFE_SECONDS)
      .sign(privateKey);
  }
}
