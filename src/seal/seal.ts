import { createHash } from 'node:crypto';
import { GatehouseError } from '../kernel/errors.js';

/** Why the vault is locked: what an operator needs to unlock it. Fingerprints may be printed, keys never. */
export interface SealLock {
  /** Fingerprint of the key that values are sealed under; `unknown` when none was ever recorded. */
  readonly wanted: string;
  /** Fingerprint of the key that was given or found; null: none, or not readable as a key. */
  readonly found: string | null;
  /** What to do, in one sentence, for the log and for operators: it names files. */
  readonly remedy: string;
}

/** Seals values at rest under the instance key. */
export interface Seal {
  /** null when usable; otherwise why not. It does not change while the process runs. */
  readonly locked: SealLock | null;
  /** Fingerprint of the key that seals: 16 hex characters; null while locked. It changes when the key is rotated. */
  readonly fingerprint: string | null;
  /**
   * A Fernet token of `plaintext`, bound to `context`: Fernet has no associated data, so without this a token
   * could be moved to another record unnoticed.
   * @param context - where the value belongs, for example `credential/cred_1/apiKey`; at most 65,535 bytes
   * @throws GatehouseError `VAULT_LOCKED`
   */
  seal(context: string, plaintext: Buffer): string;
  /**
   * Opens what `seal` made for the same context; its age is not looked at.
   * @throws GatehouseError `VAULT_LOCKED` while locked; `INTERNAL` when the token was changed, moved from another
   *   context or sealed under another key, all alike: the record on disk is damaged, no caller can mend it
   */
  open(context: string, token: string): Buffer;
  /**
   * The same value sealed under the key that seals now; `null` when it is already. Whoever keeps sealed values has to
   * offer this for all of them (`resealers` in gatehouse.ts), or they are lost when the instance key is rotated.
   * @throws as `open`
   */
  renew(context: string, token: string): string | null;
  /**
   * 32 bytes derived from the instance key for one purpose (HKDF-SHA256): the same at every start, until the key is
   * rotated.
   * @throws GatehouseError `VAULT_LOCKED`
   */
  derive(purpose: string): Buffer;
}

/** What became of the values of one room when they were sealed anew. */
export interface Resealed {
  readonly renewed: number;
  /** They open under no key that is known, and stayed as they are. */
  readonly unreadable: number;
}

/** A printable name for a key: the first 16 hex characters of SHA-256(`gatehouse-key-fingerprint` + key). */
export function fingerprintOf(key: Buffer): string {
  return createHash('sha256').update('gatehouse-key-fingerprint').update(key).digest('hex').slice(0, 16);
}

/** A seal whose every use is refused with the wanted fingerprint. */
export function lockedSeal(locked: SealLock): Seal {
  const refuse = () => refuseLocked(locked);
  return { locked, fingerprint: null, seal: refuse, open: refuse, renew: refuse, derive: refuse };
}

/** @throws GatehouseError `VAULT_LOCKED` naming the wanted fingerprint */
export function refuseLocked(locked: SealLock): never {
  throw new GatehouseError(
    'VAULT_LOCKED',
    `The instance key with fingerprint ${locked.wanted} is wanted. An operator has to give it back (MASTER_KEY, or the master.key file of this instance) and start Gatehouse again.`,
  );
}

/** Layout of the sealed bytes: 2 bytes big-endian length of the context, the context, then the value. */
export function boundTo(context: string): Buffer {
  const text = Buffer.from(context, 'utf8');
  if (text.length > 0xffff) throw new RangeError('a seal context is at most 65,535 bytes');
  const length = Buffer.alloc(2);
  length.writeUInt16BE(text.length);
  return Buffer.concat([length, text]);
}

export function notOpening(cause: unknown): GatehouseError {
  return new GatehouseError(
    'INTERNAL',
    'A sealed value does not open: it was changed, moved, or sealed under another key. Enter it again or restore a backup.',
    { cause },
  );
}
