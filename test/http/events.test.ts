import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { LiveEvent } from '../../src/contract/live.js';
import { MAX_STREAMS_PER_USER } from '../../src/live/live.js';
import { type Heard, hear } from '../support/events.js';
import { ADMIN_KEY, type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { createUser, type SignedInPerson, signIn } from '../support/people.js';
import { expectProblem } from './problem.js';

async function open(settings: Record<string, string> = {}): Promise<RunningGatehouse> {
  const gate = await startGatehouse({ API_RATE_LIMIT: 'off', ...settings });
  onTestFinished(() => gate[Symbol.asyncDispose]());
  return gate;
}

let people = 0;
async function person(gate: RunningGatehouse, fields: object): Promise<SignedInPerson> {
  people += 1;
  const email = `listener-${people}@example.com`;
  await createUser(gate, email, fields);
  return signIn(gate, email);
}

async function listen(gate: RunningGatehouse, who: SignedInPerson, options: Parameters<typeof hear>[2] = {}) {
  const heard = await hear(gate.url, { cookie: who.cookie }, options);
  onTestFinished(() => heard[Symbol.asyncDispose]());
  if (heard.status === 200) await heard.next('hello');
  return heard;
}

/** So that what comes next is told one by one again. */
const aSecond = () => new Promise((resolve) => setTimeout(resolve, 1100));

/** Everything that was announced before has reached the streams when this has. */
async function settle(gate: RunningGatehouse, heard: Heard): Promise<void> {
  await aSecond();
  await gate.local('/api/settings/scopes', { method: 'PUT', body: { declared: [] } });
  await heard.next('settings.changed');
}

test('a page hears at once which key was made, and that the audit has a line more', async () => {
  const gate = await open();
  const admin = await person(gate, { role: 'admin' });
  const heard = await listen(gate, admin);
  expect(heard.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(heard.headers.get('cache-control')).toBe('no-store');
  const { key } = await gate.createKey();
  expect(await heard.next('key.changed')).toEqual({
    type: 'key.changed',
    id: key.id,
    organizationId: 'org_default',
    eventId: expect.any(Number),
  });
  await heard.next('audit.appended');
});

test('the first request of a key arrives as it was answered, and with a new secret once more', async () => {
  const gate = await open();
  const admin = await person(gate, { role: 'admin' });
  const heard = await listen(gate, admin);
  const { key, token } = await gate.createKey({ name: 'ci', scopes: ['projects:read'] });
  const answer = await gate.call('/api/workspaces', { key: token });
  const first = await heard.next('key.first-used');
  expect(first).toMatchObject({ id: key.id, organizationId: 'org_default' });
  expect(first.data).toMatchObject({
    requestId: answer.headers.get('x-request-id'),
    method: 'GET',
    route: 'listWorkspaces',
    path: '/api/workspaces',
    outcome: 'ALLOWED',
    status: 200,
    keyId: key.id,
    keyName: 'ci',
    address: '127.0.0.1',
  });
  await gate.call('/api/workspaces', { key: token });
  const rotated = await gate.local(`/api/keys/${key.id}/rotate`, { method: 'POST' });
  await gate.call('/api/keys', { key: rotated.json.token });
  const second = await heard.next('key.first-used');
  expect(second.data).toMatchObject({ route: 'listKeys', outcome: 'FORBIDDEN', status: 403 });
  expect(heard.all.filter(({ type }) => type === 'key.first-used')).toHaveLength(2);
  expect(heard.all.filter(({ type }) => type === 'request')).toEqual([]);
});

test('a proxy that asks for an app is a first request, too', async () => {
  const gate = await open({ TRUST_PROXY: 'loopback' });
  const heard = await listen(gate, await person(gate, { role: 'admin' }));
  const { token } = await gate.createKey();
  const headers = {
    'x-forwarded-method': 'GET',
    'x-forwarded-uri': '/orders?token=hidden',
    'x-forwarded-host': 'app.example.com',
    'x-forwarded-proto': 'https',
    'x-forwarded-for': '10.0.0.5',
  };
  expect((await gate.call('/api/verify', { key: token, headers })).status).toBe(204);
  const { data } = await heard.next('key.first-used');
  expect(data).toMatchObject({
    method: 'GET',
    route: 'upstream default',
    status: 204,
    address: '10.0.0.5',
    path: null,
  });
  expect(heard.text()).not.toContain('hidden');
});

test('each request of a key that is watched is told, to whoever watches it alone', async () => {
  const gate = await open();
  const admin = await person(gate, { role: 'admin' });
  const { key, token } = await gate.createKey();
  const other = await gate.createKey();
  const watching = await listen(gate, admin, { query: `?watch=${key.id}` });
  const passing = await listen(gate, admin);
  for (let n = 0; n < 3; n += 1) await gate.call('/api/auth/whoami', { key: token });
  await gate.call('/api/auth/whoami', { key: other.token });
  for (let n = 0; n < 3; n += 1) expect((await watching.next('request')).data.route).toBe('whoami');
  await passing.next('key.first-used');
  await passing.next('key.first-used');
  expect(watching.all.filter(({ type }) => type === 'request')).toHaveLength(3);
  expect(passing.all.filter(({ type }) => type === 'request')).toEqual([]);
});

test('a key that is foreign or not there cannot be watched, alike', async () => {
  const gate = await open();
  const admin = await person(gate, { role: 'admin' });
  const { json } = await gate.local('/api/organizations', { body: { name: 'elsewhere' } });
  const { key } = await gate.createKey({ organizationId: json.organization.id });
  const answers = await Promise.all(
    [key.id, 'key_0000000000000000000000', 'env:0123456789abcdef'].map((id) =>
      gate.call(`/api/events?watch=${id}`, { headers: { cookie: admin.cookie } }),
    ),
  );
  for (const answer of answers) expectProblem(answer, 'NOT_FOUND');
  expect(new Set(answers.map((answer) => answer.json.detail)).size).toBe(1);
});

test('nobody hears of another organization, nor of what they may not read', async () => {
  const gate = await open();
  const { json } = await gate.local('/api/organizations', { body: { name: 'elsewhere' } });
  const elsewhere = json.organization.id;
  const [operator, admin, viewer, foreign] = await Promise.all(
    [
      await person(gate, { role: 'viewer', instanceOperator: true }),
      await person(gate, { role: 'admin' }),
      await person(gate, { role: 'viewer' }),
      await person(gate, { role: 'admin', organizationId: elsewhere }),
    ].map((who) => listen(gate, who)),
  );
  if (!operator || !admin || !viewer || !foreign) throw new Error('four listen');
  const { key, token } = await gate.createKey();
  await gate.call('/api/auth/whoami', { key: token });
  await aSecond();
  await gate.local('/api/workspaces/example/secrets/NAME', { method: 'PUT', body: { value: 'opensesame', hosts: [] } });
  await gate.local('/api/workspaces/example/variables/NAME', { method: 'PUT', body: { value: 'visible' } });
  await gate.local('/api/organizations/org_default/invites', { body: { email: 'new@example.com', role: 'viewer' } });
  await aSecond();
  await createUser(gate, 'member@example.com', { role: 'viewer' });
  await settle(gate, operator);
  await gate.createKey({ organizationId: elsewhere });
  await foreign.next('key.changed');
  await admin.next('variable.changed');

  const types = (heard: Heard) => new Set(heard.all.map(({ type }) => type));
  expect(types(foreign)).toEqual(new Set(['hello', 'key.changed', 'audit.appended']));
  expect(foreign.text()).not.toContain(key.id);
  expect(types(viewer)).toEqual(new Set(['hello', 'variable.changed']));
  const ofAdmin = types(admin);
  for (const type of ['key.changed', 'key.first-used', 'secret.changed', 'invite.changed', 'member.changed'] as const)
    expect(ofAdmin, type).toContain(type);
  expect(ofAdmin).not.toContain('settings.changed');
  expect(ofAdmin).not.toContain('user.changed');
  expect(admin.text()).not.toContain(elsewhere);
  for (const heard of [operator, admin, viewer, foreign]) {
    for (const { eventId: _, ...event } of heard.all) LiveEvent.parse(event);
    for (const secret of [token, 'opensesame', 'visible']) expect(heard.text()).not.toContain(secret);
  }
});

test('an operator who looks at one organization hears of that one and of the instance', async () => {
  const gate = await open();
  const { json } = await gate.local('/api/organizations', { body: { name: 'elsewhere' } });
  const operator = await person(gate, { role: 'viewer', instanceOperator: true });
  const heard = await listen(gate, operator, { query: `?organizationId=${json.organization.id}` });
  await gate.createKey();
  await settle(gate, heard);
  expect(heard.all.map(({ type }) => type)).not.toContain('key.changed');
  await gate.createKey({ organizationId: json.organization.id });
  await heard.next('key.changed');
});

test('a burst is told as ten events and one hint of what to read again', async () => {
  const gate = await open();
  const heard = await listen(gate, await person(gate, { role: 'admin' }));
  await Promise.all(Array.from({ length: 40 }, () => gate.createKey()));
  const many = await heard.next('many');
  expect(many.data.types).toContain('key.changed');
  expect(heard.all.length).toBeLessThanOrEqual(12);
});

test('who comes back with the number of the last event is told what was missed', async () => {
  const gate = await open();
  const admin = await person(gate, { role: 'admin' });
  const before = await listen(gate, admin);
  const one = await gate.createKey();
  const { eventId } = await before.next('key.changed');
  await before[Symbol.asyncDispose]();
  const two = await gate.createKey();
  const after = await listen(gate, admin, { lastEventId: eventId });
  expect(after.all[0]).toMatchObject({ type: 'hello', data: { missed: false } });
  expect(await after.next('key.changed')).toMatchObject({ id: two.key.id });
  expect(after.text()).not.toContain(one.key.id);

  const strange = await listen(gate, admin, { lastEventId: 7 });
  expect(strange.all).toEqual([expect.objectContaining({ type: 'hello', data: { missed: true } })]);
});

test('a session that was ended hears nothing within five seconds', async () => {
  const gate = await open();
  const admin = await person(gate, { role: 'admin' });
  const heard = await listen(gate, admin);
  const endedAt = performance.now();
  await gate.call('/api/auth/logout', { method: 'POST', headers: admin.headers });
  await heard.ended;
  expect(performance.now() - endedAt).toBeLessThan(5000);
});

test('a user whose role was taken away hears nothing more by it: the stream ends and is judged anew', async () => {
  const gate = await open();
  await person(gate, { role: 'owner' });
  const admin = await person(gate, { role: 'admin' });
  const heard = await listen(gate, admin);
  await gate.local(`/api/organizations/org_default/members/${admin.id}`, { method: 'PATCH', body: { role: 'viewer' } });
  await heard.ended;
  const again = await listen(gate, admin);
  await gate.createKey();
  await gate.local('/api/workspaces/example/variables/NAME', { method: 'PUT', body: { value: 'v' } });
  await again.next('variable.changed');
  expect(again.all.map(({ type }) => type)).not.toContain('key.changed');
});

test('ten streams of one user are enough; the next is refused until one is closed', async () => {
  const gate = await open();
  const admin = await person(gate, { role: 'admin' });
  const all = [];
  for (let n = 0; n < MAX_STREAMS_PER_USER; n += 1) all.push(await listen(gate, admin));
  const refused = await gate.call('/api/events', { headers: { cookie: admin.cookie } });
  expectProblem(refused, 'RATE_LIMITED');
  expect(refused.json.detail).toContain('Close a page');
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  // Somebody else still may.
  await listen(gate, await person(gate, { role: 'viewer' }));
  await all[0]?.[Symbol.asyncDispose]();
  await expect.poll(async () => (await listen(gate, admin)).status).toBe(200);
});

test('a question that runs and a folder that is new are told', async () => {
  const gate = await open();
  const heard = await listen(gate, await person(gate, { role: 'admin' }));
  const question = { workspaceId: 'example', question: 'How are fines calculated?' };
  const { json } = await gate.local('/api/ask', { method: 'POST', body: question });
  const seen: string[] = [];
  while (seen.at(-1) !== 'completed') {
    const { id, data } = await heard.next('job.changed', 'job.changed');
    expect(id).toBe(json.jobId);
    seen.push(data.status);
  }
  await heard.next('index.progress');
  await mkdir(join(gate.folder, 'brand-new'));
  await gate.local('/api/workspaces');
  expect(await heard.next('workspace.changed')).toMatchObject({ id: 'brand-new', organizationId: 'org_default' });
});

test('no key listens: events are for people', async () => {
  const gate = await open({ ADMIN_API_KEY: ADMIN_KEY });
  const { token } = await gate.createKey({ scopes: ['*'] });
  for (const key of [token, ADMIN_KEY]) expectProblem(await gate.call('/api/events', { key }), 'FORBIDDEN');
  expectProblem(await gate.call('/api/events'), 'UNAUTHORIZED');
});
