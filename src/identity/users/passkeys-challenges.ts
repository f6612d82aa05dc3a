import { createHmac, randomBytes } from 'node:crypto';
import { equalDigests } from '../../kernel/digest.js';
import { GatehouseError } from '../../kernel/errors.js';

/** To find the phone, unlock it and choose. */
export const CHALLENGE_MS = 5 * 60_000;
/** Spent challenges that are remembered. Each let somebody in, so nobody fills this up from outside. */
const MAX_SPENT = 10_000;
const RANDOM_BYTES = 16;
const TIME_BYTES = 6;
const TAG_BYTES = 24;

/**
 * Challenges that say themselves what they are for and how long, under a key that lives as long as the process. So
 * nothing is kept for whoever only asks for one, however often: what is kept are those that were used, until they
 * would be over anyway.
 */
export class Challenges {
  readonly #key = randomBytes(32);
  /** To the time when it can be forgotten, oldest first. */
  readonly #spent = new Map<string, number>();

  /** @param purpose - what it proves and for whom; it is good for nothing else */
  issue(purpose: string, nowMs: number): string {
    const body = Buffer.alloc(RANDOM_BYTES + TIME_BYTES);
    randomBytes(RANDOM_BYTES).copy(body);
    body.writeUIntBE(nowMs + CHALLENGE_MS, RANDOM_BYTES, TIME_BYTES);
    return Buffer.concat([body, this.#tag(body, purpose)]).toString('base64url');
  }

  /** @throws GatehouseError `BAD_REQUEST`, alike for one that is over, was used, or was never given for this */
  require(challenge: string, purpose: string, nowMs: number): void {
    if (!this.#isOurs(challenge, purpose, nowMs) || this.#spent.has(challenge)) throw overChallenge();
  }

  /**
   * Spends one that `require` let pass, when what it was signed with has proved to be right. Of two that come at once
   * one passes.
   * @throws GatehouseError `BAD_REQUEST`: it was used; `UNAVAILABLE`: too many are remembered
   */
  spend(challenge: string, nowMs: number): void {
    for (const [old, untilMs] of this.#spent) {
      if (untilMs > nowMs) break;
      this.#spent.delete(old);
    }
    if (this.#spent.has(challenge)) throw overChallenge();
    if (this.#spent.size >= MAX_SPENT)
      throw new GatehouseError('UNAVAILABLE', 'Too many people use passkeys at once. Try again in a minute.', {
        retryAfterSeconds: 60,
      });
    this.#spent.set(challenge, nowMs + CHALLENGE_MS);
  }

  #isOurs(challenge: string, purpose: string, nowMs: number): boolean {
    const bytes = Buffer.from(challenge, 'base64url');
    // One spelling only: what is remembered as spent is the text.
    if (bytes.length !== RANDOM_BYTES + TIME_BYTES + TAG_BYTES || bytes.toString('base64url') !== challenge)
      return false;
    const body = bytes.subarray(0, RANDOM_BYTES + TIME_BYTES);
    const isSigned = equalDigests(this.#tag(body, purpose), bytes.subarray(body.length));
    return isSigned && nowMs < body.readUIntBE(RANDOM_BYTES, TIME_BYTES);
  }

  #tag(body: Buffer, purpose: string): Buffer {
    return createHmac('sha256', this.#key).update(body).update(purpose).digest().subarray(0, TAG_BYTES);
  }
}

function overChallenge(): GatehouseError {
  return new GatehouseError(
    'BAD_REQUEST',
    'credential: its challenge is over, was used before, or was given for something else. Begin again.',
  );
}
