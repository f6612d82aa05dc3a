import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { Writable } from 'node:stream';

/** What `node:http` holds of an answer between `writeHead` and `end`; see docs/decisions/0049-heads-made-ahead.md. */
interface Unsent {
  _header: string | null;
  _headerSent: boolean;
  _hasBody: boolean;
}

const STATUS_LINE = 'HTTP/1.1 204 No Content\r\n';

/**
 * Answers 204 with header lines that are text already. `writeHead` judges every name and value anew for each answer and
 * joins some forty strings, which costs more than deciding; what is sent is the same to the byte.
 */
export class ReadyHeads {
  readonly #keepAlive: string;
  #second = Number.NaN;
  /** The lines that Node would add. */
  #added = '';

  /** @param keepAliveTimeoutMs - of the server that the answers are of */
  constructor(keepAliveTimeoutMs: number) {
    const seconds = Math.floor(keepAliveTimeoutMs / 1000);
    this.#keepAlive = `Connection: keep-alive\r\n${seconds > 0 ? `Keep-Alive: timeout=${seconds}\r\n` : ''}`;
  }

  /** Whether an answer can be sent so: on a connection that stays open, by a Node that sends what it is given. */
  fit(request: IncomingMessage, response: ServerResponse): boolean {
    return (
      nodeSendsThem &&
      response.shouldKeepAlive &&
      request.httpVersionMinor === 1 &&
      request.httpVersionMajor === 1 &&
      !response.headersSent
    );
  }

  /** @param lines - each with its line end, of names and values that a header can carry */
  send(response: ServerResponse, lines: string): void {
    const second = Math.floor(Date.now() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#added = `Date: ${new Date(second * 1000).toUTCString()}\r\n${this.#keepAlive}\r\n`;
    }
    response.statusCode = 204;
    response.statusMessage = 'No Content';
    put(response, STATUS_LINE + lines + this.#added);
    response.end();
  }
}

function put(response: ServerResponse, head: string): void {
  const unsent = response as unknown as Unsent;
  unsent._header = head;
  unsent._headerSent = false;
  unsent._hasBody = false;
}

/** Asked once, at start: a Node that has changed inside gets its answers through `writeHead`, as everywhere else. */
export const nodeSendsThem = tryIt();

function tryIt(): boolean {
  let sent = '';
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      sent += chunk.toString('latin1');
      done();
    },
  });
  try {
    const request = new IncomingMessage(new Socket());
    request.httpVersionMajor = 1;
    request.httpVersionMinor = 1;
    const response = new ServerResponse(request);
    response.assignSocket(sink as Socket);
    const head = `${STATUS_LINE}X-Try: it\r\n\r\n`;
    put(response, head);
    response.end();
    return sent === head && response.headersSent && response.writableEnded;
  } catch {
    return false;
  }
}
