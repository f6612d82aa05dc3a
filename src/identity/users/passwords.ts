import { availableParallelism } from 'node:os';
import { randomBase62 } from '../../kernel/base62.js';
import { GatehouseError } from '../../kernel/errors.js';
import { isCommonPassword } from './common-passwords.js';

/**
 * argon2id with 32 MiB and two passes: above the least that OWASP names (19 MiB, two passes). Measured on the machine
 * that the project is measured on: 19 ms a password, one processor. See docs/people.md.
 */
const COST = { memoryCost: 32_768, timeCost: 2, parallelism: 1 } as const;

/** One processor is left to the gate, whatever is asked of this room. */
const LANES = Math.min(2, Math.max(1, availableParallelism() - 1));
/** Beyond so many that wait, the next is told to come back: they are here within a second or two. */
const MAX_WAITING = 64;

/** Shorter names are in many words: `ada` in `Canada`. */
const MIN_NAME_CHARACTERS = 4;

/** Passwords are compared here, a few at a time, so that people who sign in cannot starve the gate. */
export class Passwords {
  #busy = 0;
  readonly #waiting: (() => void)[] = [];
  #dummy: Promise<string> | undefined;

  /** @throws GatehouseError `UNAVAILABLE` when too many wait */
  async hash(password: string): Promise<string> {
    return this.#inLane(async () => (await import('@node-rs/argon2')).hash(levelled(password), COST));
  }

  /**
   * Whether this is the password behind `hash`. `null` (no such account, or no password yet) takes as long as any.
   * @throws GatehouseError `UNAVAILABLE` when too many wait
   */
  async matches(password: string, hash: string | null): Promise<boolean> {
    this.#dummy ??= this.hash(randomBase62(16)).catch((error) => {
      this.#dummy = undefined;
      throw error;
    });
    const compared = hash ?? (await this.#dummy);
    await this.#dummy;
    const { verify } = await import('@node-rs/argon2');
    // What somebody wrote into the file by hand and is no hash is nobody's password.
    const same = await this.#inLane(() => verify(compared, levelled(password)).catch(() => false));
    return same && hash !== null;
  }

  /**
   * Refuses a new password that guessers try first.
   * @param field - as the request calls it
   * @param emailKey - whose password it becomes
   * @throws GatehouseError `BAD_REQUEST`
   */
  async requireGood(field: string, password: string, emailKey: string): Promise<void> {
    const local = emailKey.slice(0, emailKey.indexOf('@'));
    if (local.length >= MIN_NAME_CHARACTERS && password.toLowerCase().includes(local))
      throw new GatehouseError('BAD_REQUEST', `${field}: holds the name of your e-mail address. Choose another one.`);
    if (await isCommonPassword(password))
      throw new GatehouseError(
        'BAD_REQUEST',
        `${field}: is among the most used passwords, or close to one. Choose another one, such as four words that have nothing to do with each other.`,
      );
  }

  async #inLane<T>(work: () => Promise<T>): Promise<T> {
    if (this.#busy >= LANES) {
      if (this.#waiting.length >= MAX_WAITING)
        throw new GatehouseError('UNAVAILABLE', 'Too many people sign in at this moment. Try again in 2 seconds.', {
          retryAfterSeconds: 2,
        });
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#busy += 1;
    try {
      return await work();
    } finally {
      // The lane goes to the next one as it is, so that nobody who comes now overtakes those who wait.
      const next = this.#waiting.shift();
      if (next === undefined) this.#busy -= 1;
      else next();
    }
  }
}

/** Keyboards compose letters in different ways (RFC 8265 §4.2). */
function levelled(password: string): string {
  return password.normalize('NFKC');
}
