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
  async trade(by: Actor, request: TradeKey): Promise<AccessToken> {
    const { principal } = by.bounds;
    if (principal.traded || principal.kind === 'local') {
      throw new GatehouseError('FORBIDDEN', 'Only a key can be traded for a token: send the key itself.');
    }
    const endsAtMs = this.#o.holders.holderOf(principal.id)?.endsAtMs ?? principal.expiresAtMs;
    const minted = await this.#o.accessTokens.mint({ principal, endsAtMs }, request);
    await this.#o.audit.record({
      action: 'token.trade',
      actor: principal.id,
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
    return audited(this.#o.audit, by, { action: 'signing-key.rotate', target: null }, async () => {
      const { id } = await this.#o.signingKeys.rotate();
      return { kid: id };
    });
  }
}
