/** One caller's fixed window. Changed in place by whoever counts. */
interface Window {
  startMs: number;
  count: number;
}

/** Windows of at most so many callers; the oldest goes first. Bounds memory when many addresses call once. */
const MAX_WINDOWS = 50_000;

/** Counts of this process alone: they begin anew with it. */
export class MemoryWindows {
  readonly #windows = new Map<string, Window>();

  window(counter: string, _lengthMs: number, nowMs: number): Window {
    let window = this.#windows.get(counter);
    if (window === undefined) {
      window = { startMs: nowMs, count: 0 };
      if (this.#windows.size >= MAX_WINDOWS) this.#windows.delete(this.#windows.keys().next().value ?? '');
      this.#windows.set(counter, window);
    }
    return window;
  }

  peek(counter: string): Window | undefined {
    return this.#windows.get(counter);
  }
}
