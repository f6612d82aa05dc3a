import { errors, jwtVerify, SignJWT } from 'jose';
import * as z from 'zod';
import { MAX_TTL_SECONDS } from '../../contract/tokens.js';
import type { AddressSet } from '../../kernel/addresses.js';
import type { Clock } from '../../kernel/clock.js';
import { sha256 } from '../../kernel/digest.js';
import { GatehouseError } from '../../kernel/errors.js';
import { newId } from '../../kernel/ids.js';
import type { Principal } from '../../kernel/principal.js';
import { holdsScope, missingScopes } from '../../kernel/scopes.js';
import { ASSERTION_TYPE } from './assertions.js';
import { boundClaims } from './bound-claims.js';
import { ALGORITHM, type SigningKeys } from './signing-keys.js';

/** `typ` of tokens that Gatehouse itself accepts (RFC 9068). */
export const ACCESS_TOKEN_TYPE = 'at+jwt';

/** Who a token speaks for, as it is now: tokens are checked against it at every use. */
export interface Holder {
  readonly principal: Principal;
  readonly revoked: boolean;
  readonly endsAtMs: number | null;
  readonly addresses: AddressSet | null;
}

export interface Holders {
  /** The key or environment key that a token names, by its secret where it has several; `undefined`: gone. */
  holderOf(subject: string, secretCreatedAt: string | null): Holder | undefined;
  /** What names the secret that was shown; `null` for keys of the environment, which have one only. */
  secretCreatedAt(subject: string, secret: string): string | null;
}

const Claims = z.object({
  sub: z.string(),
  exp: z.number(),
  jti: z.string(),
  scope: z.string(),
  secret_created_at: z.string().nullable(),
});
type Claims = z.infer<typeof Claims>;

export interface AccessTokensOptions {
  readonly signingKeys: SigningKeys;
  readonly holders: Holders;
  /** Who we are in `iss`, and in `aud` of tokens for us. Never taken from a request. */
  readonly issuer: string;
  readonly clock: Clock;
}

export interface MintedToken {
  readonly token: string;
  readonly expiresInSeconds: number;
  readonly scopes: readonly string[];
}

/** A token whose signature was checked, and whom it speaks for as long as its key stays as it is. */
interface Verified {
  readonly claims: Claims;
  readonly kid: string;
  narrowed: { readonly from: Principal; readonly endsAtMs: number | null; readonly principal: Principal } | null;
}

/** Tokens whose signature was checked, by digest. Bounds memory; a token beyond it is checked again. */
const KNOWN_TOKENS = 10_000;

/** Short JWTs that stand for a key: minted here, checked here or by anybody who has our JWKS. */
export class AccessTokens {
  readonly #o: AccessTokensOptions;
  readonly #verified = new Map<string, Verified>();

  constructor(options: AccessTokensOptions) {
    this.#o = options;
  }

