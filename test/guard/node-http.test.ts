import { Agent, createServer, request as httpRequest, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { Problem } from '../../src/contract/problem.js';
import { guardNodeHttp } from '../../src/guard/adapters/node-http.js';
import type { Policy } from '../../src/guard/policy.js';
import { Gate, type GateOptions, KEY, policy } from './gate.js';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

/** A bare server that answers `hello <principal>` to whom the guard lets in. */
async function serve(options: GateOptions = {}, at: Policy = policy()) {
  const gate = new Gate(options);
  const server = createServer(async (request, response) => {
    const verdict = await guardNodeHttp(gate.guard, at, request, response);
    if (verdict !== null) response.end(`hello ${verdict.principal.id}`);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { gate, server, port, url: `http://127.0.0.1:${port}` };
}

interface Sent {
  readonly status: number;
  readonly connection: string | undefined;
  readonly localPort: number | undefined;
  readonly body: string;
}

function send(
  port: number,
  agent: Agent,
  method: string,
  headers: Record<string, string>,
  body?: string,
): Promise<Sent> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ host: '127.0.0.1', port, agent, method, headers }, (response) => {
      const { localPort } = response.socket;
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, connection: response.headers.connection, localPort, body: text }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

test('a valid key reaches the handler', async () => {
  const { url } = await serve();
  const response = await fetch(url, { headers: { authorization: `bearer ${KEY}` } });
  expect([response.status, await response.text()]).toEqual([200, 'hello key_one']);
});

test('G1: a refusal has the one shape, its headers, and never reaches the handler', async () => {
  const { url, gate } = await serve();
  const response = await fetch(url);
  const problem = Problem.parse(await response.json());
  expect(problem).toMatchObject({ status: 401, code: 'UNAUTHORIZED', error: 'Invalid API key' });
  expect(response.status).toBe(401);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    'www-authenticate': 'Bearer realm="gatehouse"',
    'x-request-id': problem.requestId,
  });
  expect(gate.refused).toMatchObject([{ address: '127.0.0.1', requestId: problem.requestId }]);
});

test('HEAD gets the headers of the refusal and no body', async () => {
  const { url } = await serve();
  const response = await fetch(url, { method: 'HEAD' });
  expect([response.status, await response.text()]).toEqual([401, '']);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
});

test('a spent limit is told with Retry-After', async () => {
  const { url } = await serve({ limit: { requests: 1, windowSeconds: 60 } });
  const headers = { 'x-api-key': KEY };
  expect((await fetch(url, { headers })).status).toBe(200);
  const second = await fetch(url, { headers });
  expect([second.status, second.headers.get('retry-after'), second.headers.get('ratelimit')]).toEqual([
    429,
    '60',
    '"minute";r=0;t=60',
  ]);
});

test('duplicates are seen although Node itself joins or drops them', async () => {
  const { port } = await serve();
  const answer = await raw(
    port,
    `GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer ${KEY}\r\nAuthorization: Bearer ${KEY}2\r\n\r\n`,
  );
  expect(answer).toMatch(/^HTTP\/1\.1 400 [\s\S]*AMBIGUOUS_CREDENTIALS/);
});

test('the organization in the query is judged, also when its name is written in escapes or it is named twice', async () => {
  const { url } = await serve();
  const status = async (query: string) => (await fetch(`${url}/?${query}`, { headers: { 'x-api-key': KEY } })).status;
  expect(await status('organizationId=org_default')).toBe(200);
  expect(await status('x=%')).toBe(200);
  for (const query of [
    'organizationId=org_other',
    'a=b&organizationId=org_other',
    'organ%69zationId=org_other',
    '%6f%72ganizat%69onId=org_other',
    'organizationId=org_default&organizationId=org_other',
    'organizationId=org_default&organizationId=org_default',
    'organizationId=',
  ]) {
    expect(await status(query), query).toBe(403);
  }
});

test('a refused request without a body leaves the connection open for the next one', async () => {
  const { port } = await serve();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const refused = await send(port, agent, 'GET', {});
  const allowed = await send(port, agent, 'GET', { 'x-api-key': KEY });
  expect([refused.status, allowed.status]).toEqual([401, 200]);
  expect(allowed.localPort).toBe(refused.localPort);
  agent.destroy();
});

test.each([
  ['with a length', { 'content-length': '64' }],
  ['in chunks', { 'transfer-encoding': 'chunked' }],
])('a refused POST %s is answered without its body, and the connection is not used again', async (_what, headers) => {
  const { port } = await serve();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const refused = await send(port, agent, 'POST', headers, 'x'.repeat(64));
  expect([refused.status, refused.connection]).toEqual([401, 'close']);
  const allowed = await send(port, agent, 'POST', { ...headers, 'x-api-key': KEY }, 'x'.repeat(64));
  expect(allowed).toMatchObject({ status: 200, body: 'hello key_one' });
  expect(allowed.localPort).not.toBe(refused.localPort);
  agent.destroy();
});

test('what stands in an unread body is never taken for a request', async () => {
  const { port, gate } = await serve();
  const inner = `GET / HTTP/1.1\r\nHost: h\r\nx-api-key: ${KEY}\r\n\r\n`;
  const answer = await raw(port, `POST / HTTP/1.1\r\nHost: h\r\nContent-Length: ${inner.length}\r\n\r\n${inner}`);
  expect(answer.match(/^HTTP\/1\.1 /gm)).toHaveLength(1);
  expect(answer).toMatch(/^HTTP\/1\.1 401 /);
  expect(gate.touched).toEqual([]);
});

/** Everything the server answers to these bytes until it closes, or is silent for 200 ms. */
function raw(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.setTimeout(200, () => socket.destroy());
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(text));
  });
}
