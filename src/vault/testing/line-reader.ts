import type { Socket } from 'node:net';
import { GatehouseError } from '../../kernel/errors.js';

const MAX_BYTES = 65_536;

/** Lines of a mail protocol over one connection: bounded in size and time, one command at a time. */
export class LineReader {
  readonly #socket: Socket;
  readonly #host: string;
  readonly #deadlineMs: number;
  #buffer = '';
  #seenBytes = 0;
  #ended = false;
  #wake: () => void = () => {};

  /** @param deadlineMs - as `performance.now()` tells it */
  constructor(socket: Socket, host: string, deadlineMs: number) {
    this.#socket = socket;
    this.#host = host;
    this.#deadlineMs = deadlineMs;
    socket.on('data', this.#onData).on('error', this.#onEnd).on('close', this.#onEnd);
  }

  /** Lets go of the socket, for TLS to take over. What was read ahead would be the wire's word inside TLS, so it counts as a fault. */
  release(): void {
    this.#socket.off('data', this.#onData).off('error', this.#onEnd).off('close', this.#onEnd);
    if (this.#buffer !== '') throw this.#fault('sent more before TLS began than it may');
  }

  write(line: string): void {
    // A field with a line break would be two commands.
    if (/[\r\n\0]/.test(line)) throw new GatehouseError('BAD_REQUEST', 'A field holds a line break.');
    this.#socket.write(`${line}\r\n`);
  }

  /** @throws GatehouseError `UPSTREAM_TIMEOUT`, `UPSTREAM_UNREACHABLE`, `UPSTREAM_BAD_ANSWER` */
  async line(): Promise<string> {
    for (;;) {
      const end = this.#buffer.indexOf('\n');
      if (end !== -1) {
        const line = this.#buffer.slice(0, end).replace(/\r$/, '');
        this.#buffer = this.#buffer.slice(end + 1);
        return line;
      }
      if (this.#seenBytes > MAX_BYTES) throw this.#fault('answers without an end');
      if (this.#ended) throw new GatehouseError('UPSTREAM_UNREACHABLE', `${this.#host} cut the connection.`);
      await this.#more();
    }
  }

  #more(): Promise<void> {
    return new Promise((settle, reject) => {
      const late = () => reject(new GatehouseError('UPSTREAM_TIMEOUT', `${this.#host} did not answer in time.`));
      const timer = setTimeout(late, Math.max(1, this.#deadlineMs - performance.now()));
      this.#wake = () => {
        clearTimeout(timer);
        settle();
      };
    });
  }

  #fault(what: string): GatehouseError {
    return new GatehouseError('UPSTREAM_BAD_ANSWER', `${this.#host} ${what}.`);
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#seenBytes += chunk.length;
    if (this.#seenBytes <= MAX_BYTES) this.#buffer += chunk.toString('latin1');
    this.#wake();
  };

  readonly #onEnd = (): void => {
    this.#ended = true;
    this.#wake();
  };
}
