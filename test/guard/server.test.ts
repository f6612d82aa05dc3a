import { describe, expect, test } from 'vitest';
import { HOUR, MINUTE, TestClock } from '../support/clock.js';
import { ADMIN_KEY, type Answer, startGatehouse } from '../support/gatehouse.js';
import { temporaryWorkspaces } from '../support/workspace.js';

/** The guard in a whole Gatehouse: real port, real files. */

const WHOAMI = '/api/auth/whoami';
const left = (answer: Answer) => answer.headers.get('ratelimit');

describe('G4: the hourly limit', () => {
  test('of N + 20 requests at once exactly N pass, and the rest say when to come back', async () => {
    await using house = await startGatehouse({ API_RATE_LIMIT: '25' });
    const { token } = await house.createKey();
    const answers = await Promise.all(Array.from({ length: 45 }, () => house.call(WHOAMI, { key: token })));
    const refused = answers.filter(({ status }) => status === 429);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(25);
    expect(refused).toHaveLength(20);
    for (const answer of refused) {
      expect(answer.json).toMatchObject({ status: 429, code: 'RATE_LIMITED', error: 'Rate limit exceeded' });
      expect(answer.headers.get('retry-after')).toBe('3600');
      expect(left(answer)).toBe('"hour";r=0;t=3600');
      expect(answer.headers.get('ratelimit-policy')).toBe('"hour";q=25;w=3600');
    }
    expect(new Set(answers.filter(({ status }) => status === 200).map(left)).size).toBe(25);
    house.clock.advance(HOUR);
    expect(left(await house.call(WHOAMI, { key: token }))).toBe('"hour";r=24;t=3600');
  });

  test('counts survive a restart on the same folder, and so does the end of the window', async () => {
    await using folder = await temporaryWorkspaces();
    const clock = new TestClock();
    let token = '';
    {
      await using house = await startGatehouse({ API_RATE_LIMIT: '3' }, { folder: folder.path, clock });
      ({ token } = await house.createKey());
      for (let round = 0; round < 2; round += 1) await house.call(WHOAMI, { key: token });
    }
    clock.advance(20 * MINUTE);
    await using house = await startGatehouse({ API_RATE_LIMIT: '3' }, { folder: folder.path, clock });
    expect(left(await house.call(WHOAMI, { key: token }))).toBe('"hour";r=0;t=2400');
    expect((await house.call(WHOAMI, { key: token })).status).toBe(429);
    clock.advance(40 * MINUTE);
    expect((await house.call(WHOAMI, { key: token })).status).toBe(200);
  });

  test('a changed limit of a key keeps what was counted: it hands out no fresh allowance', async () => {
    await using house = await startGatehouse();
    const { key, token } = await house.createKey({ rateLimit: { requests: 2, windowSeconds: 3600 } });
    const patch = (rateLimit: unknown) => house.local(`/api/keys/${key.id}`, { method: 'PATCH', body: { rateLimit } });
    await house.call(WHOAMI, { key: token });
    expect(left(await house.call(WHOAMI, { key: token }))).toBe('"hour";r=0;t=3600');
    await patch({ requests: 3, windowSeconds: 3600 });
    expect(left(await house.call(WHOAMI, { key: token }))).toBe('"hour";r=0;t=3600');
    await patch({ requests: 5, windowSeconds: 86_400 });
    expect(left(await house.call(WHOAMI, { key: token }))).toBe('"day";r=1;t=86400');
    await patch(null);
    expect(left(await house.call(WHOAMI, { key: token }))).toBe('"hour";r=95;t=3600');
  });

  test('rotating hands out no fresh allowance either', async () => {
    await using house = await startGatehouse({ API_RATE_LIMIT: '1' });
    const { key, token } = await house.createKey();
    await house.call(WHOAMI, { key: token });
    const rotated = await house.local(`/api/keys/${key.id}/rotate`, { method: 'POST' });
    expect((await house.call(WHOAMI, { key: rotated.json.token })).status).toBe(429);
  });

  test('K8: verify counts for neither key, health for nobody, the socket never', async () => {
    await using house = await startGatehouse({ API_RATE_LIMIT: '1', ADMIN_API_KEY: ADMIN_KEY });
    const { token } = await house.createKey();
    for (let round = 0; round < 5; round += 1) {
      const verified = await house.call('/api/keys/verify', { key: ADMIN_KEY, body: { token } });
      expect([verified.status, verified.json.code, left(verified)]).toEqual([200, 'VALID', null]);
      expect((await house.call('/healthz', { key: token })).status).toBe(200);
      expect((await house.call('/readyz', { key: ADMIN_KEY })).status).toBe(200);
      expect((await house.local(WHOAMI)).status).toBe(200);
    }
    expect((await house.call(WHOAMI, { key: token })).status).toBe(200);
    expect((await house.call(WHOAMI, { key: ADMIN_KEY })).status).toBe(200);
    expect((await house.call(WHOAMI, { key: ADMIN_KEY })).status).toBe(429);
  });

  test('unknown paths and other methods count like known ones', async () => {
    await using house = await startGatehouse({ API_RATE_LIMIT: '2' });
    const { token } = await house.createKey();
    expect((await house.call('/api/nothing', { key: token })).status).toBe(404);
    expect((await house.call('/api/ask', { key: token })).status).toBe(405);
    expect((await house.call('/api/nothing', { key: token })).status).toBe(429);
  });

  test('off means off', async () => {
    await using house = await startGatehouse({ API_RATE_LIMIT: 'off' });
    const { token } = await house.createKey();
    expect(left(await house.call(WHOAMI, { key: token }))).toBeNull();
  });
});

