import type { AddressSet } from '../kernel/addresses.js';
import { toIso } from '../kernel/clock.js';
import { sha256, sha256Bytes } from '../kernel/digest.js';
import type { Principal } from '../kernel/principal.js';
import type { EnvKeyLookup, KeyLookup, TokenLookup } from './lookups.js';

/** Longer than any key or token of ours; Node stops headers at 16 KB anyway. */
const MAX_KEY_CHARACTERS = 8192;

/** Visible ASCII: what fits a header and what all our keys and tokens are made of. */
const KEY_CHARACTERS = /^[\x21-\x7e]+$/;

/** Who a presented key is, or why it is nobody. */
export type Authentication =
  | {
      readonly kind: 'known';
      readonly principal: Principal;
      /** The addresses the key is good from; `null`: any. */
      readonly addresses: AddressSet | null;
      /** Names the secret in last-used records; `null` for JWTs, whose secret was used when they were traded. */
      readonly secret: string | null;
      readonly source: 'api-keys.json' | 'environment' | 'a JWT of ours';
    }
  | { readonly kind: 'refused'; readonly reason: RefusedKey; readonly detail: string };

export type RefusedKey = 'empty' | 'malformed' | 'unknown' | 'revoked' | 'expired';

/**
 * Looks a presented key up: `api-keys.json` first, then the environment (`ADMIN_API_KEY`, `VALID_API_KEYS`), then
 * JWTs of ours.
 * A digest the file knows is decided by the file: a revoked key does not come back through the environment (K5).
 */
export function authenticate(
  presentedKey: string,
  keys: KeyLookup,
  envKeys: EnvKeyLookup,
  tokens: TokenLookup,
  nowMs: number,
): Authentication {
  if (presentedKey === '') return refused('empty', 'The API key is empty. Is the variable that holds it set?');
  if (presentedKey.length > MAX_KEY_CHARACTERS) return refused('malformed', 'The API key is longer than any key.');
  if (!KEY_CHARACTERS.test(presentedKey)) {
    return refused(
      'malformed',
      'The API key holds a blank, a line break or another character no key has. Copy it again, whole.',
    );
  }
  const match = keys.find(sha256(presentedKey));
  if (match !== undefined) {
    if (match.revoked) return refused('revoked', 'This key was revoked. Ask for a new one.');
    if (match.endsAtMs !== null && nowMs >= match.endsAtMs) {
      return refused(
        'expired',
        `This key, or this secret of it, ended at ${toIso(match.endsAtMs)}. Use its new secret or ask for a new key.`,
      );
    }
    return {
      kind: 'known',
      principal: match.principal,
      addresses: match.addresses,
      secret: match.secretDigest,
      source: 'api-keys.json',
    };
  }
  const env = envKeys.find(sha256Bytes(presentedKey));
  if (env !== undefined) {
    return { kind: 'known', principal: env.principal, addresses: null, secret: env.fingerprint, source: 'environment' };
  }
  if (tokens.isToken(presentedKey)) {
    const token = tokens.find(presentedKey);
    if (token !== undefined) return { kind: 'known', ...token, secret: null, source: 'a JWT of ours' };
    return refused(
      'unknown',
      'This token is over, was not made here, or its key has ended. Trade the key for a new one.',
    );
  }
  return refused(
    'unknown',
    keys.describeUnknown(presentedKey) ?? 'No such key. Check that it is whole and for this instance.',
  );
}

function refused(reason: RefusedKey, detail: string): Authentication {
  return { kind: 'refused', reason, detail };
}
