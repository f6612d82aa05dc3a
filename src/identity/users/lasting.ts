import { GatehouseError } from '../../kernel/errors.js';
import type { Actor } from '../../kernel/principal.js';

/**
 * Accounts last, and an operator's holds everything: a token of fifteen minutes, traded for a few scopes, must not make
 * one or open one (K11).
 * @throws GatehouseError `FORBIDDEN`
 */
export function requireLasting({ bounds }: Actor): void {
  if (bounds.principal.traded)
    throw new GatehouseError('FORBIDDEN', 'A traded token makes and opens no accounts: send the key itself.');
}
