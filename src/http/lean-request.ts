import { IncomingMessage } from 'node:http';

const { get: read, set: write } = Object.getOwnPropertyDescriptor(IncomingMessage.prototype, 'headers') as {
  get(this: IncomingMessage): IncomingMessage['headers'];
  set(this: IncomingMessage, headers: IncomingMessage['headers']): void;
};
const NONE: IncomingMessage['headers'] = Object.freeze({});

/**
 * A request whose `headers` are built when somebody reads them. Node builds them on demand too, but asks every request
 * itself whether it says `Expect`, before any handler has it; that question alone is answered from the raw list.
 */
export class LeanRequest extends IncomingMessage {
  /** A handler has it: from now on `headers` are read by those who mean them. */
  handedOver = false;

  static {
    Object.defineProperty(LeanRequest.prototype, 'headers', {
      configurable: true,
      get(this: LeanRequest) {
        return this.handedOver || this.upgrade || expects(this.rawHeaders) ? read.call(this) : NONE;
      },
      set: write,
    });
  }

  declare upgrade: boolean | null;
}

function expects(rawHeaders: readonly string[]): boolean {
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    if (name.length === 6 && name.toLowerCase() === 'expect') return true;
  }
  return false;
}
