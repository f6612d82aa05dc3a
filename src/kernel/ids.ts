import { randomBase62 } from './base62.js';

/** Prefixes of ids that Gatehouse makes. */
export type IdPrefix = 'key' | 'cred' | 'job' | 'req' | 'own' | 'ins' | 'jti' | 'usr' | 'org' | 'ses' | 'inv';

/** A new id such as `key_` and 22 base62 characters (128 random bits). */
export function newId(prefix: IdPrefix): string {
  return `${prefix}_${randomBase62(16)}`;
}
