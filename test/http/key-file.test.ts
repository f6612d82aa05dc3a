import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startGatehouse } from '../support/gatehouse.js';
import { expectNothingOfTheMachine, expectProblem } from './problem.js';

const HOLDS_WITHIN_MS = 2000;

test('K5: a key that is revoked by hand in api-keys.json is refused within 2 s, and may come back the same way', async () => {
  await using gate = await startGatehouse();
  const { token } = await gate.createKey();
  const path = join(gate.folder, 'api-keys.json');
  const before = await readFile(path, 'utf8');
  const status = async () => (await gate.call('/api/auth/whoami', { key: token })).status;
  expect(await status()).toBe(200);

  await writeFile(path, before.replace('"revokedAt":null', '"revokedAt":"2026-11-22T11:00:00.000Z"'));
  await expect.poll(status, { timeout: HOLDS_WITHIN_MS, interval: 50 }).toBe(401);
  await writeFile(path, before);
  await expect.poll(status, { timeout: HOLDS_WITHIN_MS, interval: 50 }).toBe(200);
});

test('R2: while api-keys.json is damaged keys go on working, changes are refused, and all is well once it is mended', async () => {
  await using gate = await startGatehouse();
  const { key, token } = await gate.createKey();
  const path = join(gate.folder, 'api-keys.json');
  const good = await readFile(path, 'utf8');
  const bad = good.slice(0, -20);
  await writeFile(path, bad);

  const created = await gate.local('/api/keys', { body: { name: 'meanwhile' } });
  expectProblem(created, 'STORE_UNAVAILABLE');
  expect(created.json.error).toBe('Changes cannot be saved');
  for (const act of [
    { path: `/api/keys/${key.id}/revoke`, method: 'POST' },
    { path: `/api/keys/${key.id}`, method: 'PATCH', body: { note: 'x' } },
  ])
    expectProblem(await gate.local(act.path, act), 'STORE_UNAVAILABLE');
  // Nobody's hand edit is overwritten, the last good state decides on, and readiness tells the truth.
  expect(await readFile(path, 'utf8')).toBe(bad);
  expect((await gate.call('/api/auth/whoami', { key: token })).status).toBe(200);
  expect((await gate.call('/api/keys', { key: token })).status).toBe(403);
  await expect.poll(async () => (await gate.call('/readyz')).status, { timeout: HOLDS_WITHIN_MS }).toBe(503);
  expectProblem(await gate.call('/readyz'), 'UNAVAILABLE');
  expect((await gate.call('/healthz')).json).toEqual({ status: 'ok' });
  expectNothingOfTheMachine((await gate.call('/readyz')).text);

  await writeFile(path, good);
  await expect.poll(async () => (await gate.call('/readyz')).status, { timeout: HOLDS_WITHIN_MS }).toBe(200);
  const again = await gate.local('/api/keys', { body: { name: 'afterwards' } });
  expect(again.status).toBe(201);
  const { data } = (await gate.local('/api/keys')).json;
  expect(data.map(({ name }: { name: string }) => name)).toEqual(['afterwards', 'test']);
});
