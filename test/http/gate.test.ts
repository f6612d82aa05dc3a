import { describe, expect, test } from 'vitest';
import { FAILURES } from '../../src/guard/guard.js';
import { HOUR, MINUTE } from '../support/clock.js';
import { ADMIN_KEY, type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { temporaryWorkspaces } from '../support/workspace.js';
import { expectProblem } from './problem.js';
import { head, sendOne } from './raw.js';

const WRONG = 'gate_sdk_test_0000000000000000000000000000000000000000000000000';
const whoami = (gate: RunningGatehouse, key?: string, headers: Record<string, string> = {}) =>
  gate.call('/api/auth/whoami', { headers, ...(key === undefined ? {} : { key }) });

describe('the promised sentences', () => {
  test('G1: a missing, an invalid and an expired key are 401 "Invalid API key"', async () => {
    await using gate = await startGatehouse();
    const { token } = await gate.createKey({ expiresAt: '2026-11-22T12:30:00Z' });
    gate.clock.advance(HOUR);
    for (const key of [undefined, WRONG, token, 'x']) {
      const answer = await whoami(gate, key);
      expectProblem(answer, 'UNAUTHORIZED');
      expect(answer.json).toMatchObject({ status: 401, code: 'UNAUTHORIZED', error: 'Invalid API key' });
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer /);
    }
  });

  test('G1: a 401 helps an honest sender and does not repeat the key', async () => {
    await using gate = await startGatehouse();
    const { token } = await gate.createKey();
    const mistyped = `${token.slice(0, -1)}${token.endsWith('a') ? 'b' : 'a'}`;
    for (const [key, words] of [
      [mistyped, /checksum/],
      [token.slice(0, -3), /not whole/],
      ['nothing-like-it', /No such key/],
    ] as const) {
      const answer = await whoami(gate, key);
      expectProblem(answer, 'UNAUTHORIZED', words);
      expect(answer.text).not.toContain(key);
    }
  });

  test('G1: a valid key without the scope is 403 FORBIDDEN and names what is missing', async () => {
    await using gate = await startGatehouse();
    const { token } = await gate.createKey({ scopes: ['projects:read'] });
    const answer = await gate.call('/api/ask', { key: token, body: { workspaceId: 'example', question: 'What?' } });
    expectProblem(answer, 'FORBIDDEN', 'This credential lacks the scope ask:run.');
    expect(answer.headers.get('www-authenticate')).toBe(
      'Bearer realm="gatehouse", error="insufficient_scope", scope="ask:run"',
    );
  });
});

