import type { Audit } from '../../audit/audit.js';
import { audited } from '../../audit/audited.js';
import type { AccessToken, Jwks, TradeKey } from '../../contract/tokens.js';
import { GatehouseError } from '../../kernel/errors.js';
import type { Actor } from '../../kernel/principal.js';
import type { AccessTokens, Holders } from './access-tokens.js';
import type { SigningKeys } from './signing-keys.js';

export interface TokensOptions {
  readonly accessTokens: AccessTokens;
  readonly signingKeys: SigningKeys;
  readonly holders: Holders;
  readonly audit: Audit;
}

/** Who trades, and the secret that was shown. */
export interface Presenter extends Actor {
  readonly secret: string | null;
}

/** Short JWTs as every door sees them. */
export class Tokens {
  readonly #o: TokensOptions;

  constructor(options: TokensOptions) {
    this.#o = options;
  }

  /**
   * Trades the caller's key for a token. What is no key (a token itself, the command socket) cannot be traded.
   * @throws GatehouseError `FORBIDDEN` for that, and for scopes beyond the key's; `VAULT_LOCKED` when nothing can be signed
   */
  async trade(by: Presenter, request: TradeKey): Promise<AccessToken> {
    const { principal } = by.bounds;
    if (principal.traded || principal.kind === 'local') {
      throw new GatehouseError('FORBIDDEN', 'Only a key can be traded for a token: send the key itself.');
    }
    const { holders, accessTokens } = this.#o;
    const secretCreatedAt = by.secret === null ? null : holders.secretCreatedAt(principal.id, by.secret);
    const holder = holders.holderOf(principal.id, secretCreatedAt);
    if (holder === undefined) throw new GatehouseError('UNAUTHORIZED', 'The key has ended meanwhile.');
    const minted = await accessTokens.mint({ principal, endsAtMs: holder.endsAtMs, secretCreatedAt }, request);
    await this.#o.audit.record({
      action: 'token.trade',
      actor: principal.id,
      organizationId: principal.organizationId,
      address: by.address,
      requestId: by.requestId,
      detail: { seconds: minted.expiresInSeconds, scopes: [...minted.scopes], audience: request.audience ?? null },
    });
    return {
      access_token: minted.token,
      token_type: 'Bearer',
      expires_in: minted.expiresInSeconds,
      scope: minted.scopes.join(' '),
    };
  }

  jwks(): Jwks {
    return { keys: this.#o.signingKeys.published() };
  }

  /** Signs with a new key from now on. Tokens that live go on living: the old key stays published for a day. */
  async rotateSigningKey(by: Actor): Promise<{ kid: string }> {
    return audited(
      this.#o.audit,
      by,
      { action: 'signing-key.rotate', target: null, organizationId: null },
      async () => {
        const { id } = await this.#o.signingKeys.rotate();
        return { kid: id };
      },
    );
  }
}
