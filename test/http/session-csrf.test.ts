import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROUTES, type RouteId, type RouteSpec } from '../../src/contract/routes.js';
import type { Answer } from '../support/gatehouse.js';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { ADMIN_EMAIL, PASSWORD, setUp, signIn } from '../support/people.js';
import { expectProblem } from './problem.js';
import { head, sendOne, sendRaw } from './raw.js';

const loginBody = JSON.stringify({ email: ADMIN_EMAIL, password: PASSWORD, use: 'cookie' });

/** A login as a browser at `host` would send it, from a page of `origin`. */
async function loginAt(
  gate: RunningGatehouse,
  host: string,
  origin: string | null,
  ...lines: string[]
): Promise<Answer> {
  const request = [
    'POST /api/auth/login HTTP/1.1',
    `Host: ${host}`,
    ...(origin === null ? [] : [`Origin: ${origin}`]),
    ...lines,
    'Content-Type: application/json',
    `Content-Length: ${loginBody.length}`,
    'Connection: close',
  ];
  // A password takes its time on a machine that is busy.
  const { answers } = await sendRaw(gate.url, `${request.join('\r\n')}\r\n\r\n${loginBody}`, 20_000);
  return answers[0] ?? expect.fail('no answer');
}

describe('a session and pages of other sites', () => {
  let gate: RunningGatehouse;
  let cookie: string;
  let origin: string;
  beforeAll(async () => {
    gate = await startGatehouse();
    await setUp(gate);
    const me = await signIn(gate);
    cookie = me.cookie;
    origin = me.headers.origin;
  });
  afterAll(() => gate[Symbol.asyncDispose]());

  const changing = (Object.entries(ROUTES) as [RouteId, RouteSpec][]).filter(
    ([, { method, authModes }]) => method !== 'GET' && !authModes.includes('public') && authModes.includes('jwt'),
  );

  test.each(changing)(
    'A3: %s is refused to a page of another site, to one without an origin and to none',
    async (_, route) => {
      for (const foreign of [
        'https://evil.example',
        'null',
        `${origin}.evil.example`,
        origin.replace('http:', 'https:'),
        undefined,
      ]) {
        const answer = await gate.call(route.path.replaceAll(/:\w+/g, 'x'), {
          method: route.method,
          headers: { cookie, ...(foreign === undefined ? {} : { origin: foreign }) },
        });
        expectProblem(answer, 'FORBIDDEN', /PUBLIC_URL/);
      }
      expect((await gate.call('/api/auth/whoami', { headers: { cookie } })).status).toBe(200);
    },
  );

  test('A3: reading needs no origin, and answers no other site', async () => {
    const answer = await gate.call('/api/auth/profile', { headers: { cookie, origin: 'https://evil.example' } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
  });

  test('A3: another site cannot sign a browser in as somebody else', async () => {
    const body = { email: ADMIN_EMAIL, password: PASSWORD, use: 'cookie' };
    const answer = await gate.call('/api/auth/login', { body, headers: { origin: 'https://evil.example' } });
    expectProblem(answer, 'FORBIDDEN');
    expect(answer.headers.getSetCookie()).toEqual([]);
    // Tokens go to whoever asks with a password: no browser keeps them by itself.
    const app = await gate.call('/api/auth/login', {
      body: { ...body, use: 'token' },
      headers: { origin: 'https://app.example' },
    });
    expect([app.status, app.headers.getSetCookie()]).toEqual([200, []]);
  });
});

describe('over https', () => {
  const settings = { PUBLIC_URL: 'https://gate.example.com', TRUST_PROXY: 'loopback' };

  test('A3: the cookie is bound to the host and to https by its name', async () => {
    await using gate = await startGatehouse(settings);
    await setUp(gate);
    const answer = await loginAt(gate, 'gate.example.com', 'https://gate.example.com');
    const [cookie = ''] = answer.headers.getSetCookie();
    expect(cookie).toMatch(/^__Host-gatehouse_session=\w{43}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax; Secure$/);
    const value = cookie.slice(cookie.indexOf('=') + 1, cookie.indexOf(';'));
    const whoami = (name: string) => gate.call('/api/auth/whoami', { headers: { cookie: `${name}=${value}` } });
    expect((await whoami('__Host-gatehouse_session')).status).toBe(200);
    // What plain http could plant is not looked at.
    expectProblem(await whoami('gatehouse_session'), 'UNAUTHORIZED');
  });

  test('A3: under a base path the cookie keeps to it', async () => {
    await using gate = await startGatehouse({
      ...settings,
      BASE_PATH: '/gate',
      PUBLIC_URL: 'https://example.com/gate',
    });
    await setUp(gate);
    const login = await gate.call('/api/auth/login', { body: JSON.parse(loginBody) });
    expect(login.headers.getSetCookie()[0]).toMatch(/^__Secure-gatehouse_session=\w{43}; Path=\/gate; .*; Secure$/);
  });

  test('A3: a page over plain http is told where to sign in, rather than given a cookie its browser throws away', async () => {
    await using gate = await startGatehouse(settings);
    await setUp(gate);
    const refused = await loginAt(gate, 'nas:3000', 'http://nas:3000');
    expectProblem(refused, 'FORBIDDEN', /https:\/\/gate\.example\.com/);
    expect(refused.headers.getSetCookie()).toEqual([]);
    expect((await loginAt(gate, 'localhost:3000', 'http://localhost:3000')).status).toBe(200);
  });

  test('A3: what a proxy says about scheme and host is believed of trusted ones only', async () => {
    const forwarded = ['X-Forwarded-Proto: https', 'X-Forwarded-Host: other.example.com'];
    await using trusting = await startGatehouse(settings);
    await setUp(trusting);
    expect((await loginAt(trusting, 'gatehouse:3000', 'https://other.example.com', ...forwarded)).status).toBe(200);
    await using wary = await startGatehouse({ PUBLIC_URL: settings.PUBLIC_URL });
    await setUp(wary);
    expectProblem(await loginAt(wary, 'gatehouse:3000', 'https://other.example.com', ...forwarded), 'FORBIDDEN');
  });
});

test('A3: over plain http the cookie is never Secure, so that people on a home network get in', async () => {
  for (const settings of [{}, { PUBLIC_URL: 'http://nas:3000' }] as Record<string, string>[]) {
    await using gate = await startGatehouse(settings);
    await setUp(gate);
    const answer = await loginAt(gate, 'nas:3000', 'http://nas:3000');
    expect(answer.headers.getSetCookie()[0]).toMatch(/^gatehouse_session=(?!.*Secure)/);
  }
});

test('A3: what a form of another site can send without asking first is no login', async () => {
  await using gate = await startGatehouse();
  await setUp(gate);
  const form = await sendOne(
    gate.url,
    `${head('POST /api/auth/login HTTP/1.1', 'Origin: https://evil.example', 'Content-Type: text/plain', `Content-Length: ${loginBody.length}`, 'Connection: close')}${loginBody}`,
  );
  expectProblem(form, 'UNSUPPORTED_MEDIA_TYPE');
});
