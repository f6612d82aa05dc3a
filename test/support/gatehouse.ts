import { request as httpRequest } from 'node:http';
import type { z } from 'zod';
import { readConfig } from '../../src/config/config.js';
import type { CreateKey, KeyWithToken } from '../../src/contract/keys.js';
import type { EgressOptions } from '../../src/egress/egress.js';
import { type Gatehouse, openGatehouse } from '../../src/gatehouse.js';
import { listenSocket, listenTcp } from '../../src/http/server.js';
import { TestClock } from './clock.js';
import { capturingLogger } from './logs.js';
import { temporaryWorkspaces } from './workspace.js';

/** An answer as a caller saw it. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly json: any;
}

export interface CallOptions {
  readonly method?: string;
  /** Sent as `x-api-key`. */
  readonly key?: string;
  readonly headers?: Record<string, string>;
  /** For streams without an end: only its status and headers are waited for. */
  readonly headOnly?: boolean;
  /** Objects are sent as JSON, strings and bytes as they are. */
  readonly body?: unknown;
}

export interface RunningGatehouse extends AsyncDisposable {
  readonly gatehouse: Gatehouse;
  readonly clock: TestClock;
  readonly folder: string;
  readonly url: string;
  /** Everything that was logged so far. */
  logs(): string;
  /** One request over TCP. */
  call(path: string, options?: CallOptions): Promise<Answer>;
  /** One request through the command socket, as `local`. */
  local(path: string, options?: CallOptions): Promise<Answer>;
  /** Makes a key as `local`. */
  createKey(request?: Partial<z.input<typeof CreateKey>>): Promise<KeyWithToken>;
}

/** The key of the operator in tests that set one. */
export const ADMIN_KEY = 'b7f1c2d3e4a5968778695a4b3c2d1e0fb7f1c2d3e4a5968778695a4b3c2d1e0f';

/** A whole Gatehouse on a real folder and a real port, stopped and removed when the test ends. */
export async function startGatehouse(
  settings: Record<string, string> = {},
  {
    files,
    folder: existing,
    clock = new TestClock(),
    egress,
  }: { files?: Record<string, string>; folder?: string; clock?: TestClock; egress?: EgressOptions } = {},
): Promise<RunningGatehouse> {
  const made = existing === undefined ? await temporaryWorkspaces(files) : null;
  const folder = existing ?? made?.path ?? '';
  const result = readConfig({ PORT: '0', WORKSPACES_DIR: folder, ...settings }, '/nonexistent');
  if (!result.ok) throw new Error(result.faults.join('\n'));
  const { log, text } = capturingLogger();
  const gatehouse = await openGatehouse(result.config, { log, clock, ...(egress === undefined ? {} : { egress }) });
  const tcp = await listenTcp(gatehouse);
  const socketPath = gatehouse.folder.commandSocketPath;
  const socket = socketPath === null ? null : await listenSocket(gatehouse, socketPath);

  const call = async (path: string, options: CallOptions = {}): Promise<Answer> => {
    const { method, headers, payload } = prepare(options);
    const response = await fetch(`${tcp.url}${path}`, {
      method,
      headers,
      ...(payload === undefined ? {} : { body: payload }),
      redirect: 'manual',
    });
    const isEndless =
      options.headOnly === true && response.headers.get('content-type')?.startsWith('text/event-stream');
    if (isEndless) await response.body?.cancel();
    return answer(response.status, response.headers, isEndless ? '' : await response.text());
  };
  const local = (path: string, options: CallOptions = {}): Promise<Answer> => {
    if (socketPath === null) throw new Error('this Gatehouse has no command socket');
    const { method, headers, payload } = prepare(options);
    return new Promise((resolve, reject) => {
      const sent = httpRequest({ socketPath, path, method, headers, agent: false }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          body += chunk;
        });
        response.on('end', () =>
          resolve(answer(response.statusCode ?? 0, new Headers(response.headers as Record<string, string>), body)),
        );
      });
      sent.on('error', reject);
      sent.end(payload);
    });
  };
  return {
    gatehouse,
    clock,
    folder,
    url: tcp.url,
    logs: text,
    call,
    local,
    async createKey(request = {}) {
      const made = await local('/api/keys', { method: 'POST', body: { name: 'test', ...request } });
      if (made.status !== 201) throw new Error(`createKey: ${made.status} ${made.text}`);
      return made.json;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([tcp.close(0), socket?.close(0)]);
      await gatehouse.close();
      await made?.[Symbol.asyncDispose]();
    },
  };
}

function prepare({ method, key, headers = {}, body }: CallOptions) {
  const isAsIs = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
  const payload = isAsIs ? (body as string | Uint8Array<ArrayBuffer> | undefined) : JSON.stringify(body);
  return {
    method: method ?? (payload === undefined ? 'GET' : 'POST'),
    payload,
    headers: {
      ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
      ...(key === undefined ? {} : { 'x-api-key': key }),
      ...headers,
    },
  };
}

function answer(status: number, headers: Headers, text: string): Answer {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return { status, headers, text, json };
}
