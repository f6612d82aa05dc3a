import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { API_KEY_TYPES, KeyView } from '../../src/contract/keys.js';
import { DAY, HOUR, TestClock } from '../support/clock.js';
import { ADMIN_KEY, startGatehouse } from '../support/gatehouse.js';
import { temporaryWorkspaces } from '../support/workspace.js';

const WHOAMI = '/api/auth/whoami';

/** Every file below the folder, as one text. */
async function everything(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return (await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), 'latin1')))).join('\n');
}

test('K1: after a whole life no plaintext is in any file, log line or later answer', async () => {
  await using folder = await temporaryWorkspaces();
  const clock = new TestClock();
  const tokens: string[] = [];
  const later: string[] = [];
  let logs = '';
  {
    await using house = await startGatehouse(
      { ADMIN_API_KEY: ADMIN_KEY, LOG_LEVEL: 'debug' },
      { folder: folder.path, clock },
    );
    const { key, token } = await house.createKey({ name: 'first', scopes: ['keys:read', 'keys:write', 'ask:run'] });
    tokens.push(token, ADMIN_KEY);
    const path = `/api/keys/${key.id}`;
    const note = async (answer: Promise<{ text: string; status: number }>) => {
      const { text, status } = await answer;
      later.push(text);
      return status;
    };
    expect(await note(house.call(WHOAMI, { key: token }))).toBe(200);
    expect(
      await note(house.call('/api/ask', { key: token, body: { workspaceId: 'example', question: token } })),
    ).toBeLessThan(504);
    const rotated = await house.local(`${path}/rotate`, { method: 'POST' });
    tokens.push(rotated.json.token);
    const created = await house.call('/api/keys', { key: token, body: { name: 'second', scopes: ['ask:run'] } });
    tokens.push(created.json.token);
    expect(tokens).toHaveLength(4);
    await note(house.local(path, { method: 'PATCH', body: { note: 'changed', endGrace: true } }));
    await note(house.call(WHOAMI, { key: token }));
    await note(house.call('/api/keys/verify', { key: ADMIN_KEY, body: { token } }));
    await note(house.call('/api/keys', { key: ADMIN_KEY }));
    await note(house.local('/api/env-keys'));
    await note(house.call(`/api/keys?search=${token}`, { key: ADMIN_KEY }));
    await note(house.local(`${path}/revoke`, { method: 'POST', body: { reason: 'done' } }));
    await note(house.call(WHOAMI, { key: rotated.json.token }));
    await note(house.call(WHOAMI, { headers: { authorization: `Bearer ${rotated.json.token}x` } }));
    await note(house.call(WHOAMI, { headers: { 'x-api-key': token, authorization: `Bearer ${ADMIN_KEY}` } }));
    await note(house.local(path));
    await note(house.local('/api/audit?limit=200'));
    logs = house.logs();
  }
  const files = await everything(folder.path);
  expect(files).toContain('key.rotate');
  expect(files).toContain('key.revoke');
  for (const token of tokens) {
    const body = token.slice(token.lastIndexOf('_') + 1);
    expect(files.includes(body), 'files').toBe(false);
    expect(logs.includes(body), 'logs').toBe(false);
    // What a caller asked comes back to it in the answer of `ask` only.
    expect(later.filter((text) => text.includes(body) && !text.includes('"citations"'))).toEqual([]);
  }
});

