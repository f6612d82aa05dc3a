import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A server that answers what a test wants, and remembers what it was asked. */
export interface Stub extends AsyncDisposable {
  readonly url: string;
  readonly seen: Seen[];
}

export type Answer = (request: Seen, response: ServerResponse, nth: number) => unknown;

export async function startStub(answer: Answer): Promise<Stub> {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const one = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body };
    seen.push(one);
    await answer(one, response, seen.length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function json(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

export function problem(response: ServerResponse, status: number, code: string, headers: Record<string, string> = {}) {
  const body = {
    type: 'about:blank',
    title: code,
    status,
    code,
    error: code,
    detail: `${code} it is.`,
    requestId: 'r',
  };
  json(response, status, body, { 'content-type': 'application/problem+json', 'x-request-id': 'req_stub', ...headers });
}

export const PRINCIPAL = { kind: 'api_key', id: 'key_1', organizationId: 'org_default', scopes: ['ask:run'] };
