import { describe, expect, test } from 'vitest';
import type { KeyWithToken } from '../../src/contract/keys.js';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';

const FILES = { files: { 'one/a.md': 'a', 'two/b.md': 'b' } };
const MANAGER = {
  scopes: ['keys:read', 'keys:write', 'ask:run'],
  workspaceIds: ['one'],
  allowedIps: ['127.0.0.0/8'],
  expiresAt: '2027-01-01T00:00:00.000Z',
  rateLimit: { requests: 500, windowSeconds: 3600 },
};
const WITHIN = { ...MANAGER, scopes: ['ask:run'] };

/** A key of the given bounds that may manage keys, and what it does. */
async function manager(house: RunningGatehouse) {
  const { key, token } = await house.createKey({ name: 'manager', ...MANAGER });
  const send = (method: string, path: string, body?: object) =>
    house.call(`/api/keys${path}`, { method, key: token, ...(body === undefined ? {} : { body }) });
  return { id: key.id, send };
}

const BEYOND: [string, object, string][] = [
  ['scopes', { scopes: ['ask:run', 'audit:read'] }, 'scopes audit:read'],
  ['all scopes', { scopes: ['*'] }, 'scopes *'],
  ['all workspaces', { workspaceIds: null }, 'workspaceIds'],
  ['every address', { allowedIps: [] }, 'allowedIps'],
  ['a wider range', { allowedIps: ['127.0.0.0/7'] }, 'allowedIps'],
  ['no end', { expiresAt: null }, 'expiresAt'],
  ['a later end', { expiresAt: '2027-01-01T00:00:00.001Z' }, 'expiresAt'],
  ['no limit', { rateLimit: null }, 'rateLimit'],
  ['a higher limit', { rateLimit: { requests: 501, windowSeconds: 3600 } }, 'rateLimit'],
];

describe('K11: nobody hands out more than they hold, by any act', () => {
  test.each(BEYOND)('create: %s', async (_what, over, words) => {
    await using house = await startGatehouse({}, FILES);
    const { send } = await manager(house);
    const answer = await send('POST', '', { name: 'x', ...WITHIN, ...over });
    expect([answer.status, answer.json.detail]).toEqual([403, expect.stringContaining(words)]);
    expect((await house.local('/api/keys')).json.data).toHaveLength(1);
  });

  test.each(BEYOND)('update, of another key and of itself: %s', async (_what, over) => {
    await using house = await startGatehouse({}, FILES);
    const { id, send } = await manager(house);
    const made = (await send('POST', '', { name: 'x', ...WITHIN })).json as KeyWithToken;
    for (const target of [made.key.id, id]) {
      const before = (await house.local(`/api/keys/${target}`)).json;
      expect((await send('PATCH', `/${target}`, over)).status).toBe(403);
      expect((await house.local(`/api/keys/${target}`)).json).toEqual(before);
    }
  });

  test.each(BEYOND.filter(([, over]) => !('workspaceIds' in over)))(
    'rotate, of a key that has more: %s',
    async (_what, over) => {
      await using house = await startGatehouse({}, FILES);
      const { send } = await manager(house);
      const { key, token } = await house.createKey({ ...WITHIN, ...over });
      const answer = await send('POST', `/${key.id}/rotate`);
      expect([answer.status, answer.text.includes('"token"')]).toEqual([403, false]);
      expect((await house.call('/api/auth/whoami', { key: token })).status).toBe(200);
    },
  );

  test('what lies within is given, and its holder can give no more than that on', async () => {
    await using house = await startGatehouse({}, FILES);
    const { send } = await manager(house);
    const made = await send('POST', '', { name: 'x', ...MANAGER });
    expect(made.status).toBe(201);
    expect(made.json.key.createdBy).not.toBe('local');
    expect((await send('POST', `/${made.json.key.id}/rotate`)).status).toBe(200);
    expect((await send('PATCH', `/${made.json.key.id}`, { scopes: ['ask:run'] })).status).toBe(200);
    const next = await house.call('/api/keys', { key: made.json.token, body: { name: 'y', ...WITHIN } });
    expect([next.status, next.json.code]).toEqual([403, 'FORBIDDEN']);
  });

  test('leaving bounds out is not a way around: the defaults are held against the maker too', async () => {
    await using house = await startGatehouse({}, FILES);
    const { send } = await manager(house);
    expect((await send('POST', '', { name: 'x' })).status).toBe(403);
  });

  test('another environment than one’s own is refused', async () => {
    await using house = await startGatehouse({}, FILES);
    const { send } = await manager(house);
    const answer = await send('POST', '', { name: 'x', ...WITHIN, environment: 'production' });
    expect([answer.status, answer.json.detail]).toEqual([403, expect.stringContaining('environment production')]);
  });

  test('keys of other workspaces are not there: not to see, change, rotate or revoke', async () => {
    await using house = await startGatehouse({}, FILES);
    const { send } = await manager(house);
    for (const workspaceIds of [['two'], ['one', 'two'], null]) {
      const { key } = await house.createKey({ ...WITHIN, workspaceIds });
      const unknown = await send('GET', '/key_0000000000000000000000');
      const answers = await Promise.all([
        send('GET', `/${key.id}`),
        send('PATCH', `/${key.id}`, { name: 'x' }),
        send('POST', `/${key.id}/rotate`),
        send('POST', `/${key.id}/revoke`),
        send('DELETE', `/${key.id}`),
      ]);
      expect(answers.map(({ status }) => status)).toEqual(Array(5).fill(404));
      for (const answer of answers) expect(answer.json.detail).toBe(unknown.json.detail);
      expect((await send('GET', `?cursor=${key.id}`)).status, 'not even as a cursor').toBe(400);
      expect((await house.local(`/api/keys/${key.id}`)).json.key.status).toBe('active');
    }
    expect((await send('GET', '')).json.data.map(({ name }: { name: string }) => name)).toEqual(['manager']);
  });

  test('a workspace that is not there cannot be named', async () => {
    await using house = await startGatehouse({}, FILES);
    const { send } = await manager(house);
    for (const workspaceId of ['two', 'nowhere']) {
      expect((await send('POST', '', { name: 'x', ...WITHIN, workspaceIds: [workspaceId] })).status).toBe(404);
    }
    const local = await house.local('/api/keys', { method: 'POST', body: { name: 'x', workspaceIds: ['nowhere'] } });
    expect(local.status).toBe(404);
  });
});
