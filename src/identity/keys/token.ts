import { crc32 } from 'node:zlib';
import type { Environment } from '../../contract/fields.js';
import { randomBase62, toBase62 } from '../../kernel/base62.js';

/** 32 random bytes in base62. */
const RANDOM_CHARACTERS = 43;
const CHECKSUM_CHARACTERS = 6;

/** How keys of this instance begin: `KEY_PREFIX`, `^[a-z][a-z0-9]{1,15}$`. */
export type Brand = string;

/** Development and staging keys say `test`, production keys `live`. */
export function modeOf(environment: Environment): 'test' | 'live' {
  return environment === 'production' ? 'live' : 'test';
}

/** A new token: `<brand>_<type>_<test|live>_<43 base62><6 base62 checksum>`, see docs/keys.md. */
export function newToken(brand: Brand, type: string, environment: Environment): string {
  const body = `${brand}_${type}_${modeOf(environment)}_${randomBase62(32)}`;
  return body + checksumOf(body);
}

/** CRC-32 of everything before it, the prefix too, so that a swapped type or environment fails. */
function checksumOf(body: string): string {
  return toBase62(BigInt(crc32(body)), CHECKSUM_CHARACTERS);
}

/**
 * What an unknown token's form says, for its sender. For typos and words only: never for trust, and never asked
 * of a digest the file knows.
 */
export function describeForm(brand: Brand, presentedKey: string): string | null {
  if (!presentedKey.startsWith(`${brand}_`)) return null;
  const form = new RegExp(
    `^${brand}_[a-z]+_(?:test|live)_[0-9A-Za-z]{${RANDOM_CHARACTERS}}[0-9A-Za-z]{${CHECKSUM_CHARACTERS}}$`,
  );
  if (!form.test(presentedKey))
    return 'The key is not whole: it begins like a key of this instance but has another length or form.';
  const body = presentedKey.slice(0, -CHECKSUM_CHARACTERS);
  if (checksumOf(body) !== presentedKey.slice(-CHECKSUM_CHARACTERS)) {
    return 'The checksum of the key is wrong: a character was changed, lost or mistyped. Copy it again.';
  }
  return null;
}

/** The first characters that may be shown: the prefix and four random ones. */
export function visibleStart(token: string): string {
  return token.slice(0, token.lastIndexOf('_') + 5);
}
