import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * Lets long work share the event loop with the gate: after `sliceMs` of work, `pause` gives way to everything waiting.
 * One for the whole room: builds that pause at the same time resume in different turns of the loop,
 * so ten builds hold it no longer than one.
 */
export class Breather {
  readonly #sliceMs: number;
  #sliceStart = performance.now();
  #queue: Promise<unknown> = Promise.resolve();

  /** @param sliceMs - milliseconds of uninterrupted work, about */
  constructor(sliceMs = 5) {
    this.#sliceMs = sliceMs;
  }

  /** Whether the slice is used up. Synchronous, so that a tight loop can ask without the cost of an await. */
  get due(): boolean {
    return performance.now() - this.#sliceStart >= this.#sliceMs;
  }

  /** Gives way once, then starts a new slice. */
  async pause(): Promise<void> {
    const turn = this.#queue.then(() => nextTurn());
    this.#queue = turn;
    await turn;
    this.#sliceStart = performance.now();
  }
}
