import type { GatehouseError } from '../kernel/errors.js';

/** Open streams end within five seconds of what ended their key (K5). */
const LOOK_EVERY_MS = 2000;

interface OpenStream {
  /** `null`: it may go on. */
  refusedNow(): GatehouseError | null;
  end(error: GatehouseError): void;
}

/** Looks again and again at answers that take long, whether their caller is still let in. */
export class OpenStreams {
  readonly #open = new Set<OpenStream>();
  #timer: NodeJS.Timeout | null = null;

  /** @returns to be called when the stream is over */
  watch(stream: OpenStream): () => void {
    this.#open.add(stream);
    this.#timer ??= setInterval(() => this.#look(), LOOK_EVERY_MS).unref();
    return () => {
      this.#open.delete(stream);
      if (this.#open.size > 0 || this.#timer === null) return;
      clearInterval(this.#timer);
      this.#timer = null;
    };
  }

  #look(): void {
    for (const stream of this.#open) {
      const error = stream.refusedNow();
      if (error !== null) stream.end(error);
    }
  }
}
