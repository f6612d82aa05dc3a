import { expect, test } from 'vitest';
import { DAY } from '../support/clock.js';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';

const names = async (gate: RunningGatehouse, query: string) =>
  (await gate.local(`/api/keys?${query}`)).json.data.map(({ name }: { name: string }) => name);

test('K2: keys are found by what deserves a look: those that end soon, are not used, never end', async () => {
  await using gate = await startGatehouse();
  const inDays = (days: number) => new Date(gate.clock.nowMs() + days * DAY).toISOString();
  await gate.createKey({ name: 'idle', expiresAt: inDays(400) });
  const used = await gate.createKey({ name: 'used', expiresAt: inDays(400) });
  const gone = await gate.createKey({ name: 'gone' });
  await gate.local(`/api/keys/${gone.key.id}/revoke`, { body: {} });
  gate.clock.advance(91 * DAY);
  await gate.call('/api/auth/whoami', { key: used.token });
  await gate.createKey({ name: 'young', type: 'ci', environment: 'production' });
  await gate.createKey({ name: 'short', expiresAt: inDays(13) });

  expect(await names(gate, 'concern=unused')).toEqual(['idle']);
  expect(await names(gate, 'concern=ending')).toEqual(['short']);
  expect(await names(gate, 'concern=endless')).toEqual(['young']);
  expect(await names(gate, 'type=ci')).toEqual(['young']);
  expect(await names(gate, 'environment=production')).toEqual(['young']);
  expect((await gate.local('/api/keys?concern=other')).status).toBe(400);
});

test('G11: the last hours of many keys come in one answer, of foreign ones nothing', async () => {
  await using gate = await startGatehouse();
  const [one, two] = [
    await gate.createKey({ name: 'one', scopes: ['keys:read'] }),
    await gate.createKey({ name: 'two' }),
  ];
  await gate.call('/api/auth/whoami', { key: two.token });
  gate.clock.advance(3_600_000);
  await gate.call('/api/auth/whoami', { key: two.token });
  await gate.call('/api/auth/whoami', { key: two.token });
  const { organization } = (await gate.local('/api/organizations', { body: { name: 'Other' } })).json;
  const foreign = await gate.createKey({ name: 'foreign', organizationId: organization.id });

  const ids = `${one.key.id},${two.key.id},${foreign.key.id},key_none`;
  const { data } = (await gate.call(`/api/usage/keys?ids=${ids}`, { key: one.token })).json;
  expect(data.map(({ id }: { id: string }) => id)).toEqual([one.key.id, two.key.id]);
  expect(data[1].requests).toHaveLength(24);
  expect(data[1].requests.slice(-2)).toEqual([1, 2]);
  expect((await gate.local('/api/usage/keys?ids=')).status).toBe(400);
});

test('the audit log tells what was done to one thing', async () => {
  await using gate = await startGatehouse();
  const { key } = await gate.createKey({ name: 'one' });
  await gate.createKey({ name: 'two' });
  await gate.local(`/api/keys/${key.id}`, { method: 'PATCH', body: { note: 'changed' } });
  const { data } = (await gate.local(`/api/audit?target=${key.id}`)).json;
  expect(data.map(({ action }: { action: string }) => action)).toEqual(['key.update', 'key.create']);
});