describe('addresses', () => {
  test('G1, G2: an address outside ALLOWED_IPS is 403 "Access denied from this IP address", whatever key it has', async () => {
    await using gate = await startGatehouse({ ALLOWED_IPS: '10.0.0.0/8, 2001:db8::/32', ADMIN_API_KEY: ADMIN_KEY });
    const { token } = await gate.createKey({ scopes: ['*'] });
    for (const key of [undefined, token, ADMIN_KEY, WRONG]) {
      for (const path of ['/api/auth/whoami', '/api/nothing', '/', '/nothing']) {
        const answer = await gate.call(path, key === undefined ? {} : { key });
        expectProblem(answer, 'IP_NOT_ALLOWED', /^127\.0\.0\.1 is not in the list/);
        expect(answer.json).toMatchObject({ status: 403, error: 'Access denied from this IP address' });
      }
    }
    for (const path of ['/healthz', '/readyz']) expect((await gate.call(path)).json).toEqual({ status: 'ok' });
    expect((await gate.local('/api/keys')).status).toBe(200);
  });

  test.each(['*', '127.0.0.1', '127.0.0.0/8', '::ffff:127.0.0.1', '10.0.0.1 127.0.0.1', ''])(
    'G2: ALLOWED_IPS=%j lets the loopback in',
    async (list) => {
      await using gate = await startGatehouse({ ALLOWED_IPS: list, ADMIN_API_KEY: ADMIN_KEY });
      expect((await whoami(gate, ADMIN_KEY)).status).toBe(200);
    },
  );

  test('G3: without TRUST_PROXY no header changes a caller’s address', async () => {
    await using gate = await startGatehouse({ ALLOWED_IPS: '10.0.0.0/8', ADMIN_API_KEY: ADMIN_KEY });
    for (const name of [
      'X-Forwarded-For',
      'X-Real-IP',
      'Forwarded',
      'CF-Connecting-IP',
      'True-Client-IP',
      'X-Client-IP',
    ])
      expectProblem(
        await whoami(gate, ADMIN_KEY, { [name]: name === 'Forwarded' ? 'for=10.1.2.3' : '10.1.2.3' }),
        'IP_NOT_ALLOWED',
      );
  });

  test.each<[string, Record<string, string>, number]>([
    ['what the proxy says', { 'X-Forwarded-For': '10.1.2.3' }, 200],
    ['the nearest hop that is not trusted', { 'X-Forwarded-For': '192.0.2.1, 10.1.2.3, 127.0.0.9' }, 200],
    ['never what the client wrote left of it', { 'X-Forwarded-For': '10.1.2.3, 192.0.2.1' }, 403],
    ['X-Real-IP where there is no list', { 'X-Real-IP': '10.1.2.3' }, 200],
    ['the list before X-Real-IP', { 'X-Forwarded-For': '192.0.2.1', 'X-Real-IP': '10.1.2.3' }, 403],
    ['IPv4 written as IPv6', { 'X-Forwarded-For': '::ffff:10.1.2.3' }, 200],
    ['the proxy itself when it says nothing', {}, 403],
    ['nothing that is no address', { 'X-Forwarded-For': '10.1.2.3, unknown' }, 400],
    ['no address with a port', { 'X-Forwarded-For': '10.1.2.3:4711' }, 400],
    ['no octal address', { 'X-Forwarded-For': '010.1.2.3' }, 400],
    ['no empty list', { 'X-Forwarded-For': ',' }, 400],
    ['no endless list', { 'X-Forwarded-For': Array(40).fill('127.0.0.1').join(',') }, 400],
  ])('G3: behind a trusted proxy the client is %s', async (_what, headers, status) => {
    await using gate = await startGatehouse({
      ALLOWED_IPS: '10.0.0.0/8',
      TRUST_PROXY: 'loopback',
      ADMIN_API_KEY: ADMIN_KEY,
    });
    const answer = await whoami(gate, ADMIN_KEY, headers);
    expect(answer.status, answer.text).toBe(status);
    if (status === 403) expectProblem(answer, 'IP_NOT_ALLOWED');
    if (status === 400) expectProblem(answer, 'BAD_REQUEST');
    expect((await gate.call('/healthz', { headers })).status).toBe(200);
  });

  test('G3: a key’s last address is the client’s, not the proxy’s, and several header lines are one list', async () => {
    await using gate = await startGatehouse({ TRUST_PROXY: 'loopback' });
    const { key, token } = await gate.createKey();
    const lines = ['X-Forwarded-For: 203.0.113.9', 'X-Forwarded-For: 198.51.100.7, 127.0.0.2', `x-api-key: ${token}`];
    expect((await sendOne(gate.url, head('GET /api/auth/whoami HTTP/1.1', ...lines, 'Connection: close'))).status).toBe(
      200,
    );
    expect((await gate.local(`/api/keys/${key.id}`)).json.key.lastUsedIp).toBe('198.51.100.7');
  });

  test('G3: X-Real-IP twice is refused', async () => {
    await using gate = await startGatehouse({ TRUST_PROXY: 'loopback' });
    const twice = head('GET /api/keys HTTP/1.1', 'X-Real-IP: 10.0.0.1', 'X-Real-IP: 10.0.0.2', 'Connection: close');
    expectProblem(await sendOne(gate.url, twice), 'BAD_REQUEST', 'X-Real-IP was sent twice.');
  });
});

