import { createHash, randomBytes } from 'node:crypto';
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { describe, expect, test } from 'vitest';
import { TestClock } from '../support/clock.js';
import { once, startGateway, startGatewayTo, wire } from './gateway.js';

const hello = (_request: IncomingMessage, response: ServerResponse) => response.end('hello');

test('G9: what the guard lets in reaches the app with who is calling; the credential does not', async () => {
  await using gateway = await startGateway(hello);
  const { key, token } = await gateway.house.createKey({ scopes: ['projects:read', 'ask:run'] });
  const response = await fetch(`${gateway.url}/things/7?a=1&b=%20x`, {
    headers: { 'x-api-key': token, 'x-app': 'kept' },
  });
  expect([response.status, await response.text()]).toEqual([200, 'hello']);
  const seen = gateway.seen[0];
  expect(seen).toMatchObject({ method: 'GET', url: '/things/7?a=1&b=%20x' });
  expect(seen?.headers).toMatchObject({
    'x-gatehouse-subject': key.id,
    'x-gatehouse-type': 'api_key',
    'x-gatehouse-key-id': key.id,
    'x-gatehouse-org': 'org_default',
    'x-gatehouse-scopes': 'projects:read ask:run',
    'x-gatehouse-assertion': 'none',
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-proto': 'http',
    'x-forwarded-host': new URL(gateway.url).host,
    host: new URL(gateway.url).host,
    'x-app': 'kept',
  });
  expect(seen?.headers).not.toHaveProperty('x-api-key');
  expect(JSON.stringify(seen)).not.toContain(token);
  expect(response.headers.get('x-gatehouse-request-id')).toBe(seen?.headers['x-gatehouse-request-id']);
  const line = await expect
    .poll(() => gateway.lines()[0])
    .toBeDefined()
    .then(() => gateway.lines()[0]);
  expect(line).toMatchObject({
    method: 'GET',
    route: 'upstream default',
    status: 200,
    requestId: response.headers.get('x-gatehouse-request-id'),
  });
  expect(gateway.house.logs()).not.toContain(token);
});

test('G9: a path in UPSTREAM_URL is put before every path', async () => {
  await using gateway = await startGateway(hello, { path: '/base/' });
  const { token } = await gateway.house.createKey();
  for (const path of ['/', '/x?y=/z', '/x/']) await fetch(`${gateway.url}${path}`, { headers: { 'x-api-key': token } });
  expect(gateway.seen.map(({ url }) => url)).toEqual(['/base/', '/base/x?y=/z', '/base/x/']);
});

test('G9: refusals have the one shape, are in log and audit, and never reach the app', async () => {
  await using gateway = await startGateway(hello, {
    routes: {
      routes: [
        { path: '/admin/*', authModes: ['service_role'], scopes: [] },
        { path: '/pay', authModes: ['api_key'], scopes: ['billing:write'] },
        { path: '/open', authModes: ['public'], scopes: [], rateLimit: { requests: 1, windowSeconds: 60 } },
      ],
    },
  });
  const { token } = await gateway.house.createKey();
  const call = async (path: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`${gateway.url}${path}`, { headers });
    const body = (await response.json()) as Record<string, unknown>;
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(response.headers.get('x-request-id')).toBe(body['requestId']);
    return {
      status: response.status,
      code: body['code'],
      challenge: response.headers.get('www-authenticate'),
      after: response.headers.get('retry-after'),
    };
  };
  expect(await call('/admin/x')).toMatchObject({
    status: 401,
    code: 'UNAUTHORIZED',
    challenge: 'Bearer realm="gatehouse"',
  });
  expect(await call('/admin/x', { 'x-api-key': 'wrong' })).toMatchObject({
    status: 401,
    challenge: expect.stringContaining('invalid_token'),
  });
  expect(await call('/admin/x', { 'x-api-key': token })).toMatchObject({ status: 403, code: 'FORBIDDEN' });
  expect(await call('/pay', { authorization: `bearer ${token}` })).toMatchObject({
    status: 403,
    challenge: expect.stringContaining('billing:write'),
  });
  expect(await call('/elsewhere', { 'x-api-key': token })).toMatchObject({ status: 403 });
  expect(await call('/open/%2fpay', { 'x-api-key': token })).toMatchObject({
    status: 400,
    code: 'BAD_REQUEST',
  });
  expect((await fetch(`${gateway.url}/open`)).status).toBe(200);
  expect(await call('/open')).toMatchObject({
    status: 429,
    code: 'RATE_LIMITED',
    after: expect.stringMatching(/^\d+$/),
  });
  expect(gateway.seen.map(({ url }) => url)).toEqual(['/open']);
  const audit = await gateway.house.local('/api/audit?limit=50');
  expect(audit.text).toContain('upstream ANY /pay');
  expect(gateway.lines().map(({ status }) => status)).toEqual([401, 401, 403, 403, 403, 400, 200, 429]);
});

test('G9: the key’s own limit holds where the route has none, API_RATE_LIMIT does not', async () => {
  await using gateway = await startGateway(hello, { settings: { API_RATE_LIMIT: '2' } });
  const { token } = await gateway.house.createKey();
  const { token: bounded } = await gateway.house.createKey({ rateLimit: { requests: 2, windowSeconds: 60 } });
  const statuses = async (key: string) => {
    const all: number[] = [];
    for (let n = 0; n < 4; n += 1) all.push((await fetch(gateway.url, { headers: { 'x-api-key': key } })).status);
    return all;
  };
  expect(await statuses(token)).toEqual([200, 200, 200, 200]);
  expect(await statuses(bounded)).toEqual([200, 200, 429, 429]);
});

