import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { describe, expect, onTestFinished, test } from 'vitest';
import { guardRoute, policyOf } from '../../src/express/guard-route.js';
import { gatehouse } from '../../src/express/index.js';
import { remoteGuard } from '../../src/express/remote.js';
import { VerifiedKeys } from '../../src/express/verified-keys.js';
import { sha256 } from '../../src/kernel/digest.js';
import { expectProblem } from '../http/problem.js';
import { SECOND, TestClock } from '../support/clock.js';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { ask, listen, MAJORS } from './app.js';

async function serviceKey(house: RunningGatehouse): Promise<string> {
  const made = await house.local('/api/service-keys', {
    method: 'POST',
    body: { name: 'asks', scopes: ['keys:read'] },
  });
  return made.json.token;
}

/** A Gatehouse behind a counter of the questions it is asked. */
async function counted(house: RunningGatehouse) {
  const asked: IncomingMessage[] = [];
  const ports = new Set<number | undefined>();
  const proxy = createServer(async (request, response) => {
    asked.push(request);
    ports.add(request.socket.remotePort);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const answer = await fetch(`${house.url}${request.url}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-api-key': String(request.headers['x-api-key'] ?? request.headers.authorization?.slice(7)),
      },
      body: Buffer.concat(chunks),
    });
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, asked, ports };
}

describe.each(MAJORS)('%s', (_major, makeApp) => {
  test('G10: keys of a Gatehouse that runs elsewhere open routes here, within the bounds they have there', async () => {
    await using house = await startGatehouse({}, { files: {} });
    const gate = await gatehouse({ url: house.url, serviceKey: await serviceKey(house) });
    onTestFinished(() => gate.close());
    const { key, token } = await house.createKey({ scopes: ['projects:read'] });
    const elsewhere = await house.createKey({ allowedIps: ['192.0.2.1'] });
    const revoked = await house.createKey();
    await house.local(`/api/keys/${revoked.key.id}/revoke`, { method: 'POST' });
    const service = await house.local('/api/service-keys', {
      method: 'POST',
      body: { name: 'ci', scopes: ['projects:read'] },
    });

    const app = makeApp();
    app.get(
      '/',
      gate.guard({ scopes: ['projects:read'] }),
      (request, response) => void response.json(request.gatehouse),
    );
    app.get('/pay', gate.guard({ scopes: ['billing:write'] }), (_request, response) => void response.end('no'));
    app.get('/trusted', gate.guard({ authModes: ['service_role'] }), (_request, response) => void response.end('ok'));
    app.get(
      '/open',
      gate.guard({ authModes: ['public'] }),
      (request, response) => void response.json(request.gatehouse),
    );
    const url = await listen(app);
    const by = (given: string) => ({ headers: { authorization: `Bearer ${given}` } });

    expect((await ask(url, by(token))).json).toMatchObject({
      kind: 'api_key',
      id: key.id,
      organizationId: 'org_default',
      scopes: ['projects:read'],
      address: '127.0.0.1',
    });
    expect((await ask(`${url}/trusted`, by(service.json.token))).status).toBe(200);
    expect((await ask(`${url}/open`)).json).toMatchObject({ kind: 'anonymous' });
    expectProblem(await ask(url), 'UNAUTHORIZED');
    expectProblem(await ask(url, by('unknown')), 'UNAUTHORIZED');
    expectProblem(await ask(url, by(revoked.token)), 'UNAUTHORIZED', /revoked/);
    expectProblem(await ask(url, by(elsewhere.token)), 'FORBIDDEN', /address list/);
    expectProblem(await ask(`${url}/pay`, by(token)), 'FORBIDDEN', /billing:write/);
    expectProblem(await ask(`${url}/trusted`, by(token)), 'FORBIDDEN', /service_role/);
    expectProblem(
      await ask(url, { headers: { 'x-api-key': token, authorization: 'Bearer other' } }),
      'AMBIGUOUS_CREDENTIALS',
    );
  });
});

test('G7, G10: a key of another environment is refused, as at Gatehouse itself', async () => {
  await using house = await startGatehouse({ ENVIRONMENT: 'production' }, { files: {} });
  const { token } = await house.createKey({ environment: 'staging' });
  const gate = await gatehouse({ url: house.url, serviceKey: await serviceKey(house) });
  const app = express();
  app.get('/', gate.guard(), (_request, response) => void response.end('no'));
  expectProblem(await ask(await listen(app), { headers: { 'x-api-key': token } }), 'FORBIDDEN', /staging/);
});

describe('how stale an answer may be', () => {
  test('K5, G10: a revoked key is refused 10 s later at the latest; a key that was refused may be good 2 s later', async () => {
    await using house = await startGatehouse({}, { files: {} });
    const clock = new TestClock();
    const app = express();
    app.get(
      '/',
      guardRoute(
        remoteGuard({ url: house.url, serviceKey: await serviceKey(house) }, clock),
        policyOf({ scopes: [] }, 'test'),
      ),
      (_request, response) => void response.end('ok'),
    );
    const url = await listen(app);
    const { key, token } = await house.createKey();
    const call = async () => (await ask(url, { headers: { 'x-api-key': token } })).status;
    expect(await call()).toBe(200);
    await house.local(`/api/keys/${key.id}/revoke`, { method: 'POST' });
    clock.advance(10 * SECOND - 1);
    expect(await call()).toBe(200);
    clock.advance(1);
    expect(await call()).toBe(401);
  });

  test('G10: many requests with one key are one question, over one connection', async () => {
    await using house = await startGatehouse({}, { files: {} });
    const proxy = await counted(house);
    const gate = await gatehouse({ url: proxy.url, serviceKey: await serviceKey(house) });
    const app = express();
    app.get('/', gate.guard(), (_request, response) => void response.end('ok'));
    const url = await listen(app);
    const { token } = await house.createKey();
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask(url, { headers: { 'x-api-key': token } })));
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200));
    expect(proxy.asked).toHaveLength(1);
    for (let n = 0; n < 5; n += 1) await ask(url, { headers: { 'x-api-key': `unknown-${n}` } });
    await ask(url, { headers: { 'x-api-key': 'unknown-0' } });
    expect(proxy.asked).toHaveLength(6);
    expect(proxy.ports.size).toBe(1);
    for (const request of proxy.asked) expect(request.url).toBe('/api/keys/verify');
  });

  test('what cannot be a key is not asked about', async () => {
    await using house = await startGatehouse({}, { files: {} });
    const proxy = await counted(house);
    const gate = await gatehouse({ url: proxy.url, serviceKey: await serviceKey(house) });
    const app = express();
    app.get('/', gate.guard(), (_request, response) => void response.end('ok'));
    const url = await listen(app);
    for (const key of ['', 'two words', 'k'.repeat(9000)])
      expectProblem(await ask(url, { headers: { 'x-api-key': key } }), 'UNAUTHORIZED');
    expect(proxy.asked).toHaveLength(0);
  });

  test('R3: what is kept is bounded, and so are the questions that run', async () => {
    let running = 0;
    let most = 0;
    const keys = new VerifiedKeys(async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running -= 1;
      return { valid: false, code: 'NOT_FOUND' };
    }, new TestClock());
    await Promise.all(Array.from({ length: 2000 }, (_, n) => keys.learn(`k${n}`)));
    expect(most).toBe(256);
    expect(() => keys.find(sha256('k1999'))).toThrow(/UNAVAILABLE/);
    expect(keys.find(sha256('k0'))).toBeUndefined();
  });
});

describe('R3, G10: nobody passes while Gatehouse cannot be asked', () => {
  const serve = async (url: string, serviceKey: string, timeoutMs = 5000) => {
    const gate = await gatehouse({ url, serviceKey, timeoutMs });
    const app = express();
    app.get('/', gate.guard(), (_request, response) => void response.end('no'));
    app.get('/open', gate.guard({ authModes: ['public'] }), (_request, response) => void response.end('ok'));
    return listen(app);
  };
  const key = { headers: { 'x-api-key': 'gate_sdk_live_x' } };

  test('it does not run', async () => {
    const url = await serve('http://127.0.0.1:9', 'svc');
    const answer = await ask(url, key);
    expectProblem(answer, 'UNAVAILABLE', /does not answer/);
    expect(answer.headers.get('retry-after')).toBe('2');
    expect(answer.text).not.toContain('127.0.0.1');
    expect((await ask(`${url}/open`)).status).toBe(200);
    expectProblem(await ask(url), 'UNAUTHORIZED');
  });

  test('it does not answer in time', async () => {
    const url = await serve(await listen(() => {}), 'svc', 200);
    expectProblem(await ask(url, key), 'UNAVAILABLE', /does not answer/);
  });

  test('it answers something else', async () => {
    const url = await serve(await listen((_request, response) => void response.end('<html>')), 'svc');
    expectProblem(await ask(url, key), 'UNAVAILABLE');
  });

  test('it refuses the service key', async () => {
    await using house = await startGatehouse({}, { files: {} });
    const { token } = await house.createKey({ scopes: ['ask:run'] });
    for (const serviceKey of ['unknown', token])
      expectProblem(await ask(await serve(house.url, serviceKey), key), 'UNAVAILABLE', /keys:read/);
  });
});

test('options that cannot be are refused', async () => {
  await expect(gatehouse({ url: 'nonsense', serviceKey: 'x' })).rejects.toMatchObject({ code: expect.any(String) });
  await expect(gatehouse({ url: 'http://127.0.0.1:1', serviceKey: 'x', trustProxy: 'true' })).rejects.toMatchObject({
    code: 'BAD_REQUEST',
    detail: expect.stringContaining('trustProxy'),
  });
  await expect(gatehouse({ url: 'http://127.0.0.1:1', serviceKey: 'x', allowedIps: 'nonsense' })).rejects.toMatchObject(
    { code: 'BAD_REQUEST' },
  );
});
