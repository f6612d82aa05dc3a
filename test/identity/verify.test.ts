import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { HOUR } from '../support/clock.js';
import { ADMIN_KEY, type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { temporaryWorkspaces } from '../support/workspace.js';

const CLIENT = 'client-key-0123456789-0123456789-0123456789';

async function verdict(house: RunningGatehouse, body: object, by?: string): Promise<string> {
  const options = { method: 'POST', body };
  const answer =
    by === undefined
      ? await house.local('/api/keys/verify', options)
      : await house.call('/api/keys/verify', { ...options, key: by });
  const { valid, code, key, missingScopes } = answer.json;
  if (answer.status !== 200) return `${answer.status} ${code}`;
  expect(valid).toBe(code === 'VALID');
  return [code, ...(missingScopes ?? []), ...(key === undefined ? [] : [key.name])].join(' ');
}

describe('K8: verify says whether a token is valid and, if not, why', () => {
  test.each<[string, object, object, string]>([
    ['a good one', {}, {}, 'VALID test'],
    ['with scopes it has', { scopes: ['ask:run', 'keys:*'] }, { scopes: ['keys:read', 'ask:run'] }, 'VALID test'],
    [
      'with scopes it lacks',
      { scopes: ['ask:run'] },
      { scopes: ['keys:read', 'ask:run', 'x:y'] },
      'INSUFFICIENT_SCOPE keys:read x:y test',
    ],
    ['from its address', { allowedIps: ['10.0.0.0/8'] }, { address: '10.9.9.9' }, 'VALID test'],
    ['from its address, written as IPv6', { allowedIps: ['10.0.0.0/8'] }, { address: '::ffff:10.9.9.9' }, 'VALID test'],
    ['from another', { allowedIps: ['10.0.0.0/8'] }, { address: '11.0.0.1' }, 'IP_NOT_ALLOWED test'],
    ['without an address: not judged', { allowedIps: ['10.0.0.0/8'] }, {}, 'VALID test'],
    ['from its origin', { allowedOrigins: ['https://a.example'] }, { origin: 'https://a.example' }, 'VALID test'],
    [
      'from another origin',
      { allowedOrigins: ['https://a.example'] },
      { origin: 'https://b.example' },
      'ORIGIN_NOT_ALLOWED test',
    ],
    [
      'from no page, where it is for pages',
      { allowedOrigins: ['https://a.example'] },
      { origin: null },
      'ORIGIN_NOT_ALLOWED test',
    ],
    ['without a word of origins: not judged', { allowedOrigins: ['https://a.example'] }, {}, 'VALID test'],
    ['of another environment', { environment: 'staging' }, {}, 'WRONG_ENVIRONMENT test'],
    [
      'from another address and environment: the guard’s order',
      { environment: 'staging', allowedIps: ['::1'] },
      { address: '::2' },
      'IP_NOT_ALLOWED test',
    ],
    ['an address that is none', {}, { address: 'localhost' }, '400 BAD_REQUEST'],
    ['an empty token', {}, { token: '' }, '400 BAD_REQUEST'],
    ['an unknown token', {}, { token: 'nobody' }, 'NOT_FOUND'],
  ])('%s', async (_what, key, asked, expected) => {
    await using house = await startGatehouse({ ENVIRONMENT: 'development' });
    const { token } = await house.createKey(key);
    expect(await verdict(house, { token, ...asked })).toBe(expected);
  });

  test('revoked, expired, and the old secret after its grace', async () => {
    await using house = await startGatehouse();
    const [revoked, ending, rotated] = await Promise.all([
      house.createKey({ name: 'revoked' }),
      house.createKey({ name: 'ending', expiresAt: '2026-11-22T13:00:00Z' }),
      house.createKey({ name: 'rotated' }),
    ]);
    await house.local(`/api/keys/${revoked?.key.id}`, { method: 'DELETE' });
    const { json } = await house.local(`/api/keys/${rotated?.key.id}/rotate`, {
      method: 'POST',
      body: { graceSeconds: 3600 },
    });
    const all = () => Promise.all([revoked, ending, rotated, json].map(({ token }) => verdict(house, { token })));
    expect(await all()).toEqual(['REVOKED revoked', 'VALID ending', 'VALID rotated', 'VALID rotated']);
    house.clock.advance(HOUR);
    expect(await all()).toEqual(['REVOKED revoked', 'EXPIRED ending', 'EXPIRED rotated', 'VALID rotated']);
  });

  test('over its limit; asking neither counts nor is noted as a use', async () => {
    await using house = await startGatehouse();
    const { key, token } = await house.createKey({ rateLimit: { requests: 1, windowSeconds: 60 } });
    for (let round = 0; round < 5; round += 1) expect(await verdict(house, { token })).toBe('VALID test');
    expect((await house.local(`/api/keys/${key.id}`)).json.key.lastUsedAt).toBeNull();
    expect((await house.call('/api/auth/whoami', { key: token })).status).toBe(200);
    expect(await verdict(house, { token })).toBe('RATE_LIMITED test');
  });

  test('environment keys are told to operators only; to others they read as unknown', async () => {
    await using house = await startGatehouse({ ADMIN_API_KEY: ADMIN_KEY, VALID_API_KEYS: CLIENT, API_RATE_LIMIT: '1' });
    const { token } = await house.createKey({ scopes: ['*'] });
    expect(await verdict(house, { token: CLIENT, scopes: ['ask:run'] })).toBe('VALID');
    expect(await verdict(house, { token: CLIENT, scopes: ['keys:read'] }, ADMIN_KEY)).toBe(
      'INSUFFICIENT_SCOPE keys:read',
    );
    for (const secret of [CLIENT, ADMIN_KEY]) expect(await verdict(house, { token: secret }, token)).toBe('NOT_FOUND');
    await house.call('/api/auth/whoami', { key: CLIENT });
    expect(await verdict(house, { token: CLIENT })).toBe('RATE_LIMITED');
  });

  test('keys beyond the asker’s workspaces read as unknown', async () => {
    await using house = await startGatehouse({}, { files: { 'one/a.md': 'a', 'two/b.md': 'b' } });
    const { token: asker } = await house.createKey({ scopes: ['keys:read'], workspaceIds: ['one'] });
    const make = async (workspaceIds: string[] | null) => (await house.createKey({ workspaceIds })).token;
    expect(await verdict(house, { token: await make(['one']) }, asker)).toBe('VALID test');
    expect(await verdict(house, { token: await make(['one', 'two']) }, asker)).toBe('NOT_FOUND');
    expect(await verdict(house, { token: await make(null) }, asker)).toBe('NOT_FOUND');
  });

  test('without keys:read nobody may ask', async () => {
    await using house = await startGatehouse();
    const { token } = await house.createKey({ scopes: ['ask:run'] });
    expect(await verdict(house, { token }, token)).toBe('403 FORBIDDEN');
  });
});

test('K5: a key that is changed by hand in the file is judged anew within 2 s', async () => {
  await using folder = await temporaryWorkspaces();
  await using house = await startGatehouse({}, { folder: folder.path });
  const { token } = await house.createKey();
  const file = join(folder.path, 'api-keys.json');
  const text = await readFile(file, 'utf8');
  const status = async () => (await house.call('/api/auth/whoami', { key: token })).status;
  expect(await status()).toBe(200);
  await writeFile(file, text.replace('"revokedAt":null', '"revokedAt":"2026-11-22T11:00:00.000Z"'));
  await expect.poll(status, { timeout: 2000, interval: 100 }).toBe(401);
  await writeFile(file, text);
  await expect.poll(status, { timeout: 2000, interval: 100 }).toBe(200);
});
