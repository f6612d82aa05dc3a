import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { describe, expect, test, vi } from 'vitest';
import { MINUTE, TestClock } from '../support/clock.js';
import {
  ADMIN_KEY,
  type Answer,
  type CallOptions,
  type RunningGatehouse,
  startGatehouse,
} from '../support/gatehouse.js';
import { expectProblem } from './problem.js';
import { head, sendOne, sendRaw } from './raw.js';

const IDENTITY = ['subject', 'type', 'key-id', 'org', 'scopes', 'request-id', 'assertion'];
const HOST = 'app.example.com';

/** A Gatehouse that trusts this machine as its proxy, and has these routes. */
async function start(routes?: unknown, settings: Record<string, string> = {}, clock?: TestClock) {
  const running = await startGatehouse({ TRUST_PROXY: 'loopback', ...settings }, clock === undefined ? {} : { clock });
  if (routes !== undefined) await useRoutes(running, routes);
  return running;
}

async function useRoutes(running: RunningGatehouse, routes: unknown): Promise<void> {
  const before = running.gatehouse.settings.routes.value;
  await writeFile(join(running.folder, '.gatehouse', 'routes.json'), JSON.stringify(routes));
  await vi.waitFor(() => expect(running.gatehouse.settings.routes.value).not.toBe(before), 2000);
}

interface Asked extends CallOptions {
  readonly at?: string;
  readonly forwardedMethod?: string;
  readonly peerHeaders?: Record<string, string>;
}

/** Asks as Caddy and Traefik do. */
function ask(running: RunningGatehouse, path: string, options: Asked = {}): Promise<Answer> {
  const { at = '/api/verify', forwardedMethod = 'GET', headers, ...rest } = options;
  return running.call(at, {
    ...rest,
    headers: {
      'X-Forwarded-Method': forwardedMethod,
      'X-Forwarded-Uri': path,
      'X-Forwarded-Host': HOST,
      'X-Forwarded-Proto': 'https',
      'X-Forwarded-For': '203.0.113.9',
      ...headers,
    },
  });
}

/** Asks as our configuration of nginx does. */
function askNginx(running: RunningGatehouse, path: string, options: Asked = {}): Promise<Answer> {
  const { at = '/api/verify/nginx', forwardedMethod = 'GET', headers, ...rest } = options;
  return running.call(at, {
    ...rest,
    headers: {
      'X-Original-Method': forwardedMethod,
      'X-Original-URL': `https://${HOST}${path}`,
      'X-Forwarded-For': '203.0.113.9',
      ...headers,
    },
  });
}

const identityOf = (answer: Answer) =>
  Object.fromEntries(IDENTITY.map((name) => [name, answer.headers.get(`x-gatehouse-${name}`)]));

