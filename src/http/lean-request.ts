import { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';

const { get: read, set: write } = Object.getOwnPropertyDescriptor(IncomingMessage.prototype, 'headers') as {
  get(this: IncomingMessage): IncomingMessage['headers'];
  set(this: IncomingMessage, headers: IncomingMessage['headers']): void;
};
const { get: hasEnded } = Object.getOwnPropertyDescriptor(Readable.prototype, 'readableEnded') as {
  get(this: Readable): boolean;
};
const NONE: IncomingMessage['headers'] = Object.freeze({});

/**
 * A request that costs what is asked of it, for the door that asks for little; see docs/decisions/0049-heads-made-ahead.md.
 *
 * Its `headers` are built when somebody reads them. Node builds them on demand too, but asks every request itself whether
 * it says `Expect`, before any handler has it; that question alone is answered from the raw list.
 */
export class LeanRequest extends IncomingMessage {
  /** A handler has it: from now on `headers` are read by those who mean them. */
  handedOver = false;
  /**
   * It has no body and its handler is done with it. Node would make a stream flow, end and close that nobody listens to;
   * this one has ended where it stands. Set where the answer is sent, and only by who is the last to hold the request.
   */
  spent = false;

  static {
    Object.defineProperties(LeanRequest.prototype, {
      headers: {
        configurable: true,
        get(this: LeanRequest) {
          return this.handedOver || this.upgrade || expects(this.rawHeaders) ? read.call(this) : NONE;
        },
        set: write,
      },
      readableEnded: {
        configurable: true,
        get(this: LeanRequest) {
          return this.spent || hasEnded.call(this);
        },
      },
    });
  }

  declare upgrade: boolean | null;

  override push(chunk: unknown, encoding?: BufferEncoding): boolean {
    return this.spent ? false : super.push(chunk, encoding);
  }

  override resume(): this {
    return this.spent ? this : super.resume();
  }
}

function expects(rawHeaders: readonly string[]): boolean {
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    if (name.length === 6 && name.toLowerCase() === 'expect') return true;
  }
  return false;
}
