import { decodeJwt } from 'jose';
import { expect, test } from 'vitest';
import { createClient, type Key } from '../../src/client/index.js';
import { startGatehouse } from '../support/gatehouse.js';

const SCOPES = ['keys:read', 'keys:write', 'ask:run', 'projects:read'];

test('D4: a server client at a real Gatehouse: who it is, a question, the life of a key, a JWT', async () => {
  await using running = await startGatehouse();
  const { token: own, key: ownKey } = await running.createKey({ scopes: SCOPES });
  const client = createClient(running.url, own);
  expect(await client.whoami()).toMatchObject({ kind: 'api_key', keyId: ownKey.id, scopes: SCOPES });

  const { citations, model } = await client.ask({
    workspaceId: 'example',
    question: 'How are overdue fines calculated?',
  });
  expect(citations[0]?.path).toBe('server/fines.ts');
  expect(model).toBeNull();

  const { key, token } = await client.keys.create({ name: 'ci', type: 'ci', scopes: ['ask:run'] });
  expect(await client.keys.get(key.id)).toEqual(key);
  expect(await client.keys.update(key.id, { note: 'of the pipeline' })).toMatchObject({ note: 'of the pipeline' });
  const rotated = await client.keys.rotate(key.id, { graceSeconds: 0 });
  expect(await client.keys.verify({ token })).toMatchObject({ valid: false });
  expect(await client.keys.verify({ token: rotated.token, scopes: ['ask:run', 'keys:read'] })).toMatchObject({
    code: 'INSUFFICIENT_SCOPE',
    missingScopes: ['keys:read'],
  });
  expect(await client.keys.revoke(key.id, { reason: 'done' })).toMatchObject({ status: 'revoked' });
  await expect(createClient(running.url, rotated.token).whoami()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });

  const { access_token, expires_in } = await client.token.trade({ ttlSeconds: 60, scopes: ['ask:run'] });
  expect(expires_in).toBe(60);
  expect(decodeJwt(access_token)).toMatchObject({ scope: 'ask:run' });
  expect(await createClient(running.url, access_token).whoami()).toMatchObject({ scopes: ['ask:run'] });
});

test('D4: a list of several pages is walked to its end', async () => {
  await using running = await startGatehouse();
  const { token } = await running.createKey({ scopes: SCOPES });
  for (let n = 0; n < 5; n += 1) await running.createKey({ name: `walked ${n}` });
  const { keys } = createClient(running.url, token);
  const found: Key[] = [];
  for await (const key of keys.listAll({ limit: 2, search: 'walked' })) found.push(key);
  expect(found.map(({ name }) => name)).toEqual([4, 3, 2, 1, 0].map((n) => `walked ${n}`));
});

test('D4: what a real Gatehouse refuses arrives with its code, status, detail and request id', async () => {
  await using running = await startGatehouse({ API_RATE_LIMIT: '4' });
  const { token } = await running.createKey({ scopes: ['ask:run'] });
  const client = createClient(running.url, token);
  const refusals = [
    [() => client.keys.list(), { code: 'FORBIDDEN', status: 403 }],
    [() => client.ask({ workspaceId: 'no-such', question: 'Why?' }), { code: 'NOT_FOUND', status: 404 }],
    [() => client.ask({ workspaceId: 'example', question: ' ' }), { code: 'BAD_REQUEST', status: 400 }],
    [() => createClient(running.url, 'gate_sdk_test_x').whoami(), { code: 'UNAUTHORIZED', status: 401 }],
  ] as const;
  for (const [call, expected] of refusals) {
    const error = await call().then(
      () => expect.unreachable(),
      (error) => error,
    );
    expect(error).toMatchObject({ ...expected, requestId: expect.stringMatching(/^req_/) });
    expect(error.detail).not.toBe('');
  }
  await client.whoami();
  const limited = await client.whoami().catch((error) => error);
  expect(limited).toMatchObject({ code: 'RATE_LIMITED', status: 429, retryAfterSeconds: 3600 });
});

test('D4: it works under a base path', async () => {
  await using running = await startGatehouse({ BASE_PATH: '/gate/house' });
  const made = await running.local('/gate/house/api/keys', { method: 'POST', body: { name: 'server' } });
  const client = createClient(`${running.url}/`, made.json.token);
  expect(running.url).toMatch(/:\d+\/gate\/house$/);
  expect(await client.whoami()).toMatchObject({ keyId: made.json.key.id });
  await expect(createClient(new URL(running.url).origin, made.json.token).whoami()).rejects.toMatchObject({
    status: 404,
  });
});
