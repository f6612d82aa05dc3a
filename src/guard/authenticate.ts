import type { AddressSet } from '../kernel/addresses.js';
import { toIso } from '../kernel/clock.js';
import { sha256, sha256Bytes } from '../kernel/digest.js';
import type { Principal } from '../kernel/principal.js';
import type { EnvKeyLookup, KeyLookup, KeyMatch, TokenLookup } from './lookups.js';

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
      /** When what was shown stops working; `null`: never, or it is the environment's. */
      readonly endsAtMs: number | null;
      readonly source: 'api-keys.json' | 'environment' | 'a JWT of ours';
    }
  | {
      readonly kind: 'refused';
      readonly reason: RefusedKey;
      readonly detail: string;
      /** Whose key it was, for the audit and the counts; `null`: nobody's that is known. */
      readonly principal: Principal | null;
    };

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
  if (match !== undefined) return judgeMatch(match, nowMs);
  const env = envKeys.find(sha256Bytes(presentedKey));
  if (env !== undefined) {
    const { principal, fingerprint } = env;
    return { kind: 'known', principal, addresses: null, secret: fingerprint, endsAtMs: null, source: 'environment' };
  }
  if (tokens.isToken(presentedKey)) {
    const token = tokens.find(presentedKey);
    if (token !== undefined) {
      const { principal, addresses } = token;
      const { expiresAtMs } = principal;
      return { kind: 'known', principal, addresses, secret: null, endsAtMs: expiresAtMs, source: 'a JWT of ours' };
    }
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

/** A key that the file knows, as it is now. */
export function judgeMatch(match: KeyMatch, nowMs: number): Authentication {
  const { principal, addresses, endsAtMs, secretDigest } = match;
  if (match.revoked) return refused('revoked', 'This key was revoked. Ask for a new one.', principal);
  if (endsAtMs !== null && nowMs >= endsAtMs) {
    const detail = `This key, or this secret of it, ended at ${toIso(endsAtMs)}. Use its new secret or ask for a new key.`;
    return refused('expired', detail, principal);
  }
  return { kind: 'known', principal, addresses, secret: secretDigest, endsAtMs, source: 'api-keys.json' };
}

function refused(reason: RefusedKey, detail: string, principal: Principal | null = null): Authentication {
  return { kind: 'refused', reason, detail, principal };
}
