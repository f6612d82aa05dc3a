import { hkdfSync } from 'node:crypto';
import type { Clock } from '../kernel/clock.js';
import { FernetError, openFernet, sealFernet } from './fernet.js';
import { boundTo, fingerprintOf, notOpening, type Seal } from './seal.js';

/**
 * A usable seal over 32-byte instance keys: the newest seals, all of them open. Each is a plain Fernet key, so other
 * tools can rescue the data.
 */
export class KeyRing implements Seal {
  readonly locked = null;
  readonly #clock: Clock;
  #newest: Buffer;
  #old: readonly Buffer[];

  constructor(newest: Buffer, old: readonly Buffer[], clock: Clock) {
    this.#newest = newest;
    this.#old = old;
    this.#clock = clock;
  }

  get fingerprint(): string {
    return fingerprintOf(this.#newest);
  }

  /** Every key, newest first. */
  get keys(): readonly Buffer[] {
    return [this.#newest, ...this.#old];
  }

  seal(context: string, plaintext: Buffer): string {
    return sealFernet(this.#newest, Buffer.concat([boundTo(context), plaintext]), this.#clock.nowMs());
  }

  open(context: string, token: string): Buffer {
    return this.#open(context, token).plaintext;
  }

  renew(context: string, token: string): string | null {
    const { plaintext, key } = this.#open(context, token);
    return key === this.#newest ? null : this.seal(context, plaintext);
  }

  derive(purpose: string): Buffer {
    return Buffer.from(hkdfSync('sha256', this.#newest, '', `gatehouse:${purpose}`, 32));
  }

  /** From now on `key` seals, and the ones before it open. */
  promote(key: Buffer): void {
    this.#old = this.keys.filter((other) => !other.equals(key));
    this.#newest = key;
  }

  addOld(key: Buffer): void {
    this.#old = [...this.#old, key];
  }

  forgetOld(): void {
    this.#old = [];
  }

  #open(context: string, token: string): { plaintext: Buffer; key: Buffer } {
    const expected = boundTo(context);
    for (const key of this.keys) {
      const opened = openWith(key, token, this.#clock.nowMs());
      if (opened === null) continue;
      if (!opened.subarray(0, expected.length).equals(expected)) throw notOpening('sealed for another context');
      return { plaintext: opened.subarray(expected.length), key };
    }
    throw notOpening('no key opens it');
  }
}

/** At rest, age says nothing. */
function openWith(key: Buffer, token: string, nowMs: number): Buffer | null {
  try {
    return openFernet(key, token, { nowMs, maxAgeSeconds: null });
  } catch (error) {
    if (error instanceof FernetError) return null;
    throw error;
  }
}