describe('an allow', () => {
  test('G8: 204 with all seven identity headers, an assertion the app can check, and no body', async () => {
    const clock = new TestClock(new Date().toISOString());
    await using running = await start(undefined, { PUBLIC_URL: `https://${HOST}` }, clock);
    const { key, token } = await running.createKey({ scopes: ['billing:write', 'ask:run'] });
    const answer = await ask(running, '/orders/7?x=1', { key: token });
    expect([answer.status, answer.text]).toEqual([204, '']);
    const told = identityOf(answer);
    expect(told).toMatchObject({
      subject: key.id,
      type: 'api_key',
      'key-id': key.id,
      org: 'org_default',
      scopes: 'billing:write ask:run',
    });
    expect(told['request-id']).toMatch(/^req_[0-9A-Za-z]{22}$/);
    const keys = createLocalJWKSet((await running.call('/.well-known/jwks.json')).json);
    const { payload } = await jwtVerify(told['assertion'] ?? '', keys, {
      audience: HOST,
      typ: 'gatehouse-assertion+jwt',
    });
    expect(payload.sub).toBe(key.id);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  test('G8: nothing to tell is "none", never a missing header', async () => {
    await using running = await start({ routes: [{ path: '/open', authModes: ['public'], scopes: [] }] });
    for (const answer of [
      await ask(running, '/open'),
      await ask(running, '/open', { key: 'wrong' }),
      await askNginx(running, '/open'),
    ]) {
      expect(answer.status).toBe(204);
      expect(identityOf(answer)).toMatchObject({
        subject: 'none',
        type: 'anonymous',
        'key-id': 'none',
        org: 'none',
        scopes: 'none',
        assertion: 'none',
      });
    }
  });

  test('G8: assertions are for listed hosts only', async () => {
    await using running = await start({ routes: [], default: { authModes: ['api_key'], scopes: [] }, hosts: [HOST] });
    const { token } = await running.createKey();
    const assertion = async (host: string) =>
      identityOf(await ask(running, '/', { key: token, headers: { 'X-Forwarded-Host': host } }))['assertion'];
    expect(await assertion(HOST)).toMatch(/^eyJ/);
    expect(await assertion(`${HOST.toUpperCase()}:8443`)).toMatch(/^eyJ/);
    expect(await assertion('other.example.com')).toBe('none');
  });

  test('A6, G5: a JWT traded from a key counts as the key, its first time too', async () => {
    await using running = await start();
    const { key, token } = await running.createKey({ scopes: ['ask:run', 'jobs:read'] });
    const traded = await running.call('/api/auth/token', { key: token, body: { scopes: ['jobs:read'] } });
    const headers = { authorization: `Bearer ${traded.json.access_token}` };
    for (let time = 0; time < 2; time += 1) {
      const answer = await ask(running, '/', { headers });
      expect(answer.status).toBe(204);
      expect(identityOf(answer)).toMatchObject({ subject: key.id, scopes: 'jobs:read' });
    }
  });

  test('G8: the last use of a key is noted with the address of the caller, not of the proxy', async () => {
    await using running = await start();
    const { key, token } = await running.createKey();
    await ask(running, '/', { key: token });
    expect((await running.local(`/api/keys/${key.id}`)).json.key.lastUsedIp).toBe('203.0.113.9');
  });
});

test('what was asked is counted by the policy that decided, for the key it was asked for', async () => {
  await using running = await start({
    routes: [{ methods: ['POST'], path: '/billing/portal', authModes: ['api_key'], scopes: ['billing:write'] }],
  });
  const { key, token } = await running.createKey({ scopes: ['billing:write'] });
  const other = await running.createKey({ scopes: [] });
  const portal = { forwardedMethod: 'POST' };
  for (let n = 0; n < 2; n += 1)
    expect((await ask(running, '/billing/portal', { ...portal, key: token })).status).toBe(204);
  expect((await askNginx(running, '/billing/portal', { ...portal, key: other.key.id })).status).toBe(401);
  expect((await ask(running, '/billing/portal', { ...portal, key: other.token })).status).toBe(403);
  await running.call('/api/verify?scop=x');
  await running.call('/api/verify');
  const { keys, routes, totals } = (await running.local('/api/usage')).json;
  expect(totals.byOutcome).toMatchObject({ FORBIDDEN: 1, UNAUTHORIZED: 1, BAD_REQUEST: 1, UNTRUSTED_PROXY: 1 });
  expect(routes).toContainEqual({ route: 'upstream POST /billing/portal', requests: 4, allowed: 2 });
  expect(routes).toContainEqual({ route: 'verify', requests: 2, allowed: 0 });
  expect(keys).toContainEqual({ id: key.id, kind: 'api_key', name: 'test', requests: 2, allowed: 2 });
});

test('G11: an explanation foretells what is answered', async () => {
  await using running = await start({
    routes: [
      { methods: ['GET'], path: '/open', authModes: ['public'], scopes: [] },
      { path: '/billing/:id', authModes: ['api_key'], scopes: ['billing:write'] },
      { path: '/people/*', authModes: ['jwt'], scopes: [] },
    ],
  });
  const tokens = [
    null,
    'wrong',
    (await running.createKey({ scopes: [] })).token,
    (await running.createKey({ scopes: ['billing:write'], allowedIps: ['203.0.113.0/24'] })).token,
    (await running.createKey({ scopes: ['*'], allowedIps: ['192.0.2.1'] })).token,
  ];
  for (const path of [
    '/open',
    '/billing/7',
    '/billing/7?x',
    '/people/1/2',
    '/nowhere',
    '/Billing/7',
    '/billing/%2e%2e',
    '//open',
  ]) {
    for (const token of tokens) {
      const { status, json } = await ask(running, path, token === null ? {} : { key: token });
      const question = { door: 'upstream', method: 'GET', path, token, ip: '203.0.113.9' };
      const { allow, code, firstFailure } = (await running.local('/api/explain', { body: question })).json;
      const foretold = allow ? [204, undefined, undefined] : [status, code, firstFailure.words];
      expect([status, json?.code, json?.detail], `${path} ${token}`).toEqual(foretold);
    }
  }
});

describe('a refusal', () => {
  test('G1, G8: 401 with WWW-Authenticate, 403, 429 with Retry-After; never a redirect', async () => {
    await using running = await start({
      routes: [{ path: '/write', authModes: ['api_key'], scopes: ['billing:write'] }],
      default: { authModes: ['api_key', 'service_role'], scopes: [], rateLimit: { requests: 1, windowSeconds: 60 } },
    });
    const { token } = await running.createKey();
    const html = { accept: 'text/html', cookie: 'a=b' };
    const missing = await ask(running, '/', { headers: html });
    expectProblem(missing, 'UNAUTHORIZED');
    expect(missing.headers.get('www-authenticate')).toBe('Bearer realm="gatehouse"');
    expect(missing.headers.get('location')).toBeNull();
    const wrong = await ask(running, '/', { key: 'wrong' });
    expect(wrong.headers.get('www-authenticate')).toContain('error="invalid_token"');
    const scope = await ask(running, '/write', { key: token });
    expectProblem(scope, 'FORBIDDEN');
    expect(scope.json.detail).toContain('billing:write');
    expect((await ask(running, '/', { key: token })).status).toBe(204);
    const limited = await ask(running, '/', { key: token });
    expectProblem(limited, 'RATE_LIMITED');
    expect(limited.headers.get('retry-after')).toBe('60');
    for (const answer of [missing, wrong, scope, limited]) {
      expect(identityOf(answer)['subject']).toBeNull();
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  test('G8: for nginx 401 stays 401, every other one is 403 with its code, and Retry-After', async () => {
    await using running = await start({
      routes: [{ path: '/write', authModes: ['api_key'], scopes: ['billing:write'] }],
      default: { authModes: ['api_key'], scopes: [], rateLimit: { requests: 1, windowSeconds: 60 } },
    });
    const { token } = await running.createKey();
    const seen: unknown[] = [];
    for (const [path, options] of [
      ['/', {}],
      ['/write', { key: token }],
      ['/a//b', { key: token }],
      ['/', { key: token }],
      ['/', { key: token }],
    ] as const) {
      const answer = await askNginx(running, path, options);
      seen.push([answer.status, answer.headers.get('x-gatehouse-error'), answer.headers.get('retry-after')]);
    }
    expect(seen).toEqual([
      [401, 'UNAUTHORIZED', null],
      [403, 'FORBIDDEN', null],
      [403, 'BAD_REQUEST', null],
      [204, null, null],
      [403, 'RATE_LIMITED', '60'],
    ]);
  });

  test('G8: what cannot be decided is 503 in both dialects, and nobody passes', async () => {
    await using running = await start();
    const { token } = await running.createKey();
    const { guard, upstream } = running.gatehouse;
    vi.spyOn(guard, 'boundsFor');
    const broken = vi.spyOn(upstream, 'match').mockImplementation(() => {
      throw new TypeError('broken');
    });
    expectProblem(await ask(running, '/', { key: token }), 'UNAVAILABLE');
    expect((await askNginx(running, '/', { key: token })).status).toBe(503);
    broken.mockRestore();
    vi.spyOn(running.gatehouse.assertions, 'current').mockRejectedValue(new TypeError('broken'));
    expectProblem(await ask(running, '/', { key: token }), 'UNAVAILABLE');
    expect(running.logs()).toContain('a request could not be decided');
  });

  test('G2, G8: the allowlist holds for the caller behind the proxy', async () => {
    await using running = await start(undefined, { ALLOWED_IPS: '203.0.113.0/24' });
    const { token } = await running.createKey();
    expect((await ask(running, '/', { key: token })).status).toBe(204);
    const answer = await ask(running, '/', { key: token, headers: { 'X-Forwarded-For': '198.51.100.7' } });
    expectProblem(answer, 'IP_NOT_ALLOWED');
  });

  test('G8: a thousand hops are refused, quickly', async () => {
    await using running = await start();
    const { token } = await running.createKey();
    const hops = Array.from({ length: 1000 }, (_, index) => `10.0.${index >> 8}.${index & 255}`).join(', ');
    const answer = await ask(running, '/', { key: token, headers: { 'X-Forwarded-For': hops } });
    expectProblem(answer, 'BAD_REQUEST');
  });
});

describe('who may ask', () => {
  test('G8: a peer that is no trusted proxy is refused, whatever it sends, and that is audited', async () => {
    await using running = await startGatehouse({ ADMIN_API_KEY: ADMIN_KEY });
    for (const answer of [
      await ask(running, '/', { key: ADMIN_KEY }),
      await askNginx(running, '/', { key: ADMIN_KEY }),
      await running.call('/api/verify', { key: ADMIN_KEY }),
    ]) {
      expectProblem(answer, 'UNTRUSTED_PROXY');
      expect(identityOf(answer)['subject']).toBeNull();
    }
    const { data } = (await running.local('/api/audit')).json;
    expect(data[0]).toMatchObject({
      outcome: 'refused',
      detail: { code: 'UNTRUSTED_PROXY', reason: 'untrusted-proxy' },
    });
  });

  test.each([
    ['no method', { 'X-Forwarded-Method': '' }, 'X-Forwarded-Method is missing'],
    ['no target', { 'X-Forwarded-Uri': '' }, 'X-Forwarded-Uri is missing'],
    ['no host', { 'X-Forwarded-Host': '' }, 'X-Forwarded-Host is missing'],
  ])('G8: facts that are missing are no default policy: %s', async (_what, headers, words) => {
    await using running = await start();
    const { token } = await running.createKey();
    const answer = await ask(running, '/', { key: token, headers });
    expectProblem(answer, 'UNTRUSTED_PROXY');
    expect(answer.json.detail).toContain(words);
  });

  test.each(['X-Forwarded-Method: POST', 'X-Forwarded-Uri: /other', 'x-forwarded-host: other.example.com'])(
    "G8: facts that are there twice are nobody's: %s",
    async (line) => {
      await using running = await start();
      const { token } = await running.createKey();
      const lines = [
        `x-api-key: ${token}`,
        'X-Forwarded-Method: GET',
        'X-Forwarded-Uri: /',
        `X-Forwarded-Host: ${HOST}`,
      ];
      expect((await sendOne(running.url, head('GET /api/verify HTTP/1.1', ...lines))).status).toBe(204);
      const answer = await sendOne(running.url, head('GET /api/verify HTTP/1.1', ...lines, line));
      expectProblem(answer, 'UNTRUSTED_PROXY');
      expect(answer.json.detail).toContain('twice');
    },
  );

  test.each(['app.example.com/x', 'http:///x', '://h/x', 'http://h', 'http:/h/x', ''])(
    'G8: an X-Original-URL of %j is refused',
    async (url) => {
      await using running = await start();
      const { token } = await running.createKey();
      const answer = await askNginx(running, '/', { key: token, headers: { 'X-Original-URL': url } });
      expect([answer.status, answer.headers.get('x-gatehouse-error')]).toEqual([403, 'UNTRUSTED_PROXY']);
    },
  );

  test.each(['/a/../b', '//a', '/a%2fb', '/a;b', '/a%00', 'no-slash', '*', '/%c0%af'])(
    'G8: a malformed X-Forwarded-Uri of %j is refused',
    async (uri) => {
      await using running = await start();
      const { token } = await running.createKey();
      expectProblem(await ask(running, uri, { key: token }), 'BAD_REQUEST');
      // Nobody learns that without a key.
      expectProblem(await ask(running, uri), 'UNAUTHORIZED');
    },
  );

  test('G8: the command socket asks nothing here', async () => {
    await using running = await start();
    expect((await running.local('/api/verify')).status).toBe(404);
  });
});

describe('the configured address', () => {
  test('G6: ?scope= adds to what the route asks, never replaces it', async () => {
    await using running = await start({
      routes: [{ path: '/a', authModes: ['api_key'], scopes: ['billing:write'] }],
      default: { authModes: ['api_key'], scopes: [] },
    });
    const one = await running.createKey({ scopes: ['billing:write'] });
    const both = await running.createKey({ scopes: ['billing:write', 'ask:run', 'jobs:read'] });
    const at = '/api/verify?scope=ask:run&scope=jobs%3Aread';
    const refused = await ask(running, '/a', { key: one.token, at });
    expectProblem(refused, 'FORBIDDEN');
    expect(refused.json.detail).toContain('ask:run, jobs:read');
    expect((await ask(running, '/a', { key: both.token, at })).status).toBe(204);
    expect((await ask(running, '/a', { key: one.token })).status).toBe(204);
    const rest = await running.createKey({ scopes: ['ask:run', 'jobs:read'] });
    expectProblem(await ask(running, '/a', { key: rest.token, at }), 'FORBIDDEN');
    expect((await askNginx(running, '/b', { key: rest.token, at: '/api/verify/nginx?scope=ask:run' })).status).toBe(
      204,
    );
  });

  test.each([
    '?scopes=ask:run',
    '?scope=',
    '?scope=ask',
    '?Scope=ask:run',
    '?organizationId=org_default&organizationId=org_x',
    '?x',
  ])('G6: a misspelt question (%s) refuses instead of asking for less', async (query) => {
    await using running = await start();
    const { token } = await running.createKey();
    expectProblem(await ask(running, '/', { key: token, at: `/api/verify${query}` }), 'BAD_REQUEST');
    const nginx = await askNginx(running, '/', { key: token, at: `/api/verify/nginx${query}` });
    expect([nginx.status, nginx.headers.get('x-gatehouse-error')]).toEqual([403, 'BAD_REQUEST']);
  });

  test('G8: ?organizationId= is whose app it is: keys of others do not pass', async () => {
    await using running = await start();
    const { token } = await running.createKey();
    expect((await ask(running, '/', { key: token, at: '/api/verify?organizationId=org_default' })).status).toBe(204);
    expectProblem(await ask(running, '/', { key: token, at: '/api/verify?organizationId=org_other' }), 'FORBIDDEN');
  });

  test('G8: under BASE_PATH, and nothing beside it', async () => {
    await using running = await start(undefined, { BASE_PATH: '/gate', ADMIN_API_KEY: ADMIN_KEY });
    expect((await ask(running, '/', { key: ADMIN_KEY })).status).toBe(204);
    const answer = await fetch(`${new URL(running.url).origin}/api/verify`, { headers: { 'x-api-key': ADMIN_KEY } });
    expect(answer.status).toBe(404);
  });

  test.each(['/api/verify/', '/api/verify/nginx/', '/api/verifyx', '/api/verify/traefik', '/api/VERIFY'])(
    '%s is another path',
    async (at) => {
      await using running = await start();
      const { token } = await running.createKey();
      expectProblem(await ask(running, '/', { key: token, at }), 'NOT_FOUND');
    },
  );
});

describe('which credential counts', () => {
  test('G8: what is no slot of the route is neither read nor in the way', async () => {
    await using running = await start({
      routes: [{ path: '/*', authModes: ['api_key'], scopes: [], slots: ['x-api-key'] }],
    });
    const { token } = await running.createKey();
    expect((await ask(running, '/', { key: token, headers: { authorization: 'Bearer app-token' } })).status).toBe(204);
    expectProblem(await ask(running, '/', { headers: { authorization: `Bearer ${token}` } }), 'UNAUTHORIZED');
  });

  test('A1: a credential in two slots that differ is refused', async () => {
    await using running = await start();
    const { token } = await running.createKey();
    const answer = await ask(running, '/', { key: token, headers: { authorization: 'Bearer app-token' } });
    expectProblem(answer, 'AMBIGUOUS_CREDENTIALS');
  });

  test('K5: a key that is revoked is refused with the next request', async () => {
    await using running = await start();
    const { key, token } = await running.createKey();
    expect((await ask(running, '/', { key: token })).status).toBe(204);
    await running.local(`/api/keys/${key.id}/revoke`, { method: 'POST' });
    expectProblem(await ask(running, '/', { key: token }), 'UNAUTHORIZED');
  });
});

describe('limits', () => {
  test("G4: the limit of the route goes first, else the key's own, else none; API_RATE_LIMIT does not hold", async () => {
    await using running = await start(
      {
        routes: [
          { path: '/limited', authModes: ['api_key'], scopes: [], rateLimit: { requests: 2, windowSeconds: 60 } },
        ],
        default: { authModes: ['api_key'], scopes: [] },
      },
      { API_RATE_LIMIT: '1' },
    );
    const plain = await running.createKey();
    const own = await running.createKey({ rateLimit: { requests: 3, windowSeconds: 60 } });
    const statuses = async (key: string, path: string, times: number) => {
      const all: number[] = [];
      for (let time = 0; time < times; time += 1) all.push((await ask(running, path, { key })).status);
      return all;
    };
    expect(await statuses(plain.token, '/', 5)).toEqual([204, 204, 204, 204, 204]);
    expect(await statuses(plain.token, '/limited', 3)).toEqual([204, 204, 429]);
    expect(await statuses(own.token, '/', 4)).toEqual([204, 204, 204, 429]);
    expect(await statuses(own.token, '/limited', 3)).toEqual([204, 204, 429]);
    // Its one request to the API itself is still there.
    expect((await running.call('/api/auth/whoami', { key: plain.token })).status).toBe(200);
    running.clock.advance(MINUTE);
    expect(await statuses(plain.token, '/limited', 1)).toEqual([204]);
  });

  test('G4: an allow says what is left, and one request counts once', async () => {
    await using running = await start();
    const { token } = await running.createKey({ rateLimit: { requests: 3, windowSeconds: 60 } });
    const left = async () => (await ask(running, '/', { key: token })).headers.get('ratelimit');
    expect([await left(), await left(), await left()]).toEqual([
      '"minute";r=2;t=60',
      '"minute";r=1;t=60',
      '"minute";r=0;t=60',
    ]);
  });
});

describe('any method', () => {
  test.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'])(
    'G8: %s asks the same question',
    async (method) => {
      await using running = await start();
      const { token } = await running.createKey();
      const lines = ['X-Forwarded-Method: GET', 'X-Forwarded-Uri: /', `X-Forwarded-Host: ${HOST}`];
      const send = (key: string) =>
        sendOne(running.url, head(`${method} /api/verify HTTP/1.1`, `x-api-key: ${key}`, ...lines));
      expect((await send(token)).status).toBe(204);
      expectProblem(await send('wrong'), 'UNAUTHORIZED');
    },
  );

  test('G8: HEAD gets the same headers and no body', async () => {
    await using running = await start();
    const answer = await ask(running, '/', { method: 'HEAD' });
    expect([answer.status, answer.text, answer.headers.get('www-authenticate')]).toEqual([
      401,
      '',
      'Bearer realm="gatehouse"',
    ]);
  });

  test('G8: preflight of an app is what routes.json says of it', async () => {
    await using running = await start({
      routes: [{ methods: ['OPTIONS'], path: '/api/*', authModes: ['public'], scopes: [] }],
      default: { authModes: ['api_key'], scopes: [] },
    });
    expect((await ask(running, '/api/x', { forwardedMethod: 'OPTIONS' })).status).toBe(204);
    expect((await ask(running, '/other', { forwardedMethod: 'OPTIONS' })).status).toBe(401);
    expect((await ask(running, '/api/x')).status).toBe(401);
  });

  test('G8: a body is not read, and what stands in it is no request', async () => {
    await using running = await start();
    const { token } = await running.createKey();
    const lines = [`x-api-key: ${token}`, 'X-Forwarded-Method: GET', 'X-Forwarded-Uri: /', `X-Forwarded-Host: ${HOST}`];
    const inner = head('GET /api/verify HTTP/1.1', ...lines);
    for (const [framing, body] of [
      [`Content-Length: ${inner.length}`, inner],
      ['Transfer-Encoding: chunked', `${inner.length.toString(16)}\r\n${inner}\r\n0\r\n\r\n`],
    ] as const) {
      const { answers, ended } = await sendRaw(
        running.url,
        head('POST /api/verify HTTP/1.1', ...lines, framing) + body,
      );
      expect(answers.map(({ status }) => status)).toEqual([204]);
      expect(ended).toBe(true);
    }
  });

  test('many questions go through one connection', async () => {
    await using running = await start();
    const { token } = await running.createKey();
    const one = head(
      'GET /api/verify HTTP/1.1',
      `x-api-key: ${token}`,
      'X-Forwarded-Method: GET',
      'X-Forwarded-Uri: /',
      `X-Forwarded-Host: ${HOST}`,
    );
    const { answers, ended } = await sendRaw(running.url, one.repeat(20));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(204));
    expect(new Set(answers.map(({ headers }) => headers.get('x-gatehouse-request-id'))).size).toBe(20);
    expect(ended).toBe(false);
  });
});

test('K1: no key and no query of a caller is in the log or the audit', async () => {
  await using running = await start(undefined, { LOG_LEVEL: 'debug' });
  const { token } = await running.createKey();
  await ask(running, '/?access=very-secret', { key: token });
  await ask(running, '/?access=very-secret', { key: 'gate_sdk_wrong_key_value' });
  const audit = (await running.local('/api/audit')).text;
  for (const text of [running.logs(), audit]) {
    expect(text).not.toContain(token);
    expect(text).not.toContain('very-secret');
    expect(text).not.toContain('wrong_key_value');
  }
});
