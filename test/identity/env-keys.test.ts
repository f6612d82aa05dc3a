import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { EnvKeyView, KeyView } from '../../src/contract/keys.js';
import { EnvKeys } from '../../src/identity/keys/env-keys.js';
import { sha256, sha256Bytes } from '../../src/kernel/digest.js';
import { DAY, TestClock } from '../support/clock.js';
import { ADMIN_KEY, type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { temporaryWorkspaces } from '../support/workspace.js';

const CLIENT = 'client-key-0123456789-0123456789-0123456789';
const WEAK = 'hunter2';
const WHOAMI = '/api/auth/whoami';

const envKeysOf = async (house: RunningGatehouse): Promise<EnvKeyView[]> =>
  (await house.local('/api/env-keys')).json.data;
const keys = async (house: RunningGatehouse): Promise<KeyView[]> => (await house.local('/api/keys')).json.data;
const kindOf = async (house: RunningGatehouse, key: string) => {
  const { status, json } = await house.call(WHOAMI, { key });
  return status === 200 ? json.principal.kind : status;
};

async function adopt(house: RunningGatehouse, variable: string, body: object = {}) {
  const found = (await envKeysOf(house)).find((key) => key.variable === variable);
  return house.local(`/api/env-keys/${found?.fingerprint}/adopt`, {
    method: 'POST',
    body: { name: 'adopted', ...body },
  });
}

describe('K9: environment keys', () => {
  test('are listed by fingerprint, with length, weakness and last use, never by value', async () => {
    await using house = await startGatehouse({ ADMIN_API_KEY: ADMIN_KEY, VALID_API_KEYS: `${CLIENT},${WEAK}` });
    expect([await kindOf(house, ADMIN_KEY), await kindOf(house, CLIENT), await kindOf(house, `${CLIENT}x`)]).toEqual([
      'env_admin',
      'env_client',
      401,
    ]);
    const used = { lastUsedAt: '2026-11-22T12:00:00.000Z', lastUsedIp: '127.0.0.1' };
    const unused = { lastUsedAt: null, lastUsedIp: null };
    const fingerprint = expect.stringMatching(/^[0-9a-f]{16}$/);
    const answer = await house.local('/api/env-keys');
    expect(answer.json.data).toEqual([
      { variable: 'ADMIN_API_KEY', fingerprint, length: 64, weak: false, shadowed: false, ...used },
      { variable: 'VALID_API_KEYS', fingerprint, length: CLIENT.length, weak: false, shadowed: false, ...used },
      { variable: 'VALID_API_KEYS', fingerprint, length: 7, weak: true, shadowed: false, ...unused },
    ]);
    for (const secret of [ADMIN_KEY, CLIENT, WEAK]) {
      expect(answer.text).not.toContain(secret);
      expect(answer.text, 'a plain hash of a weak value could be guessed').not.toContain(sha256(secret).slice(0, 12));
    }
  });

  test('are the operators’ to see', async () => {
    await using house = await startGatehouse({ ADMIN_API_KEY: ADMIN_KEY, VALID_API_KEYS: CLIENT });
    const { token } = await house.createKey({ scopes: ['*'] });
    const status = async (key: string) => (await house.call('/api/env-keys', { key })).status;
    expect([await status(ADMIN_KEY), await status(CLIENT), await status(token)]).toEqual([200, 403, 403]);
  });

  test('the fingerprint stays through a restart and differs in another instance', async () => {
    await using folder = await temporaryWorkspaces();
    const settings = { ADMIN_API_KEY: ADMIN_KEY };
    const seen: string[] = [];
    for (const place of [folder.path, folder.path, undefined]) {
      await using house = await startGatehouse(settings, place === undefined ? {} : { folder: place });
      seen.push((await envKeysOf(house))[0]?.fingerprint ?? '');
    }
    expect(seen[0]).toBe(seen[1]);
    expect(seen[0]).not.toBe(seen[2]);
  });

  test('a client key has CLIENT_SCOPES and no operator’s reach', async () => {
    await using house = await startGatehouse({ VALID_API_KEYS: CLIENT, CLIENT_SCOPES: 'ask:run' });
    const { json } = await house.call(WHOAMI, { key: CLIENT });
    expect(json.principal).toMatchObject({ kind: 'env_client', organizationId: 'org_default', scopes: ['ask:run'] });
    expect((await house.call('/api/keys', { key: CLIENT })).status).toBe(403);
  });

  test('the value is not kept: digests only', () => {
    const all = new EnvKeys({
      adminKey: WEAK,
      clientKeys: [CLIENT],
      clientScopes: [],
      environment: null,
      fingerprintKey: Buffer.alloc(32),
    });
    expect(JSON.stringify(all.all)).not.toContain(WEAK);
    expect(JSON.stringify(all.all)).not.toContain(CLIENT);
    expect(all.find(sha256Bytes(CLIENT))?.variable).toBe('VALID_API_KEYS');
    expect(all.find(sha256Bytes(`${CLIENT} `))).toBeUndefined();
    expect(all.find(Buffer.alloc(0))).toBeUndefined();
  });
});

describe('K9: adopting', () => {
  test('takes the key into the file with the same value: its callers change nothing', async () => {
    await using folder = await temporaryWorkspaces();
    await using house = await startGatehouse({ VALID_API_KEYS: CLIENT }, { folder: folder.path });
    const adopted = await adopt(house, 'VALID_API_KEYS', { note: 'from the environment' });
    expect([adopted.status, adopted.text.includes(CLIENT)]).toEqual([201, false]);
    expect(adopted.json.key).toMatchObject({ start: 'clie', last4: '6789', status: 'active' });
    expect(await kindOf(house, CLIENT)).toBe('api_key');
    expect((await envKeysOf(house))[0]).toMatchObject({ shadowed: true });
    expect((await adopt(house, 'VALID_API_KEYS')).status).toBe(409);
    const { json } = await house.local('/api/audit?limit=200');
    expect(json.data.filter(({ action }: { action: string }) => action === 'key.adopt')).toHaveLength(1);
    expect(await readFile(join(folder.path, 'api-keys.json'), 'utf8')).not.toContain(CLIENT);
  });

  test('by many at once makes one record', async () => {
    await using house = await startGatehouse({ VALID_API_KEYS: CLIENT });
    const answers = await Promise.all(Array.from({ length: 6 }, () => adopt(house, 'VALID_API_KEYS')));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
    expect(await keys(house)).toHaveLength(1);
  });

  test('shows nothing of a weak key', async () => {
    await using house = await startGatehouse({ VALID_API_KEYS: WEAK });
    expect((await adopt(house, 'VALID_API_KEYS')).json.key).toMatchObject({ start: '', last4: '' });
  });

  test('of the admin key names its scopes, and makes it an operator no more', async () => {
    await using house = await startGatehouse({ ADMIN_API_KEY: ADMIN_KEY });
    expect((await adopt(house, 'ADMIN_API_KEY')).status).toBe(400);
    expect(await kindOf(house, ADMIN_KEY)).toBe('env_admin');
    expect((await adopt(house, 'ADMIN_API_KEY', { scopes: ['keys:read'] })).status).toBe(201);
    expect(await kindOf(house, ADMIN_KEY)).toBe('api_key');
    expect((await house.call('/api/env-keys', { key: ADMIN_KEY })).status).toBe(403);
  });

  test('an unknown fingerprint is 404', async () => {
    await using house = await startGatehouse({ VALID_API_KEYS: CLIENT });
    const answer = await house.local('/api/env-keys/0000000000000000/adopt', { method: 'POST', body: { name: 'x' } });
    expect(answer.status).toBe(404);
  });
});

describe('K5: a revoked key does not come back through the environment', () => {
  test('an adopted one stays dead through restarts and years', async () => {
    await using folder = await temporaryWorkspaces();
    const clock = new TestClock();
    const open = () => startGatehouse({ VALID_API_KEYS: CLIENT }, { folder: folder.path, clock });
    {
      await using house = await open();
      const { json } = await adopt(house, 'VALID_API_KEYS');
      await house.local(`/api/keys/${json.key.id}`, { method: 'DELETE' });
      expect(await kindOf(house, CLIENT)).toBe(401);
    }
    clock.advance(400 * DAY);
    await using house = await open();
    await house.gatehouse.keys.purge();
    expect(await kindOf(house, CLIENT)).toBe(401);
    expect((await envKeysOf(house))[0]).toMatchObject({ shadowed: true });
    expect((await keys(house))[0]).toMatchObject({ status: 'revoked' });
  });

  test('neither does an issued one that somebody also put into the environment; others go after 90 days', async () => {
    await using folder = await temporaryWorkspaces();
    const clock = new TestClock();
    const made: string[] = [];
    {
      await using house = await startGatehouse({}, { folder: folder.path, clock });
      for (const name of ['listed', 'other']) {
        const { key, token } = await house.createKey({ name });
        made.push(token);
        await house.local(`/api/keys/${key.id}`, { method: 'DELETE' });
      }
    }
    clock.advance(90 * DAY);
    await using house = await startGatehouse({ VALID_API_KEYS: made[0] ?? '' }, { folder: folder.path, clock });
    await house.gatehouse.keys.purge();
    expect((await keys(house)).map(({ name }) => name)).toEqual(['listed']);
    expect([await kindOf(house, made[0] ?? ''), await kindOf(house, made[1] ?? '')]).toEqual([401, 401]);
  });
});
