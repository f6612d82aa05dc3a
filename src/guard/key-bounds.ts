import { HEADER } from '../contract/headers.js';
import type { GatehouseError } from '../kernel/errors.js';
import type { Authentication } from './authenticate.js';
import { notFromHere, notFromThisOrigin } from './denial.js';
import { headerOf } from './session.js';

type Known = Extract<Authentication, { kind: 'known' }>;

/**
 * The lists that only a key can have: addresses and origins it is good from. Origins are compared exactly as browsers
 * send them; whoever is no browser can write any, so that list keeps pages of others out, not programs.
 * @param address - `null`: nobody named one, and then it is not judged
 */
export function outsideOfKey(
  { addresses, principal: { allowedOrigins } }: Known,
  address: string | null,
  rawHeaders: readonly string[],
): { readonly reason: string; readonly error: GatehouseError } | null {
  if (addresses !== null && address !== null && !addresses.has(address))
    return { reason: 'key-address', error: notFromHere(address) };
  if (allowedOrigins.length === 0) return null;
  const origin = headerOf(rawHeaders, HEADER.origin);
  if (origin !== null && allowedOrigins.includes(origin)) return null;
  return { reason: 'key-origin', error: notFromThisOrigin(origin) };
}
