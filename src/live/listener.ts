import type { LiveEvent, LiveType } from '../contract/live.js';
import type { HappeningEvent } from '../kernel/happening.js';

/** One by one in a second; what comes beyond is told together. */
export const EVENTS_PER_SECOND = 10;
const SECOND_MS = 1000;

/** An event with its number in the stream of all. */
export interface Numbered {
  readonly id: number;
  readonly event: LiveEvent;
}

/**
 * What one stream has still to be told: at most ten events, and the types of those that came beyond. So a burst costs
 * its listener one reading of each list, and a listener that does not read costs us next to nothing.
 */
export class Listener {
  readonly #queue: Numbered[] = [];
  readonly #surplus = new Set<LiveType>();
  #surplusId = 0;
  #told = 0;
  #timer: NodeJS.Timeout | undefined;
  #wake: () => void = () => {};
  #ended = false;

  push(id: number, event: HappeningEvent): void {
    if (this.#ended) return;
    this.#startSecond();
    if (this.#told >= EVENTS_PER_SECOND || this.#surplus.size > 0) {
      this.#surplus.add(event.type);
      this.#surplusId = id;
      return;
    }
    // The same thing changed again before the first was told: once is enough.
    const twin = this.#queue.findIndex(({ event: other }) => isSame(other, event));
    if (twin >= 0) this.#queue.splice(twin, 1);
    else this.#told += 1;
    this.#queue.push({ id, event });
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#queue.length = 0;
    this.#wake();
  }

  /** Until `end`. */
  async *events(): AsyncGenerator<Numbered> {
    while (!this.#ended) {
      const next = this.#queue.shift();
      if (next !== undefined) yield next;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }

  #startSecond(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#told = 0;
      if (this.#queue.length >= EVENTS_PER_SECOND) this.#gather();
      if (this.#surplus.size === 0) return;
      this.#queue.push({ id: this.#surplusId, event: { type: 'many', data: { types: [...this.#surplus] } } });
      this.#surplus.clear();
      this.#wake();
    }, SECOND_MS).unref();
  }

  /** A listener that has not read what it was told a second ago is told all of it at once. */
  #gather(): void {
    for (const { id, event } of this.#queue.splice(0)) {
      for (const type of event.type === 'many' ? event.data.types : [event.type]) this.#surplus.add(type);
      this.#surplusId = Math.max(this.#surplusId, id);
    }
  }
}

/** `request` events differ each, though they are about one key. */
function isSame(left: LiveEvent, right: HappeningEvent): boolean {
  if (left.type === 'hello' || left.type === 'many' || left.type === 'request') return false;
  return left.type === right.type && left.id === right.id && left.organizationId === right.organizationId;
}
