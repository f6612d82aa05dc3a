import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { KeyOnly, KeyWithToken } from '../../src/contract/keys.js';
import { DAY, HOUR, MINUTE, SECOND } from '../support/clock.js';
import { ADMIN_KEY, type Answer, type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { expectProblem } from './problem.js';

const fileText = (gate: RunningGatehouse) => readFile(join(gate.folder, 'api-keys.json'), 'utf8');
const whoami = (gate: RunningGatehouse, key: string): Promise<Answer> => gate.call('/api/auth/whoami', { key });
const names = (answer: Answer): string[] => answer.json.data.map(({ name }: { name: string }) => name);

test('K1, K2: a key is made with all it was asked for, and its token is in that answer and nowhere else', async () => {
  await using gate = await startGatehouse({ ADMIN_API_KEY: ADMIN_KEY });
  const asked = {
    name: 'build server',
    type: 'ci',
    environment: 'staging',
    scopes: ['ask:run', 'projects:read'],
    expiresAt: '2027-01-31T12:00:00+01:00',
    workspaceIds: ['example'],
    allowedIps: ['127.0.0.1', '::ffff:10.0.0.0/104'],
    rateLimit: { requests: 50, windowSeconds: 60 },
    note: 'runner 3',
  };
  const made = await gate.call('/api/keys', { key: ADMIN_KEY, body: asked });
  expect(made.status).toBe(201);
  expect(made.headers.get('cache-control')).toBe('no-store');
  const { key, token } = KeyWithToken.parse(made.json);
  expect(token).toMatch(/^gate_ci_test_[0-9A-Za-z]{49}$/);
  expect(key).toMatchObject({
    ...asked,
    expiresAt: '2027-01-31T11:00:00.000Z',
    allowedIps: ['127.0.0.1', '10.0.0.0/8'],
    status: 'active',
    revokedAt: null,
    lastUsedAt: null,
    credentialIds: null,
    start: token.slice(0, token.lastIndexOf('_') + 5),
    last4: token.slice(-4),
  });

  const later = await Promise.all([
    gate.call(`/api/keys/${key.id}`, { key: ADMIN_KEY }),
    gate.call('/api/keys', { key: ADMIN_KEY }),
    gate.call('/api/audit', { key: ADMIN_KEY }),
    whoami(gate, token),
  ]);
  for (const answer of later) {
    expect(answer.status).toBe(200);
    expect(answer.text).not.toContain(token);
  }
  const file = await fileText(gate);
  expect(file).toContain(key.id);
  expect(file).not.toContain(token.slice(token.lastIndexOf('_') + 5));
  expect((await stat(join(gate.folder, 'api-keys.json'))).mode & 0o777).toBe(0o600);
  expect(gate.logs()).not.toContain(token);
});

test('K2, K3: what is left out gets the documented default, and the brand and mode are in the token', async () => {
  await using gate = await startGatehouse({ KEY_PREFIX: 'chy', ENVIRONMENT: 'production' });
  const { key, token } = await gate.createKey({ name: '  trimmed  ' });
  expect(token).toMatch(/^chy_sdk_live_[0-9A-Za-z]{49}$/);
  expect(key).toMatchObject({
    name: 'trimmed',
    type: 'sdk',
    environment: 'production',
    organizationId: 'org_default',
    scopes: ['ask:run', 'jobs:read', 'projects:read', 'endpoints:run'],
    workspaceIds: null,
    allowedIps: [],
    rateLimit: null,
    expiresAt: null,
    note: '',
    createdBy: 'local',
  });
  expect((await whoami(gate, token)).json.principal).toEqual({
    kind: 'api_key',
    id: key.id,
    keyId: key.id,
    organizationId: 'org_default',
    scopes: key.scopes,
    environment: 'production',
  });
});

test('K4: after a rotation both secrets work through the grace, each with its own last use, under one id', async () => {
  await using gate = await startGatehouse();
  const { key, token: old } = await gate.createKey();
  const rotated = await gate.local(`/api/keys/${key.id}/rotate`, { method: 'POST' });
  const { key: after, token: fresh } = KeyWithToken.parse(rotated.json);
  expect(after).toMatchObject({ id: key.id, status: 'expiring', name: key.name });
  expect(fresh).not.toBe(old);

  gate.clock.advance(HOUR);
  expect((await whoami(gate, old)).status).toBe(200);
  gate.clock.advance(HOUR);
  expect((await whoami(gate, fresh)).status).toBe(200);
  const shown = KeyOnly.parse((await gate.local(`/api/keys/${key.id}`)).json).key;
  expect(shown.secrets.map(({ lastUsedAt }) => lastUsedAt)).toEqual([
    '2026-11-22T13:00:00.000Z',
    '2026-11-22T14:00:00.000Z',
  ]);
  expect(shown).toMatchObject({
    lastUsedAt: '2026-11-22T14:00:00.000Z',
    lastUsedIp: '127.0.0.1',
    last4: fresh.slice(-4),
  });

  gate.clock.advance(22 * HOUR - 1);
  expect((await whoami(gate, old)).status).toBe(200);
  gate.clock.advance(1);
  expectProblem(await whoami(gate, old), 'UNAUTHORIZED', /ended at 2026-11-23T12:00:00.000Z/);
  expect((await whoami(gate, fresh)).status).toBe(200);
});

test('K4: a grace of nothing ends the old secret now, and a grace can be ended early', async () => {
  await using gate = await startGatehouse();
  const first = await gate.createKey();
  await gate.local(`/api/keys/${first.key.id}/rotate`, { body: { graceSeconds: 0 } });
  expectProblem(await whoami(gate, first.token), 'UNAUTHORIZED');

  const second = await gate.createKey();
  const fresh = (await gate.local(`/api/keys/${second.key.id}/rotate`, { body: { graceSeconds: 2_592_000 } })).json
    .token;
  expect((await whoami(gate, second.token)).status).toBe(200);
  const ended = await gate.local(`/api/keys/${second.key.id}`, { method: 'PATCH', body: { endGrace: true } });
  expect(ended.json.key.status).toBe('active');
  expectProblem(await whoami(gate, second.token), 'UNAUTHORIZED');
  expect((await whoami(gate, fresh)).status).toBe(200);
});

test('K4: no secret outlives the key', async () => {
  await using gate = await startGatehouse();
  const { key, token } = await gate.createKey({ expiresAt: '2026-11-22T13:00:00Z' });
  const fresh = (await gate.local(`/api/keys/${key.id}/rotate`, { method: 'POST' })).json.token;
  gate.clock.advance(HOUR);
  for (const secret of [token, fresh]) expectProblem(await whoami(gate, secret), 'UNAUTHORIZED');
  expect((await gate.local(`/api/keys/${key.id}`)).json.key.status).toBe('expired');
  expectProblem(await gate.local(`/api/keys/${key.id}/rotate`, { method: 'POST' }), 'CONFLICT', /expired/);
});

test.each([
  [{ graceSeconds: -1 }, /graceSeconds/],
  [{ graceSeconds: 30 * 86_400 + 1 }, /graceSeconds/],
  [{ graceSeconds: 1.5 }, /graceSeconds/],
  [{ graceSeconds: '5' }, /graceSeconds/],
  [{ grace: 5 }, /unknown field "grace"/],
])('K4, R3: a rotation with %j is refused and makes no secret', async (body, detail) => {
  await using gate = await startGatehouse();
  const { key } = await gate.createKey();
  expectProblem(await gate.local(`/api/keys/${key.id}/rotate`, { body }), 'BAD_REQUEST', detail);
  expect((await gate.local(`/api/keys/${key.id}`)).json.key.secrets).toHaveLength(1);
});

test('K5: a revoked key is refused on the next request, by POST and by DELETE, and stays so', async () => {
  await using gate = await startGatehouse();
  for (const [method, tail] of [
    ['POST', '/revoke'],
    ['DELETE', ''],
  ]) {
    const { key, token } = await gate.createKey();
    expect((await whoami(gate, token)).status).toBe(200);
    const revoked = await gate.local(`/api/keys/${key.id}${tail}`, { method: method! });
    expect(revoked.json.key).toMatchObject({ status: 'revoked', revokedAt: '2026-11-22T12:00:00.000Z' });
    expectProblem(await whoami(gate, token), 'UNAUTHORIZED', 'This key was revoked. Ask for a new one.');
    // Twice is once; nothing brings it back.
    expect((await gate.local(`/api/keys/${key.id}/revoke`, { method: 'POST' })).status).toBe(200);
    expectProblem(await gate.local(`/api/keys/${key.id}`, { method: 'PATCH', body: { expiresAt: null } }), 'CONFLICT');
    expectProblem(await gate.local(`/api/keys/${key.id}/rotate`, { method: 'POST' }), 'CONFLICT');
    expectProblem(await whoami(gate, token), 'UNAUTHORIZED');
  }
});

test('K5: an expired key is refused from its last moment on', async () => {
  await using gate = await startGatehouse();
  const { token } = await gate.createKey({ expiresAt: '2026-11-22T12:01:00Z' });
  gate.clock.advance(MINUTE - 1);
  expect((await whoami(gate, token)).status).toBe(200);
  gate.clock.advance(1);
  expectProblem(await whoami(gate, token), 'UNAUTHORIZED', /ended at 2026-11-22T12:01:00.000Z/);
});

test('K2: name, note and bounds can be changed and hold from the next request; type and environment cannot', async () => {
  await using gate = await startGatehouse();
  const { key, token } = await gate.createKey({ scopes: ['keys:read'] });
  expect((await gate.call('/api/keys', { key: token })).status).toBe(200);
  const body = { name: 'renamed', note: 'why', scopes: ['ask:run'], allowedIps: ['10.0.0.0/8'] };
  const changed = await gate.local(`/api/keys/${key.id}`, { method: 'PATCH', body });
  expect(changed.json.key).toMatchObject({ ...body, id: key.id, type: 'sdk' });
  expectProblem(await whoami(gate, token), 'FORBIDDEN', /may not be used from 127\.0\.0\.1/);
  await gate.local(`/api/keys/${key.id}`, { method: 'PATCH', body: { allowedIps: [] } });
  expectProblem(await gate.call('/api/keys', { key: token }), 'FORBIDDEN', /keys:read/);

  for (const [field, value] of Object.entries({
    type: 'ci',
    environment: 'production',
    id: key.id,
    status: 'active',
  })) {
    const refused = await gate.local(`/api/keys/${key.id}`, { method: 'PATCH', body: { [field]: value } });
    expectProblem(refused, 'BAD_REQUEST', new RegExp(`unknown field "${field}"`));
  }
  expectProblem(
    await gate.local(`/api/keys/${key.id}`, { method: 'PATCH', body: {} }),
    'BAD_REQUEST',
    /at least one field/,
  );
});

test('K2: a list pages through every key once, newest first, and can be searched and filtered', async () => {
  await using gate = await startGatehouse();
  for (let index = 0; index < 7; index += 1) {
    await gate.createKey({ name: `key ${index}`, note: index === 3 ? 'the Odd one' : '' });
    gate.clock.advance(SECOND);
  }
  const all = (await gate.local('/api/keys')).json.data;
  await gate.local(`/api/keys/${all[0].id}`, { method: 'DELETE' });

  const seen: string[] = [];
  for (let cursor = ''; ; ) {
    const page = await gate.local(`/api/keys?limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`);
    expect(page.json.data.length).toBeLessThanOrEqual(3);
    seen.push(...names(page));
    if (page.json.nextCursor === null) break;
    cursor = page.json.nextCursor;
  }
  expect(seen).toEqual([6, 5, 4, 3, 2, 1, 0].map((index) => `key ${index}`));
  expect(names(await gate.local('/api/keys?search=odd'))).toEqual(['key 3']);
  expect(names(await gate.local('/api/keys?search=KEY%202'))).toEqual(['key 2']);
  expect(names(await gate.local('/api/keys?search=nothing'))).toEqual([]);
  expect(names(await gate.local('/api/keys?status=revoked'))).toEqual(['key 6']);
  expect(names(await gate.local('/api/keys?status=active&limit=2'))).toEqual(['key 5', 'key 4']);
});

test('K8: verify says whether a key is valid and why not, and counts for nobody', async () => {
  await using gate = await startGatehouse({ API_RATE_LIMIT: '2' });
  const reader = await gate.createKey({ scopes: ['keys:read'] });
  const verify = async (token: string, more = {}) =>
    (await gate.call('/api/keys/verify', { key: reader.token, body: { token, ...more } })).json;
  const { key, token } = await gate.createKey({
    scopes: ['ask:run'],
    allowedIps: ['127.0.0.1'],
    expiresAt: '2026-11-24T12:00:00Z',
  });

  for (let call = 0; call < 5; call += 1)
    expect(await verify(token)).toMatchObject({ valid: true, code: 'VALID', key: { id: key.id } });
  expect((await verify(token)).key.lastUsedAt).toBeNull();
  expect(await verify(token, { scopes: ['ask:run', 'keys:read'] })).toMatchObject({
    valid: false,
    code: 'INSUFFICIENT_SCOPE',
    missingScopes: ['keys:read'],
  });
  expect(await verify(token, { address: '10.1.1.1' })).toMatchObject({ valid: false, code: 'IP_NOT_ALLOWED' });
  expect(await verify(token, { address: '::ffff:127.0.0.1' })).toMatchObject({ code: 'VALID' });
  expect(await verify('gate_sdk_test_x')).toEqual({ valid: false, code: 'NOT_FOUND' });
  for (let call = 0; call < 2; call += 1) expect((await whoami(gate, token)).status).toBe(200);
  expect(await verify(token)).toMatchObject({ valid: false, code: 'RATE_LIMITED' });
  gate.clock.advance(2 * DAY);
  expect(await verify(token)).toMatchObject({ valid: false, code: 'EXPIRED' });
  await gate.local(`/api/keys/${key.id}`, { method: 'DELETE' });
  expect(await verify(token)).toMatchObject({ valid: false, code: 'REVOKED' });
});