test('A6, G9: for hosts that are listed the app gets a signed assertion, which a stock library checks against our JWKS', async () => {
  await using gateway = await startGateway(hello, {
    routes: { routes: [], default: { authModes: ['api_key', 'public'], scopes: [] }, hosts: ['app.test'] },
    clock: new TestClock(new Date().toISOString()),
  });
  const { key, token } = await gateway.house.createKey({ scopes: ['projects:read'] });
  const assertionFor = async (host: string, credential: string | null) => {
    const line = credential === null ? '' : `x-api-key: ${credential}\r\n`;
    await wire(gateway.url, `GET / HTTP/1.1\r\nHost: ${host}\r\nX-Gatehouse-Assertion: forged\r\n${line}\r\n`);
    return once(gateway.seen.at(-1), 'x-gatehouse-assertion') ?? '';
  };
  const jwks = createRemoteJWKSet(new URL(`${gateway.house.url}/.well-known/jwks.json`));
  const { payload, protectedHeader } = await jwtVerify(await assertionFor('APP.test:8080', token), jwks, {
    audience: 'app.test',
    typ: 'gatehouse-assertion+jwt',
    algorithms: ['ES256'],
  });
  expect([payload.sub, payload['scope'], protectedHeader.alg]).toEqual([key.id, 'projects:read', 'ES256']);
  expect(await assertionFor('other.test', token)).toBe('none');
  expect(await assertionFor('app.test', null)).toBe('none');
  // It is for the app alone: it opens nothing here.
  const back = await fetch(`${gateway.house.url}/api/auth/whoami`, {
    headers: { 'x-api-key': await assertionFor('app.test', token) },
  });
  expect(back.status).toBe(401);
});

describe('bodies', () => {
  test('G9: go through untouched in both directions, however large', async () => {
    await using gateway = await startGateway((request, response) => void request.pipe(response));
    const { token } = await gateway.house.createKey();
    const body = randomBytes(20_000_000);
    const response = await fetch(gateway.url, { method: 'POST', headers: { 'x-api-key': token }, body });
    const back = Buffer.from(await response.arrayBuffer());
    expect(createHash('sha256').update(back).digest('hex')).toBe(createHash('sha256').update(body).digest('hex'));
    expect(once(gateway.seen[0], 'content-length')).toBe('20000000');
    expect(once(gateway.seen[0], 'transfer-encoding')).toBe(null);
  });

  test('G9: a body is taken no faster than the app reads it', async () => {
    await using gateway = await startGatewayTo((socket) => void socket.pause());
    const { token } = await gateway.house.createKey();
    const { hostname, port } = new URL(gateway.url);
    const headers = { 'x-api-key': token, 'content-length': 500_000_000 };
    const sent = httpRequest({ hostname, port, method: 'POST', headers });
    sent.on('error', () => {});
    const chunk = Buffer.alloc(64 * 1024);
    let taken = 0;
    const more = () => {
      while (taken < 500_000_000) {
        taken += chunk.length;
        if (!sent.write(chunk)) return;
      }
    };
    sent.on('drain', more);
    more();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const first = taken;
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(taken).toBe(first);
    expect(first).toBeLessThan(30_000_000);
    sent.destroy();
  });

  test('G9: an answer is read no faster than the caller takes it', async () => {
    let pushed = 0;
    await using gateway = await startGateway((_request, response) => {
      const chunk = Buffer.alloc(64 * 1024);
      const more = () => {
        while (!response.destroyed && pushed < 500_000_000) {
          pushed += chunk.length;
          if (!response.write(chunk)) return;
        }
      };
      response.on('drain', more);
      more();
    });
    const { token } = await gateway.house.createKey();
    const { hostname, port } = new URL(gateway.url);
    const sent = httpRequest({ hostname, port, headers: { 'x-api-key': token } });
    const response = await new Promise<IncomingMessage>((resolve) => sent.on('response', resolve).end());
    response.pause();
    await new Promise((resolve) => setTimeout(resolve, 700));
    const first = pushed;
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(pushed).toBe(first);
    expect(first).toBeLessThan(30_000_000);
    response.on('error', () => {});
    sent.destroy();
  });

  test('G9: trailers go through in both directions, but none of ours', async () => {
    await using gateway = await startGateway((request, response) => {
      request.resume();
      request.on('end', () => {
        response.writeHead(200, { Trailer: 'X-Sum, X-Gatehouse-Subject' });
        response.write('part');
        response.addTrailers({ 'X-Sum': '42', 'X-Gatehouse-Subject': 'key_forged' });
        response.end();
      });
    });
    const { token } = await gateway.house.createKey();
    const answer = await wire(
      gateway.url,
      `POST / HTTP/1.1\r\nHost: a\r\nx-api-key: ${token}\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Check: 7\r\nX_Gatehouse_Subject: key_forged\r\nx-api-key: k\r\n\r\n`,
    );
    expect(answer.text).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(answer.text).toMatch(/\r\n0\r\nX-Sum: 42\r\n\r\n$/);
    expect(answer.text).not.toContain('forged');
    expect(gateway.seen[0]).toMatchObject({ body: 'abc', rawTrailers: ['X-Check', '7'] });
  });
});
