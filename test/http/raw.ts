import { connect } from 'node:net';
import type { Answer } from '../support/gatehouse.js';

/** What came back on one connection, cut into its answers, and whether the server ended it. */
export interface RawExchange {
  readonly answers: readonly Answer[];
  readonly ended: boolean;
}

/**
 * Writes bytes as they are to a fresh connection: what no HTTP client would send.
 * @param idleMs - a connection that stays open is read until nothing came for so long
 */
export function sendRaw(url: string, bytes: string | Buffer | (string | Buffer)[], idleMs = 400): Promise<RawExchange> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect({ host: hostname, port: Number(port) });
    const finish = (ended: boolean) => {
      socket.destroy();
      try {
        resolve({ answers: parseAnswers(Buffer.concat(chunks)), ended });
      } catch (error) {
        reject(error);
      }
    };
    socket.on('connect', () => {
      for (const piece of Array.isArray(bytes) ? bytes : [bytes]) socket.write(piece);
    });
    socket.setTimeout(idleMs, () => finish(false));
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('end', () => finish(true));
    // The server may refuse and cut while we still write.
    socket.on('error', () => finish(true));
  });
}

/** One answer to one request. */
export async function sendOne(url: string, bytes: string | Buffer | (string | Buffer)[]): Promise<Answer> {
  const { answers } = await sendRaw(url, bytes);
  const answer = answers[0];
  if (answers.length !== 1 || answer === undefined) throw new Error(`${answers.length} answers instead of one`);
  return answer;
}

/** A request head with the given lines, `Host` first. */
export function head(firstLine: string, ...lines: string[]): string {
  return `${[firstLine, 'Host: gatehouse.test', ...lines].join('\r\n')}\r\n\r\n`;
}

function parseAnswers(bytes: Buffer): Answer[] {
  const answers: Answer[] = [];
  let rest = bytes;
  while (rest.length > 0) {
    const end = rest.indexOf('\r\n\r\n');
    if (end < 0) throw new Error(`no whole answer: ${rest.toString('latin1').slice(0, 200)}`);
    const [first = '', ...lines] = rest.subarray(0, end).toString('latin1').split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1]);
    const headers = new Headers(
      lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
    );
    const length = status === 204 ? 0 : Number(headers.get('content-length') ?? rest.length - end - 4);
    const text = rest.subarray(end + 4, end + 4 + length).toString('utf8');
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      json = undefined;
    }
    answers.push({ status, headers, text, json });
    rest = rest.subarray(end + 4 + length);
  }
  return answers;
}
