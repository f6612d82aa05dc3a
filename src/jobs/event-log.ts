/** One event of a job, as it is streamed. */
export interface JobEvent {
  /** Counts from 1 for each job: what `Last-Event-ID` names. */
  readonly id: number;
  readonly event: 'status' | 'progress' | 'citations' | 'delta' | 'done';
  readonly data: unknown;
}

/** Kept for those who come back; older ones are told by the state that the last event holds. */
const MAX_KEPT = 200;
/** A run that began anew, or has ended, makes the pieces of its answer void; until then none may be missing. */
const MAX_PIECES = 20_000;

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
    if (this.#events.length > MAX_KEPT + MAX_PIECES) this.#events = this.#events.slice(-MAX_KEPT);
    else if (event !== 'delta') this.#keepNewest();
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
      for (const event of joined(this.#since(seen))) {
        seen = event.id;
        yield event;
      }
      if (this.#ended && seen >= this.#lastId) return;
      if (seen < this.#lastId) continue;
      await this.#next(signal);
    }
  }

  #since(lastId: number): JobEvent[] {
    let from = this.#events.length;
    while (from > 0 && (this.#events[from - 1] as JobEvent).id > lastId) from -= 1;
    return this.#events.slice(from);
  }

  #keepNewest(): void {
    const others = this.#events.filter(({ event }) => event !== 'delta').length;
    let surplus = others - MAX_KEPT;
    if (surplus > 0) this.#events = this.#events.filter(({ event }) => event === 'delta' || surplus-- <= 0);
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

/** Pieces of an answer that wait one behind the other are told as one: whoever is slow, or comes late, catches up. */
function joined(events: readonly JobEvent[]): JobEvent[] {
  const out: JobEvent[] = [];
  let text = '';
  for (const [at, event] of events.entries()) {
    if (event.event !== 'delta') {
      out.push(event);
      continue;
    }
    text += (event.data as { text: string }).text;
    if (events[at + 1]?.event === 'delta') continue;
    out.push({ ...event, data: { text } });
    text = '';
  }
  return out;
}
