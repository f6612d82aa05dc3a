import { request } from 'node:http';
import { Problem } from '../contract/problem.js';

/** One event of a stream; `data` as it was sent. */
export interface SocketEvent {
  readonly event: string;
  readonly data: unknown;
}

export interface EventCall {
  readonly socketPath: string;
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

/** What came instead of a stream. */
export class NoStream extends Error {
  readonly problem: Problem | null;
  readonly status: number;

  constructor(status: number, problem: Problem | null) {
    super(`no stream: ${status}`);
    this.status = status;
    this.problem = problem;
  }
}

/** Server-sent events through a command socket. Leaving the loop ends the call. @throws NoStream, the socket's error */
export async function* socketEvents({ socketPath, method, path, body }: EventCall): AsyncGenerator<SocketEvent> {
  const payload = JSON.stringify(body);
  const headers = {
    Accept: 'text/event-stream',
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(payload),
  };
  const call = request({ socketPath, method, path, headers, agent: false });
  const answer = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
    call.once('response', resolve).once('error', reject).end(payload);
  });
  call.on('error', () => {});
  try {
    let text = '';
    for await (const chunk of answer.setEncoding('utf8')) {
      text += chunk;
      if (answer.statusCode !== 200) continue;
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const [, event, data] = /^event: (.*)\ndata: (.*)$/m.exec(block) ?? [];
        if (event !== undefined && data !== undefined) yield { event, data: JSON.parse(data) };
      }
    }
    if (answer.statusCode !== 200) throw new NoStream(answer.statusCode ?? 0, readProblem(text));
  } finally {
    call.destroy();
  }
}

function readProblem(text: string): Problem | null {
  try {
    return Problem.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