describe('G2, G3: who may call at all', () => {
  const forged = (value: string) => ({ headers: { 'x-forwarded-for': value, 'x-real-ip': value } });

  test('ALLOWED_IPS holds for every path but health, and no header opens it', async () => {
    await using house = await startGatehouse({ ALLOWED_IPS: '203.0.113.0/24', ADMIN_API_KEY: ADMIN_KEY });
    for (const path of [WHOAMI, '/', '/api/nothing', '/nothing', '/api/keys/verify']) {
      const answer = await house.call(path, { key: ADMIN_KEY, ...forged('203.0.113.5') });
      expect([path, answer.status, answer.json.error]).toEqual([path, 403, 'Access denied from this IP address']);
    }
    expect((await house.call('/healthz')).json).toEqual({ status: 'ok' });
    expect((await house.local(WHOAMI)).status).toBe(200);
  });

  test('behind a trusted proxy the client’s address decides', async () => {
    await using house = await startGatehouse({
      ALLOWED_IPS: '203.0.113.0/24',
      TRUST_PROXY: 'loopback',
      ADMIN_API_KEY: ADMIN_KEY,
    });
    const status = async (value: string) => (await house.call(WHOAMI, { key: ADMIN_KEY, ...forged(value) })).status;
    expect(await status('203.0.113.5')).toBe(200);
    expect(await status('203.0.113.5, 198.51.100.1')).toBe(403);
    expect(await status('198.51.100.1, 203.0.113.5')).toBe(200);
    expect(await status('garbage')).toBe(400);
    expect((await house.call(WHOAMI, { key: ADMIN_KEY })).status).toBe(403);
  });

  test.each([
    ['127.0.0.1', '127.0.0.0/8', 200],
    ['127.0.0.1', '::1', 403],
    ['127.0.0.1', '0.0.0.0/0', 200],
    ['127.0.0.1', '::/0', 403],
    ['::1', '::1', 200],
    ['::1', '0.0.0.0/0', 403],
    ['::1', '127.0.0.1, ::/0', 200],
  ])('listening on %s and allowing %s: %i', async (host, allowed, status) => {
    await using house = await startGatehouse({ HOST: host, ALLOWED_IPS: allowed, ADMIN_API_KEY: ADMIN_KEY });
    expect((await house.call(WHOAMI, { key: ADMIN_KEY })).status).toBe(status);
  });

  test('a dual-stack socket sees IPv4 callers as IPv4', async () => {
    await using house = await startGatehouse({ HOST: '::', ALLOWED_IPS: '127.0.0.1', ADMIN_API_KEY: ADMIN_KEY });
    const { port } = new URL(house.url);
    const answer = await fetch(`http://127.0.0.1:${port}${WHOAMI}`, { headers: { 'x-api-key': ADMIN_KEY } });
    expect(answer.status).toBe(200);
  });
});

describe('failed attempts', () => {
  test('after 60 in a minute 429 answers instead of 401, and a valid key still passes', async () => {
    await using house = await startGatehouse({ ADMIN_API_KEY: ADMIN_KEY });
    const answers = await Promise.all(
      Array.from({ length: 80 }, (_, index) => house.call(WHOAMI, { key: `guess-${index}` })),
    );
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(60);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(20);
    expect((await house.call(WHOAMI, { key: ADMIN_KEY })).status).toBe(200);
    house.clock.advance(MINUTE);
    expect((await house.call(WHOAMI, { key: 'guess' })).status).toBe(401);
  });
});

test('G7: keys of other environments are refused where ENVIRONMENT is set, and say why', async () => {
  await using folder = await temporaryWorkspaces();
  const tokens: Record<string, string> = {};
  {
    await using house = await startGatehouse({}, { folder: folder.path });
    for (const environment of ['development', 'staging', 'production'] as const)
      tokens[environment] = (await house.createKey({ environment })).token;
  }
  await using house = await startGatehouse(
    { ENVIRONMENT: 'production', ADMIN_API_KEY: ADMIN_KEY },
    { folder: folder.path },
  );
  for (const [environment, key] of Object.entries({ ...tokens, admin: ADMIN_KEY })) {
    const answer = await house.call(WHOAMI, { key });
    expect([environment, answer.status]).toEqual([
      environment,
      ['production', 'admin'].includes(environment) ? 200 : 403,
    ]);
  }
  expect((await house.createKey()).key.environment).toBe('production');
});