  /**
   * Trades a credential for a token of the same bounds or fewer.
   * @param options.audience - the host of an app it is for; left out, us. A token for somebody else is an assertion,
   *   and not accepted here.
   * @throws GatehouseError `FORBIDDEN` for scopes the holder lacks, `CONFLICT` when the key ends at once
   */
  async mint(
    holder: Pick<Holder, 'principal' | 'endsAtMs'> & { readonly secretCreatedAt: string | null },
    options: {
      readonly ttlSeconds: number;
      readonly scopes?: readonly string[] | undefined;
      readonly audience?: string | undefined;
    },
  ): Promise<MintedToken> {
    const { principal, endsAtMs, secretCreatedAt } = holder;
    const scopes = options.scopes ?? [...principal.scopes];
    const missing = missingScopes(principal.scopes, scopes);
    if (missing.length > 0)
      throw new GatehouseError('FORBIDDEN', `scopes: this credential does not hold ${missing.join(', ')}.`);
    const nowSeconds = Math.floor(this.#o.clock.nowMs() / 1000);
    const keyEnds = endsAtMs === null ? Number.POSITIVE_INFINITY : Math.floor(endsAtMs / 1000);
    const expiresAt = Math.min(nowSeconds + Math.min(options.ttlSeconds, MAX_TTL_SECONDS), keyEnds);
    if (expiresAt <= nowSeconds)
      throw new GatehouseError('CONFLICT', 'This key ends now; there is no time left for a token.');
    const { kid, privateKey } = await this.#o.signingKeys.signer();
    const token = await new SignJWT({
      scope: scopes.join(' '),
      secret_created_at: secretCreatedAt,
      ...boundClaims(principal),
    })
      .setProtectedHeader({
        alg: ALGORITHM,
        typ: options.audience === undefined ? ACCESS_TOKEN_TYPE : ASSERTION_TYPE,
        kid,
      })
      .setIssuer(this.#o.issuer)
      .setAudience(options.audience ?? this.#o.issuer)
      .setSubject(principal.id)
      .setJti(newId('jti'))
      .setIssuedAt(nowSeconds)
      .setNotBefore(nowSeconds)
      .setExpirationTime(expiresAt)
      .sign(privateKey);
    return { token, expiresInSeconds: expiresAt - nowSeconds, scopes };
  }

  /** Whether a presented credential has the form of a JWT. */
  isToken(presented: string): boolean {
    return presented.startsWith('eyJ') && presented.split('.', 4).length === 3;
  }

  /** Whether `check` must run before `find` can answer for this token. */
  isUnchecked(presented: string): boolean {
    return this.isToken(presented) && !this.#verified.has(sha256(presented));
  }

  /**
   * Checks signature, algorithm, type, issuer, audience and times. Never throws: what fails is simply not known to
   * `find`. Nothing of a token is used before this: no `jku`, `x5u` or `jwk`, and `kid` is a look-up in our own list.
   */
  async check(presented: string): Promise<void> {
    try {
      const { payload, protectedHeader } = await jwtVerify(
        presented,
        ({ kid }) => {
          const key = kid === undefined ? undefined : this.#o.signingKeys.publicKey(kid);
          if (key === undefined) throw new errors.JWKSNoMatchingKey();
          return key;
        },
        {
          algorithms: [ALGORITHM],
          typ: ACCESS_TOKEN_TYPE,
          issuer: this.#o.issuer,
          audience: this.#o.issuer,
          requiredClaims: ['exp', 'nbf', 'iat', 'sub', 'jti', 'scope'],
          currentDate: new Date(this.#o.clock.nowMs()),
        },
      );
      if (this.#verified.size >= KNOWN_TOKENS) this.#verified.clear();
      const claims = Claims.parse(payload);
      this.#verified.set(sha256(presented), { claims, kid: protectedHeader.kid ?? '', narrowed: null });
    } catch {
      // Every failure is alike: the guard answers 401, and the reason is nobody's business.
    }
  }

  /**
   * Who a checked token speaks for now: the live key's bounds, narrowed to the token's scopes. `undefined` when the
   * token is unknown or over, or its key is gone or revoked: that holds from the next request on.
   */
  find(presented: string): { readonly principal: Principal; readonly addresses: AddressSet | null } | undefined {
    const verified = this.#verified.get(sha256(presented));
    const nowMs = this.#o.clock.nowMs();
    if (verified === undefined || verified.claims.exp * 1000 <= nowMs) return undefined;
    const { claims, kid } = verified;
    // A key that was withdrawn takes with it what it signed, checked before or not.
    if (this.#o.signingKeys.publicKey(kid) === undefined) return undefined;
    const holder = this.#o.holders.holderOf(claims.sub, claims.secret_created_at);
    if (holder === undefined || holder.revoked || (holder.endsAtMs !== null && holder.endsAtMs <= nowMs))
      return undefined;
    // One object for all requests of a token: what is made for a principal (identity, assertion) is found by it.
    if (verified.narrowed?.from !== holder.principal || verified.narrowed.endsAtMs !== holder.endsAtMs) {
      const { principal: from, endsAtMs } = holder;
      verified.narrowed = { from, endsAtMs, principal: narrow(from, claims, endsAtMs) };
    }
    return { principal: verified.narrowed.principal, addresses: holder.addresses };
  }
}

/** The live key's bounds, narrowed to what the token says. */
function narrow(holder: Principal, { scope, exp }: Claims, endsAtMs: number | null): Principal {
  const scopes = scope.split(' ').filter((word) => word !== '' && holdsScope(holder.scopes, word));
  // What it hands out may live no longer than itself: fifteen minutes must not buy a key for ever.
  const expiresAtMs = Math.min(exp * 1000, endsAtMs ?? Number.POSITIVE_INFINITY);
  return { ...holder, scopes: new Set(scopes), expiresAtMs, traded: true };
}
