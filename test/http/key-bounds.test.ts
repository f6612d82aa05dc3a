import { expect, test } from 'vitest';
import { ADMIN_KEY, type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { expectProblem } from './problem.js';

const FILES = { 'one/a.md': '# One\n', 'two/a.md': '# Two\n' };

const holderOf = async (gate: RunningGatehouse, bounds: Parameters<RunningGatehouse['createKey']>[0]) =>
  (await gate.createKey({ scopes: ['keys:read', 'keys:write', 'ask:run'], ...bounds })).token;

const count = async (gate: RunningGatehouse) => (await gate.local('/api/keys?limit=200')).json.data.length;

test.each<[string, object, object, RegExp]>([
  ['scopes', {}, { scopes: ['keys:read', 'audit:read'] }, /scopes audit:read/],
  ['every scope', {}, { scopes: ['*'] }, /scopes \*/],
  ['a wildcard', {}, { scopes: ['keys:*', 'ask:*'] }, /scopes keys:\*, ask:\*/],
  ['the client preset, which is more than it holds', {}, {}, /scopes jobs:read, projects:read, endpoints:run/],
  ['all workspaces', { workspaceIds: ['one'] }, { scopes: [] }, /workspaceIds/],
  ['any address', { allowedIps: ['127.0.0.0/8'] }, { scopes: [] }, /allowedIps/],
  ['a wider network', { allowedIps: ['127.0.0.0/8'] }, { scopes: [], allowedIps: ['127.0.0.0/7'] }, /allowedIps/],
  ['no expiry', { expiresAt: '2027-01-01T00:00:00Z' }, { scopes: [] }, /expiresAt/],
  [
    'a later expiry',
    { expiresAt: '2027-01-01T00:00:00Z' },
    { scopes: [], expiresAt: '2027-01-01T00:00:01Z' },
    /expiresAt/,
  ],
  ['no own limit', { rateLimit: { requests: 9, windowSeconds: 60 } }, { scopes: [] }, /rateLimit/],
  [
    'a looser limit',
    { rateLimit: { requests: 9, windowSeconds: 60 } },
    { scopes: [], rateLimit: { requests: 9, windowSeconds: 59 } },
    /rateLimit/,
  ],
  [
    'another environment',
    { environment: 'staging' },
    { scopes: [], environment: 'production' },
    /environment production/,
  ],
])('K11: a key with keys:write cannot hand out %s', async (_what, bounds, asked, detail) => {
  await using gate = await startGatehouse({}, { files: FILES });
  const key = await holderOf(gate, bounds);
  const before = await count(gate);
  expectProblem(await gate.call('/api/keys', { key, body: { name: 'more', ...asked } }), 'FORBIDDEN', detail);
  expect(await count(gate)).toBe(before);
  expect((await gate.local('/api/audit?action=key.create')).json.data).toHaveLength(before);
});

test('K11: a bounded key makes, rotates and changes keys within its bounds, and no further by any act', async () => {
  await using gate = await startGatehouse({}, { files: FILES });
  const bounds = { workspaceIds: ['one'], allowedIps: ['127.0.0.1'], expiresAt: '2027-01-01T00:00:00.000Z' };
  const key = await holderOf(gate, bounds);
  const made = await gate.call('/api/keys', { key, body: { name: 'child', scopes: ['ask:run'], ...bounds } });
  expect(made.status, made.text).toBe(201);
  const { id } = made.json.key;
  expect((await gate.call('/api/auth/whoami', { key: made.json.token })).status).toBe(200);
  expect((await gate.call(`/api/keys/${id}/rotate`, { key, method: 'POST' })).status).toBe(200);
  expect((await gate.call(`/api/keys/${id}`, { key, method: 'PATCH', body: { note: 'fine' } })).status).toBe(200);
  for (const patch of [{ scopes: ['*'] }, { expiresAt: null }, { allowedIps: [] }, { workspaceIds: null }])
    expectProblem(
      await gate.call(`/api/keys/${id}`, { key, method: 'PATCH', body: patch }),
      'FORBIDDEN',
      /Beyond that/,
    );

  // A key that is mightier than its holder can be seen here, but yields it no token.
  const mighty = await gate.createKey({ scopes: ['*'], ...bounds });
  expectProblem(
    await gate.call(`/api/keys/${mighty.key.id}/rotate`, { key, method: 'POST' }),
    'FORBIDDEN',
    /scopes \*/,
  );
  expectProblem(
    await gate.call(`/api/keys/${mighty.key.id}`, { key, method: 'PATCH', body: { endGrace: true } }),
    'FORBIDDEN',
  );
});

test('K11: a key cannot widen itself', async () => {
  await using gate = await startGatehouse();
  const { key, token } = await gate.createKey({ scopes: ['keys:read', 'keys:write'] });
  const widened = await gate.call(`/api/keys/${key.id}`, { key: token, method: 'PATCH', body: { scopes: ['*'] } });
  expectProblem(widened, 'FORBIDDEN');
  expect((await gate.local(`/api/keys/${key.id}`)).json.key.scopes).toEqual(['keys:read', 'keys:write']);
});

test('K11: keys outside of the caller’s workspaces look like keys that do not exist', async () => {
  await using gate = await startGatehouse({}, { files: FILES });
  const key = await holderOf(gate, { workspaceIds: ['one'] });
  const foreign = (await gate.createKey({ name: 'foreign', workspaceIds: ['two'] })).key.id;
  const everywhere = (await gate.createKey({ name: 'everywhere' })).key.id;
  const unknown = 'key_0000000000000000000000';
  const acts = [
    { method: 'GET', tail: '' },
    { method: 'PATCH', tail: '', body: { note: 'x' } },
    { method: 'POST', tail: '/rotate' },
    { method: 'POST', tail: '/revoke' },
    { method: 'DELETE', tail: '' },
  ];
  for (const { tail, ...options } of acts) {
    const [one, two, none] = await Promise.all(
      [foreign, everywhere, unknown].map((id) => gate.call(`/api/keys/${id}${tail}`, { key, ...options })),
    );
    for (const answer of [one!, two!, none!]) {
      expectProblem(answer, 'NOT_FOUND');
      expect(answer.json.detail).toBe(none!.json.detail);
    }
  }
  const { data } = (await gate.call('/api/keys', { key })).json;
  expect(data.map(({ name }: { name: string }) => name)).toEqual(['test']);
  for (const id of [foreign, everywhere]) expect((await gate.local(`/api/keys/${id}`)).json.key.status).toBe('active');
});

test('K11: a workspace that the caller cannot see cannot be given, and unknown ones read alike', async () => {
  await using gate = await startGatehouse({}, { files: FILES });
  const key = await holderOf(gate, { workspaceIds: ['one'] });
  const [foreign, unknown] = await Promise.all(
    ['two', 'nowhere'].map((id) =>
      gate.call('/api/keys', { key, body: { name: 'x', scopes: [], workspaceIds: [id] } }),
    ),
  );
  for (const answer of [foreign!, unknown!]) expectProblem(answer, 'NOT_FOUND');
  expect(foreign!.json.detail).toBe(unknown!.json.detail);
});

test('K11: a foreign organization is refused, whoever asks', async () => {
  await using gate = await startGatehouse({ ADMIN_API_KEY: ADMIN_KEY });
  const body = { name: 'x', organizationId: 'org_other' };
  expectProblem(await gate.call('/api/keys', { key: ADMIN_KEY, body }), 'FORBIDDEN', /^organizationId: /);
  expectProblem(await gate.local('/api/keys', { body }), 'FORBIDDEN', /^organizationId: /);
});

test('K9: an env key is listed by fingerprint only and adopted with its value, which the file then decides about', async () => {
  const weak = 'short-one';
  const client = 'c'.repeat(16).concat('d'.repeat(16));
  await using gate = await startGatehouse({ ADMIN_API_KEY: ADMIN_KEY, VALID_API_KEYS: `${weak},${client}` });
  await gate.call('/api/auth/whoami', { key: client });
  const listed = await gate.call('/api/env-keys', { key: ADMIN_KEY });
  for (const secret of [ADMIN_KEY, weak, client]) expect(listed.text).not.toContain(secret);
  expect(listed.json.data).toMatchObject([
    { variable: 'ADMIN_API_KEY', length: 64, weak: false, shadowed: false },
    { variable: 'VALID_API_KEYS', length: 9, weak: true, lastUsedAt: null },
    {
      variable: 'VALID_API_KEYS',
      length: 32,
      weak: false,
      lastUsedAt: '2026-11-22T12:00:00.000Z',
      lastUsedIp: '127.0.0.1',
    },
  ]);

  const [admin, , { fingerprint }] = listed.json.data;
  const path = `/api/env-keys/${fingerprint}/adopt`;
  const adopted = await gate.call(path, { key: ADMIN_KEY, body: { name: 'adopted', scopes: ['projects:read'] } });
  expect(adopted.status, adopted.text).toBe(201);
  expect(adopted.json.token).toBeUndefined();
  expectProblem(
    await gate.call('/api/ask', { key: client, body: { workspaceId: 'example', question: 'x?' } }),
    'FORBIDDEN',
    /ask:run/,
  );
  expect((await gate.call('/api/workspaces', { key: client })).status).toBe(200);
  expectProblem(await gate.call(path, { key: ADMIN_KEY, body: { name: 'again' } }), 'CONFLICT');

  // K5: revoked in the file, it does not come back through the environment.
  await gate.call(`/api/keys/${adopted.json.key.id}`, { key: ADMIN_KEY, method: 'DELETE' });
  expectProblem(await gate.call('/api/workspaces', { key: client }), 'UNAUTHORIZED');
  expect((await gate.local('/api/env-keys')).json.data[2].shadowed).toBe(true);

  expectProblem(
    await gate.local(`/api/env-keys/${admin.fingerprint}/adopt`, { body: { name: 'a' } }),
    'BAD_REQUEST',
    /^scopes: /,
  );
  expectProblem(await gate.local('/api/env-keys/0000000000000000/adopt', { body: { name: 'a' } }), 'NOT_FOUND');
});