describe('limits', () => {
  test('G1, G4: the request after the last one is 429 "Rate limit exceeded", and the headers said so before', async () => {
    await using gate = await startGatehouse({ API_RATE_LIMIT: '3' });
    const { token } = await gate.createKey();
    for (const left of [2, 1, 0]) {
      const answer = await whoami(gate, token);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('ratelimit')).toBe(`"hour";r=${left};t=3600`);
      expect(answer.headers.get('ratelimit-policy')).toBe('"hour";q=3;w=3600');
    }
    gate.clock.advance(10 * MINUTE);
    const refused = await whoami(gate, token);
    expectProblem(refused, 'RATE_LIMITED', 'The limit is 3 requests in 3600 seconds. Try again in 3000 seconds.');
    expect(refused.json).toMatchObject({ status: 429, error: 'Rate limit exceeded' });
    expect(refused.headers.get('retry-after')).toBe('3000');
    expect(refused.headers.get('ratelimit')).toBe('"hour";r=0;t=3000');

    // Another client has its own; refusals for scopes count, health does not; a new hour is a new count.
    expect((await whoami(gate, (await gate.createKey()).token)).status).toBe(200);
    expect((await gate.call('/healthz', { key: token })).status).toBe(200);
    gate.clock.advance(50 * MINUTE);
    expect((await whoami(gate, token)).headers.get('ratelimit')).toBe('"hour";r=2;t=3600');
  });

  test('G4: unknown paths and refused scopes count too, so nobody probes for free', async () => {
    await using gate = await startGatehouse({ API_RATE_LIMIT: '2' });
    const { token } = await gate.createKey({ scopes: [] });
    expectProblem(await gate.call('/api/nothing', { key: token }), 'NOT_FOUND');
    expectProblem(await gate.call('/api/keys', { key: token }), 'FORBIDDEN');
    expectProblem(await gate.call('/api/keys', { key: token }), 'RATE_LIMITED');
  });

  test('G4: a key’s own limit goes before the instance’s, also when that is off', async () => {
    await using gate = await startGatehouse({ API_RATE_LIMIT: 'off' });
    const own = (await gate.createKey({ rateLimit: { requests: 1, windowSeconds: 60 } })).token;
    const free = (await gate.createKey()).token;
    expect((await whoami(gate, own)).headers.get('ratelimit-policy')).toBe('"minute";q=1;w=60');
    expectProblem(await whoami(gate, own), 'RATE_LIMITED');
    const answer = await whoami(gate, free);
    expect({ status: answer.status, rate: answer.headers.get('ratelimit') }).toEqual({ status: 200, rate: null });
  });

  test('G4: counts survive a restart on the same folder', async () => {
    await using made = await temporaryWorkspaces();
    const settings = { API_RATE_LIMIT: '2', ADMIN_API_KEY: ADMIN_KEY };
    let token: string;
    {
      await using gate = await startGatehouse(settings, { folder: made.path });
      token = (await gate.createKey()).token;
      for (const key of [token, token, ADMIN_KEY]) expect((await whoami(gate, key)).status).toBe(200);
    }
    await using gate = await startGatehouse(settings, { folder: made.path });
    expectProblem(await whoami(gate, token), 'RATE_LIMITED');
    expect((await whoami(gate, ADMIN_KEY)).headers.get('ratelimit')).toContain('r=0;');
    expectProblem(await whoami(gate, ADMIN_KEY), 'RATE_LIMITED');
  });

  test('G1: guessing is slowed by address, and a valid key from there is served all the same', async () => {
    await using gate = await startGatehouse({ API_RATE_LIMIT: 'off' });
    const { token } = await gate.createKey();
    for (let attempt = 0; attempt < FAILURES.requests; attempt += 1)
      expect((await whoami(gate, `${WRONG}${attempt}`)).status).toBe(401);
    const slowed = await whoami(gate, WRONG);
    expectProblem(slowed, 'RATE_LIMITED', /^Too many invalid keys came from this address/);
    expect(slowed.headers.get('retry-after')).toBe('60');
    expect((await whoami(gate, token)).status).toBe(200);
    expectProblem(await whoami(gate), 'UNAUTHORIZED');
    gate.clock.advance(MINUTE);
    expectProblem(await whoami(gate, WRONG), 'UNAUTHORIZED');
  });

  test('G4: what needs no key is bounded by address too', async () => {
    await using gate = await startGatehouse({ API_RATE_LIMIT: 'off' });
    const statuses = await Promise.all(
      Array.from({ length: 610 }, () => gate.call('/nothing').then(({ status }) => status)),
    );
    expect(statuses.filter((status) => status === 404)).toHaveLength(600);
    expect(statuses.filter((status) => status === 429)).toHaveLength(10);
    expectProblem(await gate.call('/'), 'RATE_LIMITED');
    expect((await gate.call('/healthz')).status).toBe(200);
  });
});

