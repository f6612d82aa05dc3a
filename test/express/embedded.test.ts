import { readFile } from 'node:fs/promises';
import express, { type NextFunction, type Request, type Response } from 'express';
import { describe, expect, onTestFinished, test } from 'vitest';
import { callerOf, gatehouse } from '../../src/express/index.js';
import { expectProblem } from '../http/problem.js';
import { startGatehouse } from '../support/gatehouse.js';
import { temporaryWorkspaces } from '../support/workspace.js';
import { ask, listen, MAJORS } from './app.js';

/** A folder with keys in it that no process owns any more. */
async function folderWithKeys() {
  const folder = await temporaryWorkspaces({});
  onTestFinished(() => folder[Symbol.asyncDispose]());
  const house = await startGatehouse({}, { folder: folder.path });
  const plain = await house.createKey({ scopes: ['projects:read'] });
  const payer = await house.createKey({ scopes: ['billing:write'] });
  const bounded = await house.createKey({ rateLimit: { requests: 1, windowSeconds: 3600 } });
  const revoked = await house.createKey();
  await house.local(`/api/keys/${revoked.key.id}/revoke`, { method: 'POST' });
  const staging = await house.createKey({ environment: 'staging' });
  await house[Symbol.asyncDispose]();
  return { path: folder.path, plain, payer, bounded, revoked, staging };
}

async function open(settings: Record<string, string> = {}) {
  const folder = await folderWithKeys();
  const gate = await gatehouse({ folder: folder.path, settings });
  onTestFinished(() => gate.close());
  return { ...folder, gate };
}

describe.each(MAJORS)('%s', (_major, makeApp) => {
  test('G10: each route says whom it lets in, and is told who is calling', async () => {
    const { gate, plain, payer } = await open();
    const app = makeApp();
    app.get('/whoami', gate.guard(), (request: Request, response: Response) => void response.json(request.gatehouse));
    app.post(
      '/pay',
      gate.guard({ scopes: ['billing:write'] }),
      (request, response) => void response.json({ by: callerOf(request).keyId }),
    );
    app.get(
      '/open',
      gate.guard({ authModes: ['public'] }),
      (request, response) => void response.json(request.gatehouse),
    );
    app.get('/trusted', gate.guard({ authModes: ['service_role'] }), (_request, response) => void response.end('no'));
    const url = await listen(app);
    const by = (token: string) => ({ headers: { 'x-api-key': token } });

    expect((await ask(`${url}/whoami`, by(plain.token))).json).toEqual({
      kind: 'api_key',
      id: plain.key.id,
      keyId: plain.key.id,
      organizationId: 'org_default',
      scopes: ['projects:read'],
      workspaceIds: null,
      environment: 'development',
      address: '127.0.0.1',
      requestId: expect.stringMatching(/^req_/),
    });
    expect((await ask(`${url}/pay`, { method: 'POST', ...by(payer.token) })).json).toEqual({ by: payer.key.id });
    expect((await ask(`${url}/open`)).json).toMatchObject({ kind: 'anonymous', keyId: null, scopes: [] });
    expect((await ask(`${url}/open`, by(plain.token))).json).toMatchObject({ id: plain.key.id });

    const missing = await ask(`${url}/whoami`);
    expectProblem(missing, 'UNAUTHORIZED');
    expect(missing.headers.get('www-authenticate')).toBe('Bearer realm="gatehouse"');
    const unscoped = await ask(`${url}/pay`, { method: 'POST', ...by(plain.token) });
    expectProblem(unscoped, 'FORBIDDEN', /billing:write/);
    expect(unscoped.headers.get('www-authenticate')).toContain('insufficient_scope');
    expectProblem(await ask(`${url}/trusted`, by(payer.token)), 'FORBIDDEN', /service_role/);
  });

  test('G1, G10: limits: the route’s, else the key’s own; Retry-After says when', async () => {
    const { gate, plain, bounded } = await open({ API_RATE_LIMIT: '1' });
    const app = makeApp();
    app.get('/free', gate.guard(), (_request, response) => void response.end('ok'));
    app.get(
      '/tight',
      gate.guard({ rateLimit: { requests: 2, windowSeconds: 60 } }),
      (_request, response) => void response.end('ok'),
    );
    const url = await listen(app);
    const statuses = async (path: string, token: string) => {
      const all: number[] = [];
      for (let n = 0; n < 3; n += 1) all.push((await ask(url + path, { headers: { 'x-api-key': token } })).status);
      return all;
    };
    expect(await statuses('/free', plain.token)).toEqual([200, 200, 200]);
    expect(await statuses('/tight', plain.token)).toEqual([200, 200, 429]);
    expect(await statuses('/free', bounded.token)).toEqual([200, 429, 429]);
    const refused = await ask(`${url}/tight`, { headers: { 'x-api-key': plain.token } });
    expectProblem(refused, 'RATE_LIMITED');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(50);
    expect(refused.headers.get('ratelimit')).toMatch(/^"minute";r=0;t=/);
  });

  test('G10: body parsers may stand before or behind it', async () => {
    const { gate, plain } = await open();
    const before = makeApp();
    before.use(express.json());
    before.post('/', gate.guard(), (request, response) => void response.json(request.body));
    const behind = makeApp();
    behind.post('/', gate.guard(), express.json(), (request, response) => void response.json(request.body));
    for (const app of [before, behind]) {
      const url = await listen(app);
      const init = (token: string) => ({
        method: 'POST',
        headers: { 'x-api-key': token, 'content-type': 'application/json' },
        body: JSON.stringify({ a: [1, 'ä'] }),
      });
      expect((await ask(url, init(plain.token))).json).toEqual({ a: [1, 'ä'] });
      expectProblem(await ask(url, init('wrong')), 'UNAUTHORIZED');
    }
  });

  test('G10: a refusal is answered here, and never meets handlers or error handlers; errors of the app stay the app’s', async () => {
    const { gate, plain } = await open();
    const met: string[] = [];
    const app = makeApp();
    app.use('/api', gate.guard());
    app.get('/api/broken', () => {
      throw new Error('of the app');
    });
    app.get('/api/passed-on', (_request, _response, next) => next(new Error('passed on')));
    app.get('/api/fine', (_request, response) => {
      met.push('fine');
      response.end('ok');
    });
    app.use((error: Error, _request: Request, response: Response, _next: NextFunction) => {
      met.push(error.message);
      response.status(599).end();
    });
    const url = await listen(app);
    expectProblem(await ask(`${url}/api/fine`), 'UNAUTHORIZED');
    expect(met).toEqual([]);
    const headers = { 'x-api-key': plain.token };
    expect((await ask(`${url}/api/broken`, { headers })).status).toBe(599);
    expect((await ask(`${url}/api/passed-on`, { headers })).status).toBe(599);
    expect((await ask(`${url}/api/fine`, { headers })).status).toBe(200);
    expect(met).toEqual(['of the app', 'passed on', 'fine']);
  });

  test('A6, G10: a JWT of a key counts as that key, also where its signature is checked first', async () => {
    const folder = await folderWithKeys();
    const house = await startGatehouse({}, { folder: folder.path });
    // The clock of the test Gatehouse stands in the past of the middleware's own, so the token is minted for later.
    house.clock.advance(Date.now() - house.clock.nowMs());
    const jwt = (await house.call('/api/auth/token', { method: 'POST', key: folder.plain.token, body: {} })).json
      .access_token;
    await house[Symbol.asyncDispose]();
    const gate = await gatehouse({ folder: folder.path });
    onTestFinished(() => gate.close());
    const app = makeApp();
    app.get('/', gate.guard(), (request, response) => void response.json(request.gatehouse));
    const url = await listen(app);
    expect((await ask(url, { headers: { authorization: `Bearer ${jwt}` } })).json).toMatchObject({
      id: folder.plain.key.id,
    });
    expectProblem(await ask(url, { headers: { authorization: `Bearer ${jwt}x` } }), 'UNAUTHORIZED');
  });
});

