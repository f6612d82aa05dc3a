import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startGatehouse } from '../support/gatehouse.js';
import { temporaryWorkspaces } from '../support/workspace.js';

const WHOAMI = '/api/auth/whoami';

test.each([
  ['half a file', (text: string) => text.slice(0, text.length / 2)],
  ['no JSON', () => 'not json'],
  ['another shape', () => '[]'],
  ['a bad record', (text: string) => text.replace('"allowedIps":[]', '"allowedIps":["localhost"]')],
])(
  'R2: while api-keys.json holds %s, changes are refused, reads go on, and after mending changes go on',
  async (_what, harm) => {
    await using folder = await temporaryWorkspaces();
    await using house = await startGatehouse({}, { folder: folder.path });
    const file = join(folder.path, 'api-keys.json');
    const { key, token } = await house.createKey({ name: 'before' });
    const path = `/api/keys/${key.id}`;
    const whole = await readFile(file, 'utf8');
    const harmed = harm(whole);
    await writeFile(file, harmed);

    const refused = [
      await house.local('/api/keys', { method: 'POST', body: { name: 'lost' } }),
      await house.local(path, { method: 'PATCH', body: { name: 'changed' } }),
      await house.local(`${path}/rotate`, { method: 'POST' }),
      await house.local(path, { method: 'DELETE' }),
    ];
    for (const answer of refused) {
      expect([answer.status, answer.json.code]).toEqual([503, 'STORE_UNAVAILABLE']);
      expect(answer.text).not.toContain('"token"');
      expect(answer.text).not.toContain(folder.path);
    }
    // Neither memory nor disk took anything of it, and the last good state decides on.
    expect((await house.local('/api/keys')).json.data).toMatchObject([
      { name: 'before', status: 'active', secrets: [{}] },
    ]);
    expect((await house.call(WHOAMI, { key: token })).status).toBe(200);
    expect(await readFile(file, 'utf8')).toBe(harmed);
    expect((await house.call('/readyz')).status).toBe(503);
    expect((await house.call('/healthz')).status).toBe(200);

    await writeFile(file, whole);
    expect((await house.local(path, { method: 'PATCH', body: { name: 'after' } })).json.key.name).toBe('after');
    expect((await house.local(path, { method: 'DELETE' })).status).toBe(200);
    expect((await house.call(WHOAMI, { key: token })).status).toBe(401);
    expect((await house.call('/readyz')).status).toBe(200);
    const { json } = await house.local('/api/audit?limit=200');
    const outcomes = json.data.filter(({ action }: { action: string }) => action === 'key.revoke');
    expect(outcomes.map(({ outcome }: { outcome: string }) => outcome)).toEqual(['ok', 'failed', 'ok']);
  },
);

test('a change by hand and a change through Gatehouse at once: both hold', async () => {
  await using folder = await temporaryWorkspaces();
  await using house = await startGatehouse({}, { folder: folder.path });
  const file = join(folder.path, 'api-keys.json');
  const { key } = await house.createKey({ name: 'before' });
  await writeFile(file, (await readFile(file, 'utf8')).replace('"note":""', '"note":"by hand"'));
  await house.local(`/api/keys/${key.id}`, { method: 'PATCH', body: { name: 'after' } });
  expect((await house.local(`/api/keys/${key.id}`)).json.key).toMatchObject({ name: 'after', note: 'by hand' });
});
