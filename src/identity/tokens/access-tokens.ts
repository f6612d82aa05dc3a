import { errors, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import * as z from 'zod';
import { MAX_TTL_SECONDS } from '../../contract/tokens.js';
import type { AddressSet } from '../../kernel/addresses.js';
import type { Clock } from '../../kernel/clock.js';
import { sha256 } from '../../kernel/digest.js';
import { GatehouseError } from '../../kernel/errors.js';
import { newId } from '../../kernel/ids.js';
import type { Principal } from '../../kernel/principal.js';
import { holdsScope, missingScopes } from '../../kernel/scopes.js';
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
  /** The user that a token names, as long as its session lives; `undefined`: signed out, disabled, deleted. */
  userOf(sessionId: string, userId: string): Principal | undefined;
}

const common = { sub: z.string(), exp: z.number(), jti: z.string(), scope: z.string() };
/** Of a key, by the secret it was traded for; or of a user, by the session. No token is both. */
const Claims = z.union([
  z.object({ ...common, secret_created_at: z.string().nullable(), sid: z.undefined().optional() }),
  z.object({ ...common, sid: z.string(), secret_created_at: z.undefined().optional() }),
]);
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

/** Tokens whose signature was checked, by digest. Bounds memory; a token beyond it is checked again. */
const KNOWN_TOKENS = 10_000;

/** Upstreams read who belongs where; a token must stay far below the 8 KB that a header may take. */
const MAX_MEMBERSHIP_CLAIMS = 50;

/** Short JWTs that stand for a key or for a signed-in user: minted here, checked here or by anybody who has our JWKS. */
export class AccessTokens {
  readonly #o: AccessTokensOptions;
  readonly #verified = new Map<string, Claims & { readonly kid: string }>();

  constructor(options: AccessTokensOptions) {
    this.#o = options;
  }

  /**
   * Trades a credential for a token of the same bounds or fewer.
   * @param options.audience - whom it is for; left out, us. A token for somebody else is not accepted here.
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
    const token = await this.#sign(
      { scope: scopes.join(' '), secret_created_at: secretCreatedAt, ...boundClaims(principal) },
      { subject: principal.id, audience: options.audience, nowSeconds, expiresAt },
    );
    return { token, expiresInSeconds: expiresAt - nowSeconds, scopes };
  }

  /**
   * A token that stands for a signed-in user, for at most 15 minutes and never past the session.
   * @param principal - of the session, placed in no organization
   */
  async mintForUser(
    principal: Principal,
    session: { readonly id: string; readonly expiresAt: string },
  ): Promise<MintedToken> {
    const nowSeconds = Math.floor(this.#o.clock.nowMs() / 1000);
    const expiresAt = Math.min(nowSeconds + MAX_TTL_SECONDS, Math.floor(Date.parse(session.expiresAt) / 1000));
    const memberships = [...(principal.person?.memberships ?? [])];
    const [only] = memberships.length === 1 ? memberships : [];
    const scopes = only === undefined ? [] : [...only[1].scopes];
    const token = await this.#sign(
      {
        scope: scopes.join(' '),
        sid: session.id,
        kind: 'user',
        ...(only === undefined ? {} : { organization_id: only[0] }),
        ...(memberships.length > MAX_MEMBERSHIP_CLAIMS
          ? {}
          : { organizations: Object.fromEntries(memberships.map(([id, { role }]) => [id, role])) }),
      },
      { subject: principal.id, audience: undefined, nowSeconds, expiresAt },
    );
    return { token, expiresInSeconds: expiresAt - nowSeconds, scopes };
  }

  /** @throws GatehouseError `VAULT_LOCKED` when nothing can be signed, before anything was changed for it */
  async requireSigner(): Promise<void> {
    await this.#o.signingKeys.signer();
  }

  async #sign(
    claims: JWTPayload,
    facts: { subject: string; audience: string | undefined; nowSeconds: number; expiresAt: number },
  ): Promise<string> {
    const { kid, privateKey } = await this.#o.signingKeys.signer();
    return new SignJWT(claims)
      .setProtectedHeader({ alg: ALGORITHM, typ: ACCESS_TOKEN_TYPE, kid })
      .setIssuer(this.#o.issuer)
      .setAudience(facts.audience ?? this.#o.issuer)
      .setSubject(facts.subject)
      .setJti(newId('jti'))
      .setIssuedAt(facts.nowSeconds)
      .setNotBefore(facts.nowSeconds)
      .setExpirationTime(facts.expiresAt)
      .sign(privateKey);
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
      this.#verified.set(sha256(presented), { ...Claims.parse(payload), kid: protectedHeader.kid ?? '' });
    } catch {
      // Every failure is alike: the guard answers 401, and the reason is nobody's business.
    }
  }

  /**
   * Who a checked token speaks for now: the live key's bounds, narrowed to the token's scopes, or the user as they are
   * now. `undefined` when the token is unknown or over, or its key or session is gone: that holds from the next request on.
   */
  find(presented: string): { readonly principal: Principal; readonly addresses: AddressSet | null } | undefined {
    const claims = this.#verified.get(sha256(presented));
    const nowMs = this.#o.clock.nowMs();
    if (claims === undefined || claims.exp * 1000 <= nowMs) return undefined;
    // A key that was withdrawn takes with it what it signed, checked before or not.
    if (this.#o.signingKeys.publicKey(claims.kid) === undefined) return undefined;
    if (claims.sid !== undefined) {
      const principal = this.#o.holders.userOf(claims.sid, claims.sub);
      return principal === undefined ? undefined : { principal, addresses: null };
    }
    const holder = this.#o.holders.holderOf(claims.sub, claims.secret_created_at);
    if (holder === undefined || holder.revoked || (holder.endsAtMs !== null && holder.endsAtMs <= nowMs))
      return undefined;
    const scopes = claims.scope
      .split(' ')
      .filter((scope) => scope !== '' && holdsScope(holder.principal.scopes, scope));
    // What it hands out may live no longer than itself: fifteen minutes must not buy a key for ever.
    const expiresAtMs = Math.min(claims.exp * 1000, holder.endsAtMs ?? Number.POSITIVE_INFINITY);
    const principal = { ...holder.principal, scopes: new Set(scopes), expiresAtMs, traded: true };
    return { principal, addresses: holder.addresses };
  }
}

/** The key's other bounds, for upstreams that check the token themselves; Gatehouse asks the live key instead. */
function boundClaims(principal: Principal): Record<string, unknown> {
  return {
    kind: principal.kind,
    organization_id: principal.organizationId,
    workspace_ids: principal.workspaceIds,
    credential_ids: principal.credentialIds,
    ...(principal.environment === null ? {} : { environment: principal.environment }),
    ...(principal.allowedIps.length === 0 ? {} : { allowed_ips: principal.allowedIps }),
  };
}