test('G10: settings hold: addresses, environment, environment keys', async () => {
  const { gate, plain, staging, revoked } = await open({
    ENVIRONMENT: 'staging',
    ADMIN_API_KEY: 'a'.repeat(40),
    TRUST_PROXY: 'loopback',
    ALLOWED_IPS: '10.0.0.0/8',
  });
  const app = express();
  app.get(
    '/',
    gate.guard({ authModes: ['service_role', 'api_key'] }),
    (request, response) => void response.json(request.gatehouse),
  );
  const url = await listen(app);
  const from = (token: string, address = '10.1.2.3') =>
    ask(url, { headers: { 'x-api-key': token, 'x-forwarded-for': address } });
  expect((await from(staging.token)).json).toMatchObject({ id: staging.key.id, address: '10.1.2.3' });
  expect((await from('a'.repeat(40))).json).toMatchObject({ kind: 'env_admin' });
  expectProblem(await from(plain.token), 'FORBIDDEN', /development/);
  expectProblem(await from(staging.token, '192.0.2.1'), 'IP_NOT_ALLOWED');
  expectProblem(await from(revoked.token), 'UNAUTHORIZED', /revoked/);
});

test('K5: a key that is revoked by hand in the file is refused within 2 s', async () => {
  const { gate, path, plain } = await open();
  const app = express();
  app.get('/', gate.guard(), (_request, response) => void response.end('ok'));
  const url = await listen(app);
  const call = async () => (await ask(url, { headers: { 'x-api-key': plain.token } })).status;
  expect(await call()).toBe(200);
  const { writeFile } = await import('node:fs/promises');
  const file = `${path}/api-keys.json`;
  const text = await readFile(file, 'utf8');
  const line = text.split('\n').find((candidate) => candidate.includes(plain.key.id)) ?? '';
  await writeFile(file, text.replace(line, line.replace('"revokedAt":null', '"revokedAt":"2026-11-22T12:00:00.000Z"')));
  await expect.poll(call, { timeout: 2500 }).toBe(401);
});

test('R2: a folder that another process or guard owns, and settings that cannot be, say so', async () => {
  const { path } = await open();
  await expect(gatehouse({ folder: path })).rejects.toMatchObject({ code: 'CONFLICT' });
  await expect(gatehouse({ folder: path, settings: { ALLOWED_IPS: 'nonsense', PORT: 'x' } })).rejects.toMatchObject({
    code: 'BAD_REQUEST',
    detail: expect.stringMatching(/ALLOWED_IPS.*PORT/s),
  });
});

test('the environment and the .env of the app are not read', async () => {
  process.env['API_RATE_LIMIT'] = 'nonsense';
  onTestFinished(() => void delete process.env['API_RATE_LIMIT']);
  const { gate } = await open();
  expect(gate.guard()).toBeTypeOf('function');
});

test.each([
  [{ authModes: [] }, /authModes/],
  [{ authModes: ['public'], scopes: ['billing:write'] }, /scopes/],
  [{ rateLimit: { requests: 0, windowSeconds: 60 } }, /rateLimit/],
] as const)('a route that cannot be is refused when it is made: %j', async (route, words) => {
  const { gate } = await open();
  expect(() => gate.guard(route)).toThrow(words);
});

test('callerOf tells a route that no guard stands before', () => {
  expect(() => callerOf({ gatehouse: { id: 'key_forged' } })).toThrow('not behind guard()');
});