describe('K2: a key', () => {
  const bounds = {
    scopes: ['ask:run', 'projects:*'],
    expiresAt: '2027-01-01T00:00:00.000Z',
    workspaceIds: ['example'],
    credentialIds: [],
    allowedIps: ['10.0.0.0/8', '2001:db8::1'],
    allowedOrigins: ['https://app.example.com'],
    rateLimit: { requests: 7, windowSeconds: 60 },
    note: 'for the pipeline',
  };

  test.each(API_KEY_TYPES)('of type %s is made, listed, fetched and the same after a restart', async (type) => {
    await using folder = await temporaryWorkspaces();
    const clock = new TestClock();
    let made: KeyView;
    {
      await using house = await startGatehouse({ KEY_PREFIX: 'chy' }, { folder: folder.path, clock });
      const created = await house.createKey({ name: 'pipeline', type, environment: 'production', ...bounds });
      made = KeyView.parse(created.key);
      expect(created.token).toMatch(new RegExp(`^chy_${type}_live_[0-9A-Za-z]{49}$`));
      const { start, last4 } = {
        start: created.token.slice(0, `chy_${type}_live_`.length + 4),
        last4: created.token.slice(-4),
      };
      expect(made).toEqual({
        id: made.id,
        name: 'pipeline',
        type,
        environment: 'production',
        organizationId: 'org_default',
        ...bounds,
        start,
        last4,
        createdAt: '2026-11-22T12:00:00.000Z',
        createdBy: 'local',
        revokedAt: null,
        status: 'active',
        lastUsedAt: null,
        lastUsedIp: null,
        lateUntil: null,
        secrets: [
          { start, last4, createdAt: '2026-11-22T12:00:00.000Z', expiresAt: null, lastUsedAt: null, lastUsedIp: null },
        ],
      });
    }
    await using house = await startGatehouse({ KEY_PREFIX: 'chy' }, { folder: folder.path, clock });
    expect((await house.local(`/api/keys/${made.id}`)).json).toEqual({ key: made });
    expect((await house.local('/api/keys')).json).toEqual({ data: [made], nextCursor: null });
  });

  test('without anything but a name has the client’s scopes and nothing else', async () => {
    await using house = await startGatehouse();
    const { key } = await house.createKey({ name: 'plain' });
    expect(key).toMatchObject({
      type: 'sdk',
      environment: 'development',
      scopes: ['ask:run', 'jobs:read', 'projects:read', 'endpoints:run'],
      workspaceIds: null,
      credentialIds: null,
      allowedIps: [],
      rateLimit: null,
      expiresAt: null,
      note: '',
    });
    expect((await house.createKey({ scopes: [] })).key.scopes).toEqual([]);
  });

  test('update changes the fields it names and no other, from the next request on', async () => {
    await using house = await startGatehouse();
    const { key, token } = await house.createKey({ name: 'before', ...bounds, allowedIps: [], allowedOrigins: [] });
    const path = `/api/keys/${key.id}`;
    const patch = (body: object) => house.local(path, { method: 'PATCH', body });
    expect((await patch({ name: 'after', rateLimit: null })).json.key).toEqual({
      ...key,
      name: 'after',
      rateLimit: null,
    });
    expect((await house.call(WHOAMI, { key: token })).status).toBe(200);
    await patch({ allowedIps: ['203.0.113.0/24'] });
    expect((await house.call(WHOAMI, { key: token })).status).toBe(403);
    await patch({ allowedIps: ['127.0.0.0/8'], scopes: ['keys:read'] });
    expect((await house.call(WHOAMI, { key: token })).json.principal.scopes).toEqual(['keys:read']);
    for (const body of [
      {},
      { type: 'ci' },
      { environment: 'production' },
      { id: key.id },
      { expiresAt: '2020-01-01T00:00:00Z' },
    ])
      expect([body, (await patch(body)).status]).toEqual([body, 400]);
  });

  test('K5: revoked is refused on the next request and stays shown; twice is once; nothing changes it again', async () => {
    await using house = await startGatehouse();
    const { key, token } = await house.createKey();
    const path = `/api/keys/${key.id}`;
    expect((await house.call(WHOAMI, { key: token })).status).toBe(200);
    const revoked = await house.local(`${path}/revoke`, { method: 'POST', body: { reason: 'leaked' } });
    expect(revoked.json.key).toMatchObject({ status: 'revoked', revokedAt: '2026-11-22T12:00:00.000Z' });
    expect((await house.call(WHOAMI, { key: token })).status).toBe(401);
    house.clock.advance(HOUR);
    expect((await house.local(path, { method: 'DELETE' })).json.key.revokedAt).toBe('2026-11-22T12:00:00.000Z');
    expect((await house.local(path, { method: 'PATCH', body: { name: 'x' } })).status).toBe(409);
    expect((await house.local(`${path}/rotate`, { method: 'POST' })).status).toBe(409);
    const { json } = await house.local('/api/audit?limit=200');
    expect(json.data.filter(({ action }: { action: string }) => action === 'key.revoke')).toHaveLength(1);
  });

  test('K5: a key that ends is refused from that millisecond on', async () => {
    await using house = await startGatehouse();
    const { key, token } = await house.createKey({ expiresAt: '2026-11-23T12:00:00Z' });
    house.clock.advance(DAY - 1);
    expect((await house.call(WHOAMI, { key: token })).status).toBe(200);
    house.clock.advance(1);
    expect((await house.call(WHOAMI, { key: token })).status).toBe(401);
    expect((await house.local(`/api/keys/${key.id}`)).json.key.status).toBe('expired');
    expect((await house.local(`/api/keys/${key.id}/rotate`, { method: 'POST' })).status).toBe(409);
  });

  test('lists are newest first, by pages, status and words', async () => {
    await using house = await startGatehouse();
    for (const name of ['a', 'b', 'c', 'd', 'e']) await house.createKey({ name, note: `note ${name}` });
    const names = (json: { data: KeyView[] }) => json.data.map(({ name }) => name).join('');
    const first = (await house.local('/api/keys?limit=2')).json;
    const second = (await house.local(`/api/keys?limit=2&cursor=${first.nextCursor}`)).json;
    const third = (await house.local(`/api/keys?limit=2&cursor=${second.nextCursor}`)).json;
    expect([names(first), names(second), names(third), third.nextCursor]).toEqual(['ed', 'cb', 'a', null]);
    await house.local(`/api/keys/${first.data[0].id}`, { method: 'DELETE' });
    expect(names((await house.local('/api/keys?status=revoked')).json)).toBe('e');
    expect(names((await house.local('/api/keys?status=active')).json)).toBe('dcba');
    expect(names((await house.local('/api/keys?search=NOTE%20C')).json)).toBe('c');
    expect((await house.local('/api/keys?cursor=key_0000000000000000000000')).status).toBe(400);
  });
});
