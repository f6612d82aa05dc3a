import type { Clock } from '../../kernel/clock.js';
import { GatehouseError } from '../../kernel/errors.js';

/** One thing is tested at most so often: a vendor counts failed logins, and this is no tool to make some. */
const EVERY_MS = 5000;

export class Pace {
  readonly #clock: Clock;
  readonly #words: string;
  readonly #startedMs = new Map<string, number>();

  /** @param words - the refusal */
  constructor(clock: Clock, words: string) {
    this.#clock = clock;
    this.#words = words;
  }

  /** @throws GatehouseError `RATE_LIMITED` */
  require(what: string): void {
    const nowMs = this.#clock.nowMs();
    for (const [other, startedMs] of this.#startedMs) if (nowMs - startedMs >= EVERY_MS) this.#startedMs.delete(other);
    const startedMs = this.#startedMs.get(what);
    if (startedMs !== undefined)
      throw new GatehouseError('RATE_LIMITED', this.#words, {
        retryAfterSeconds: Math.ceil((startedMs + EVERY_MS - nowMs) / 1000),
      });
    this.#startedMs.set(what, nowMs);
  }
}
