import { createLocalJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { head, sendRaw } from '../http/raw.js';
import { BILLING_CASES, BILLING_ROUTES, billingKeys } from '../support/billing.js';
import { SECOND, TestClock } from '../support/clock.js';
import { type Answer, type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { type EchoApp, type Seen, startEchoApp } from './echo-app.js';
import { missing, type RunningProxy, startCaddy, startNginx } from './proxy.js';

const IDENTITY = ['subject', 'type', 'key-id', 'org', 'scopes', 'request-id', 'assertion'].map(
  (name) => `x-gatehouse-${name}`,
);
const HOST = 'app.example.com';

/** Who says something about the caller that only the proxy may say. */
const FORGED = [
  'X-Gatehouse-Subject',
  'x-gatehouse-type',
  'X-GATEHOUSE-ORG',
  'X-Gatehouse-Scopes',
  'X-Gatehouse-Key-Id',
  'X-Gatehouse-Request-Id',
  'X-Gatehouse-Assertion',
  'X_Gatehouse_Subject',
  'X-Gatehouse_Subject',
  'X_Gatehouse-Subject',
  'X.Gatehouse.Subject',
  'X-Gatehouse.Subject',
  'X_GATEHOUSE_SCOPES',
  'X.Gatehouse.Scopes',
  'Forwarded',
  'X-Forwarded-For',
  'X-Forwarded-Host',
  'X-Forwarded-Proto',
  'X-Forwarded-Uri',
  'X-Forwarded-Method',
  'X-Forwarded-Prefix',
  'X_Forwarded_For',
  'X-Real-IP',
  'X_Real_IP',
  'X-Original-URL',
  'X-Original-Method',
  'X-Rewrite-URL',
  'X-HTTP-Method-Override',
  'Proxy',
];

const nginxMissing = missing('nginx');
const caddyMissing = missing('caddy');

describe.each([
  { name: 'nginx', start: startNginx, skip: nginxMissing },
  { name: 'Caddy', start: startCaddy, skip: caddyMissing },
])('docs/deploy: the real $name, configured exactly as printed', ({ start, skip }) => {
  if (skip !== null) {
    test.skip(skip, () => {});
    return;
  }
  let running: RunningGatehouse;
  let app: EchoApp;
  let proxy: RunningProxy;
  const clock = new TestClock(new Date().toISOString());

  beforeAll(async () => {
    running = await startGatehouse(
      { TRUST_PROXY: 'loopback', PUBLIC_URL: `https://${HOST}`, API_RATE_LIMIT: 'off' },
      { clock },
    );
    app = await startEchoApp();
    proxy = await start({ gatehouse: Number(new URL(running.url).port), app: app.port });
  });
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]();
    await app[Symbol.asyncDispose]();
    await running[Symbol.asyncDispose]();
  });

  const useRoutes = async (body: unknown) => {
    const set = await running.local('/api/settings/routes', { method: 'PUT', body });
    expect(set.status, set.text).toBe(200);
  };
  const open = { routes: [], default: { authModes: ['api_key', 'service_role'], scopes: [] } };

  /** One request through the proxy, and what of it reached the app. */
  async function send(
    method: string,
    path: string,
    headers: readonly string[] = [],
    body = '',
  ): Promise<{ answer: Answer; seen: Seen | null }> {
    app.seen.length = 0;
    const framing = body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
    const lines = head(`${method} ${path} HTTP/1.1`, 'Connection: close', ...headers, ...framing).replace(
      'gatehouse.test',
      HOST,
    );
    const { answers } = await sendRaw(proxy.url, lines + body, 5000);
    const [answer] = answers;
    if (answer === undefined) throw new Error('no answer');
    expect(app.seen.length).toBeLessThanOrEqual(1);
    return { answer, seen: app.seen[0] ?? null };
  }

  const valuesOf = (seen: Seen | null, name: string) =>
    (seen?.rawHeaders ?? []).filter(
      (_, index, all) => index % 2 === 1 && all[index - 1]?.toLowerCase() === name.toLowerCase(),
    );

  test('G8: the app is told who calls: all seven headers, once each, with an assertion it can check', async () => {
    await useRoutes(open);
    const { key, token } = await running.createKey({ scopes: ['billing:write', 'ask:run'] });
    const { answer, seen } = await send('GET', '/orders/7?x=1', [`x-api-key: ${token}`]);
    expect(answer.status, answer.text).toBe(200);
    expect(IDENTITY.map((name) => valuesOf(seen, name).length)).toEqual(Array(7).fill(1));
    expect(valuesOf(seen, 'x-gatehouse-subject')).toEqual([key.id]);
    expect(valuesOf(seen, 'x-gatehouse-scopes')).toEqual(['billing:write ask:run']);
    const keys = createLocalJWKSet((await running.call('/.well-known/jwks.json')).json);
    const { payload } = await jwtVerify(valuesOf(seen, 'x-gatehouse-assertion')[0] ?? '', keys, {
      audience: HOST,
      issuer: `https://${HOST}`,
      typ: 'gatehouse-assertion+jwt',
    });
    expect(payload.sub).toBe(key.id);
    expect(seen?.url).toBe('/orders/7?x=1');
  });

  test.each(FORGED)('G8: a forged %s never passes, with a key or without', async (name) => {
    await useRoutes({ routes: [{ path: '/open', authModes: ['public'], scopes: [] }], ...{ default: open.default } });
    const { key, token } = await running.createKey();
    for (const [path, headers, subject] of [
      ['/', [`x-api-key: ${token}`], key.id],
      ['/open', [], 'none'],
    ] as const) {
      const { answer, seen } = await send('GET', path, [
        ...headers,
        `${name}: forged-canary`,
        `${name}: forged-canary-2`,
      ]);
      expect(seen, `${answer.status} ${answer.text}`).not.toBeNull();
      expect(JSON.stringify(seen?.rawHeaders)).not.toContain('forged-canary');
      expect(valuesOf(seen, 'x-gatehouse-subject')).toEqual([subject]);
      expect(IDENTITY.map((header) => valuesOf(seen, header).length)).toEqual(Array(7).fill(1));
    }
  });

  test('G3, G8: a caller cannot choose its address', async () => {
    await useRoutes(open);
    const { key, token } = await running.createKey();
    await send('GET', '/', [
      `x-api-key: ${token}`,
      'X-Forwarded-For: 203.0.113.77',
      'Forwarded: for=203.0.113.78',
      'X-Real-IP: 203.0.113.79',
    ]);
    expect((await running.local(`/api/keys/${key.id}`)).json.key.lastUsedIp).toBe('127.0.0.1');
  });

  test('G8: a caller cannot choose what it is judged by', async () => {
    await useRoutes({ routes: [{ path: '/open', authModes: ['public'], scopes: [] }] });
    for (const line of [
      'X-Original-URL: http://app.example.com/open',
      'X-Forwarded-Uri: /open',
      'X-Rewrite-URL: /open',
      'X-Original-Method: OPTIONS',
    ]) {
      const { answer, seen } = await send('GET', '/secret', [line]);
      expect([answer.status, seen], line).toEqual([401, null]);
    }
  });

  test('G1, G8: 401, 403 and 429 arrive as such, in the one shape, and the app sees nothing', async () => {
    await useRoutes({
      routes: [
        { path: '/write', authModes: ['api_key'], scopes: ['billing:write'] },
        { path: '/once', authModes: ['api_key'], scopes: [], rateLimit: { requests: 1, windowSeconds: 60 } },
      ],
      default: open.default,
    });
    const { token } = await running.createKey();
    const missingKey = await send('GET', '/', ['Accept: text/html']);
    const wrong = await send('POST', '/', ['x-api-key: wrong'], 'body');
    const scope = await send('GET', '/write', [`x-api-key: ${token}`]);
    expect((await send('GET', '/once', [`x-api-key: ${token}`])).answer.status).toBe(200);
    const limited = await send('GET', '/once', [`x-api-key: ${token}`]);
    const twice = await send('GET', '/', [`x-api-key: ${token}`, 'Authorization: Bearer other']);
    const path = await send('GET', '/a//b', [`x-api-key: ${token}`]);
    const all = [missingKey, wrong, scope, limited, twice, path];
    expect(all.map(({ answer }) => [answer.status, answer.json?.code, answer.json?.status])).toEqual([
      [401, 'UNAUTHORIZED', 401],
      [401, 'UNAUTHORIZED', 401],
      [403, 'FORBIDDEN', 403],
      [429, 'RATE_LIMITED', 429],
      [400, 'AMBIGUOUS_CREDENTIALS', 400],
      [400, 'BAD_REQUEST', 400],
    ]);
    for (const { answer, seen } of all) {
      expect(seen).toBeNull();
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      expect(answer.json.requestId).toMatch(/^req_/);
      expect(answer.headers.get('location')).toBeNull();
    }
    expect(missingKey.answer.headers.get('www-authenticate')).toBe('Bearer realm="gatehouse"');
    expect(wrong.answer.headers.get('www-authenticate')).toContain('invalid_token');
    expect(limited.answer.headers.get('retry-after')).toBe('60');
    expect(limited.answer.json.error).toBe('Rate limit exceeded');
    clock.advance(60 * SECOND);
  });

  test('G8: what the app itself refuses arrives as the app said it', async () => {
    await useRoutes(open);
    const { token } = await running.createKey();
    const { answer, seen } = await send('GET', '/app-says-403', [`x-api-key: ${token}`]);
    expect([answer.status, seen?.url]).toEqual([403, '/app-says-403']);
    expect(answer.json).toMatchObject({ url: '/app-says-403' });
  });

  test('G8: a body arrives whole, and is no part of the question', async () => {
    await useRoutes(open);
    const { token } = await running.createKey();
    const body = JSON.stringify({ text: 'é'.repeat(50_000) });
    const { answer, seen } = await send(
      'POST',
      '/upload',
      [`Authorization: Bearer ${token}`, 'Content-Type: application/json'],
      body,
    );
    expect(answer.status).toBe(200);
    expect(seen?.body).toBe(body);
    expect(seen?.method).toBe('POST');
  });

  test('G8: our credentials stay with the proxy, other cookies travel', async () => {
    await useRoutes({ routes: [{ path: '/open', authModes: ['public'], scopes: [] }], default: open.default });
    const { token } = await running.createKey();
    const session = 'gatehouse_session=secret-session';
    for (const [headers, cookie] of [
      [
        [`x-api-key: ${token}`, `Cookie: a=1; ${session}; b=2`],
        ['a=1', 'b=2'],
      ],
      [[`Authorization: Bearer ${token}`, `Cookie: ${session}; b=2`], ['b=2']],
      [[`x-api-key: ${token}`, `Authorization: bearer ${token}`, `Cookie: ${session}`], []],
      [
        [`x-api-key: ${token}`, 'Cookie: a=1; other_session=3'],
        ['a=1', 'other_session=3'],
      ],
    ] as const) {
      const { seen } = await send('GET', '/', headers);
      expect(seen).not.toBeNull();
      expect(JSON.stringify(seen)).not.toContain(token);
      expect(JSON.stringify(seen)).not.toContain('secret-session');
      const cookies = valuesOf(seen, 'cookie').flatMap((line) =>
        line
          .split(';')
          .map((pair) => pair.trim())
          .filter((pair) => pair !== ''),
      );
      expect(cookies).toEqual(cookie);
    }
  });

  test.each(['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE'])('G8: %s is judged as what it is', async (method) => {
    await useRoutes({ routes: [{ methods: [method], path: '/here', authModes: ['api_key'], scopes: [] }] });
    const { token } = await running.createKey();
    const here = await send(method, '/here', [`x-api-key: ${token}`]);
    expect([here.answer.status, here.seen?.method]).toEqual([200, method]);
    const other = await send(method === 'PUT' ? 'PATCH' : 'PUT', '/here', [`x-api-key: ${token}`]);
    expect([other.answer.status, other.seen]).toEqual([403, null]);
  });

  test('G6: the billing table holds', async () => {
    await useRoutes(BILLING_ROUTES);
    const keys = await billingKeys(running);
    const wrong: string[] = [];
    for (const { method, path, caller, status } of BILLING_CASES) {
      clock.advance(SECOND);
      const { answer, seen } = await send(method, path, keys[caller] === null ? [] : [`x-api-key: ${keys[caller]}`]);
      const passed = seen !== null;
      if (answer.status !== status || passed !== (status === 200))
        wrong.push(`${method} ${path} as ${caller}: ${answer.status}, ${status} was promised`);
    }
    expect(wrong).toEqual([]);
  });

  test('G8: a WebSocket opens with a key and not without, and both ends talk', async () => {
    await useRoutes(open);
    const { key, token } = await running.createKey();
    app.seen.length = 0;
    const url = `ws://127.0.0.1:${proxy.port}/live`;
    await expect(openSocket(url, {})).rejects.toThrow('401');
    expect(app.seen).toEqual([]);
    const socket = await openSocket(url, { 'x-api-key': token });
    const echoed = new Promise((resolve) => socket.once('message', (data) => resolve(String(data))));
    socket.send('hello');
    expect(await echoed).toBe('echo hello');
    expect(valuesOf(app.seen[0] ?? null, 'x-gatehouse-subject')).toEqual([key.id]);
    socket.terminate();
  });

  test('G8: while Gatehouse cannot decide nothing passes', async () => {
    await useRoutes(open);
    const { token } = await running.createKey();
    const { match } = running.gatehouse.upstream;
    running.gatehouse.upstream.match = () => {
      throw new TypeError('broken');
    };
    const { answer, seen } = await send('GET', '/', [`x-api-key: ${token}`]);
    running.gatehouse.upstream.match = match;
    expect([answer.status, answer.json?.code, seen]).toEqual([503, 'UNAVAILABLE', null]);
  });
});

function openSocket(url: string, headers: Record<string, string>): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { headers: { ...headers, host: HOST } });
    socket.once('open', () => resolve(socket));
    socket.once('error', reject);
  });
}
