/** One event of a job, as it is streamed. */
export interface JobEvent {
  /** Counts from 1 for each job: what `Last-Event-ID` names. */
  readonly id: number;
  readonly event: 'status' | 'progress' | 'done';
  readonly data: unknown;
}

/** Kept for those who come back; older ones are told by the state that the last event holds. */
const MAX_KEPT = 200;

/** What happened to one job so far, and whoever waits for more. */
export class EventLog {
  #events: JobEvent[] = [];
  #lastId = 0;
  #ended = false;
  readonly #waiting = new Set<() => void>();

  add(event: JobEvent['event'], data: unknown): void {
    if (this.#ended) return;
    this.#lastId += 1;
    // Of progress only the newest says anything.
    if (event === 'progress' && this.#events.at(-1)?.event === 'progress') this.#events.pop();
    this.#events.push({ id: this.#lastId, event, data });
    if (this.#events.length > MAX_KEPT) this.#events = this.#events.slice(-MAX_KEPT);
    this.#ended = event === 'done';
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  /**
   * Events after `lastId`, those kept first, until the last one or until `signal` says that nobody listens any more.
   * @param lastId - from another run of the program it may be ahead of us: then all are told
   */
  async *after(lastId: number, signal: AbortSignal): AsyncGenerator<JobEvent> {
    let seen = lastId > this.#lastId ? 0 : lastId;
    while (!signal.aborted) {
      for (const event of this.#events.filter(({ id }) => id > seen)) {
        seen = event.id;
        yield event;
      }
      if (this.#ended && seen >= this.#lastId) return;
      if (seen < this.#lastId) continue;
      await this.#next(signal);
    }
  }

  #next(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }
}
