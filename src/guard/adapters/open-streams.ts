import type { Guard, RequestFacts } from '../guard.js';
import type { Policy } from '../policy.js';

/** An answer or a tunnel that lives on after its request was let in. */
export interface OpenStream {
  readonly facts: RequestFacts;
  /** What its route asks now: routes may be edited while it is open. */
  readonly policy: () => Policy;
  /** Ends it. Called once, when its caller would be refused now. */
  readonly end: () => void;
}

/** With the time that a round takes, well under the 5 s of K5. */
const ROUND_MS = 2000;

/** So many are judged at a time before others have their turn: a judgement takes some 5 µs, a refusal ten times that. */
const SLICE = 100;

/**
 * Judges every open stream anew every two seconds, so that one does not outlive its caller's right to it: a key that
 * was revoked or has expired, a session that was ended, a user who was disabled or left the organization, an address
 * that was taken off the list, a route that asks for more. Nothing is counted by that.
 */
export class OpenStreams {
  readonly #guard: Guard;
  readonly #roundMs: number;
  readonly #open = new Set<OpenStream>();
  #timer: NodeJS.Timeout | undefined;

  constructor(guard: Guard, roundMs = ROUND_MS) {
    this.#guard = guard;
    this.#roundMs = roundMs;
  }

  /** @returns what to call when it has ended by itself */
  watch(stream: OpenStream): () => void {
    this.#open.add(stream);
    this.#schedule();
    return () => void this.#open.delete(stream);
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#open.size === 0) return;
    this.#timer = setTimeout(() => {
      void this.#judgeAll().finally(() => {
        this.#timer = undefined;
        this.#schedule();
      });
    }, this.#roundMs);
    // A process with nothing else to do ends: its streams do so with it.
    this.#timer.unref();
  }

  async #judgeAll(): Promise<void> {
    let judged = 0;
    for (const stream of this.#open) {
      if (!(await this.#isAllowed(stream)) && this.#open.delete(stream)) stream.end();
      judged += 1;
      if (judged % SLICE === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async #isAllowed({ facts, policy }: OpenStream): Promise<boolean> {
    const asked = policy();
    // A JWT that was forgotten meanwhile, because others came, is checked anew.
    const unchecked = this.#guard.prepare(facts, asked);
    if (unchecked !== null) await unchecked;
    return this.#guard.decideAgain(facts, asked).allow;
  }
}