test('G7: an instance of one environment refuses the keys of others and admits its env keys', async () => {
  await using gate = await startGatehouse({ ENVIRONMENT: 'production', ADMIN_API_KEY: ADMIN_KEY });
  for (const environment of ['development', 'staging'] as const) {
    const { token } = await gate.createKey({ environment });
    expectProblem(
      await whoami(gate, token),
      'FORBIDDEN',
      `This key is for ${environment}; this instance admits production keys only.`,
    );
  }
  expect((await whoami(gate, (await gate.createKey()).token)).status).toBe(200);
  expect((await whoami(gate, ADMIN_KEY)).json.principal).toMatchObject({
    kind: 'env_admin',
    environment: 'production',
  });
});

test('A2, A8: env keys as the usual one-liners print them work, after the file and in their order', async () => {
  const hex = 'f'.repeat(64);
  const urlSafe = 'Zm9v-YmFy_YmF6-cXV4_Zm9v-YmFy_YmF6-cXV4_Zm9';
  await using gate = await startGatehouse({ ADMIN_API_KEY: hex, VALID_API_KEYS: `${urlSafe},${'0a'.repeat(32)}` });
  expect((await whoami(gate, hex)).json.principal).toMatchObject({ kind: 'env_admin', organizationId: null });
  for (const key of [urlSafe, '0a'.repeat(32)])
    expect((await whoami(gate, key)).json.principal).toMatchObject({
      kind: 'env_client',
      organizationId: 'org_default',
    });
});

test('G2: a path that cannot be decoded is refused behind the allowlist, and alike for known and unknown routes', async () => {
  await using shut = await startGatehouse({ ALLOWED_IPS: '192.0.2.1' });
  await using open = await startGatehouse();
  for (const path of ['/api/keys/%zz', '/api/nothing/%zz', '/%zz']) {
    expect(await shut.call(path), path).toMatchObject({ status: 403, json: { code: 'IP_NOT_ALLOWED' } });
    expect(await open.call(path), path).toMatchObject({ status: 400, json: { code: 'BAD_REQUEST' } });
  }
});

test('G4, K11: a key cannot lift the limit that binds it', async () => {
  await using running = await startGatehouse({ API_RATE_LIMIT: '50' });
  const { key, token } = await running.createKey({ scopes: ['keys:read', 'keys:write'] });
  const more = { rateLimit: { requests: 1_000_000, windowSeconds: 1 } };
  expect((await running.call(`/api/keys/${key.id}`, { key: token, method: 'PATCH', body: more })).status).toBe(403);
  expect(
    (await running.call('/api/keys', { key: token, body: { name: 'x', scopes: ['keys:read'], ...more } })).status,
  ).toBe(403);
  const less = { rateLimit: { requests: 5, windowSeconds: 3600 } };
  expect(
    (await running.call('/api/keys', { key: token, body: { name: 'x', scopes: ['keys:read'], ...less } })).status,
  ).toBe(201);
});

test('R4, K11: an attempt to hand out more than one holds is in the audit log', async () => {
  await using running = await startGatehouse();
  const { key, token } = await running.createKey({ scopes: ['keys:write'] });
  expect((await running.call('/api/keys', { key: token, body: { name: 'x', scopes: ['*'] } })).status).toBe(403);
  await expect
    .poll(async () => (await running.local('/api/audit?action=request.refused')).json.data, { timeout: 5000 })
    .toMatchObject([{ outcome: 'refused', actor: key.id, detail: { code: 'FORBIDDEN', route: 'createKey' } }]);
});

test('R3: an end after the year 9999 is a bad request', async () => {
  await using running = await startGatehouse();
  const answer = await running.local('/api/keys', {
    method: 'POST',
    body: { name: 'x', expiresAt: '9999-12-31T23:59:59-14:00' },
  });
  expect(answer).toMatchObject({ status: 400, json: { code: 'BAD_REQUEST' } });
  expect(answer.json.detail).toContain('expiresAt');
});
