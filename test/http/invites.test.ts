import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DAY } from '../support/clock.js';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { ADMIN_EMAIL, createUser, OTHER_PASSWORD, PASSWORD, setUp, signIn } from '../support/people.js';
import { expectProblem } from './problem.js';

const TOKEN = 'i'.repeat(43);
const BOB = 'bob@example.com';

/** Bob's account, with an invite as an organization makes one laid into the file while nothing runs. */
async function invited(
  settings: Record<string, string>,
  make: (gate: RunningGatehouse) => Promise<unknown>,
  role = 'member',
): Promise<RunningGatehouse> {
  const gate = await startGatehouse(settings);
  await setUp(gate);
  await make(gate);
  await gate.gatehouse.close();
  const file = join(gate.folder, '.gatehouse/users.json');
  const lines = (await readFile(file, 'utf8')).split('\n').map((line) => {
    if (!line.includes(BOB)) return line;
    const record = JSON.parse(line.replace(/,$/, ''));
    record.invites.push({
      id: `inv_${'0'.repeat(22)}`,
      digest: createHash('sha256').update(TOKEN).digest('base64url'),
      createdAt: new Date(gate.clock.nowMs()).toISOString(),
      expiresAt: new Date(gate.clock.nowMs() + 7 * DAY).toISOString(),
      organizationId: 'org_default',
      role,
      createdBy: 'local',
    });
    if (record.status === 'invited') record.memberships = [];
    return `${JSON.stringify(record)}${line.endsWith(',') ? ',' : ''}`;
  });
  await writeFile(file, lines.join('\n'));
  return startGatehouse(settings, { folder: gate.folder, clock: gate.clock });
}

const accept = (gate: RunningGatehouse, password: string, fields: object = {}) =>
  gate.call('/api/auth/invites/accept', { body: { token: TOKEN, password, ...fields } });
const nobody = (gate: RunningGatehouse) => createUser(gate, BOB, { password: undefined });

test('A4, A7: an invite shows what it is for, gives its role once, and signs in', async () => {
  await using gate = await invited({}, nobody);
  const shown = await gate.call('/api/auth/invites/show', { body: { token: TOKEN } });
  expect(shown.json).toMatchObject({ email: BOB, role: 'member', hasAccount: false });
  expectProblem(await accept(gate, 'too short'), 'BAD_REQUEST', /at least 12/);
  expectProblem(await accept(gate, 'password12345'), 'BAD_REQUEST', /most used/);
  const answer = await accept(gate, PASSWORD, { name: 'Bob', use: 'cookie' });
  expect(answer.json.user).toMatchObject({ name: 'Bob', memberships: [{ role: 'member' }] });
  expect(answer.headers.getSetCookie()).toHaveLength(1);
  expectProblem(await accept(gate, PASSWORD), 'FORBIDDEN');
  expectProblem(await gate.call('/api/auth/invites/show', { body: { token: TOKEN } }), 'FORBIDDEN');
  await signIn(gate, BOB);
});

test('A4: of ten that accept at once, one is signed in, with its own password', async () => {
  await using gate = await invited({}, nobody);
  const passwords = Array.from({ length: 10 }, (_, index) => `${PASSWORD} ${index}`);
  const answers = await Promise.all(passwords.map((password) => accept(gate, password)));
  const good = answers.flatMap(({ status }, index) => (status === 200 ? [passwords[index] ?? ''] : []));
  expect(good).toHaveLength(1);
  await signIn(gate, BOB, good[0]);
});

test('A4: an invite that is over is refused', async () => {
  await using gate = await invited({}, nobody);
  gate.clock.advance(7 * DAY);
  expectProblem(await accept(gate, PASSWORD), 'FORBIDDEN', /Ask whoever invited you/);
});

test('A4: whoever signed up for an address that was not theirs loses the account to whoever holds the invite', async () => {
  let thief = { cookie: '' };
  await using gate = await invited({ SIGNUP: 'open' }, async (before) => {
    await before.call('/api/auth/signup', { body: { email: BOB, password: OTHER_PASSWORD } });
    thief = await signIn(before, BOB, OTHER_PASSWORD);
  });
  expect((await gate.call('/api/auth/whoami', { headers: { cookie: thief.cookie } })).status).toBe(200);
  const answer = await accept(gate, PASSWORD);
  expect(answer.json.user.memberships).toMatchObject([{ organizationId: 'org_default', role: 'member' }]);
  expectProblem(await gate.call('/api/auth/whoami', { headers: { cookie: thief.cookie } }), 'UNAUTHORIZED');
  expectProblem(await gate.call('/api/auth/login', { body: { email: BOB, password: OTHER_PASSWORD } }), 'UNAUTHORIZED');
});

test('A4: an account that is in use accepts with its own password only', async () => {
  await using gate = await invited({}, (before) => createUser(before, BOB, { role: 'viewer' }));
  expect((await gate.call('/api/auth/invites/show', { body: { token: TOKEN } })).json.hasAccount).toBe(true);
  expectProblem(await accept(gate, OTHER_PASSWORD), 'FORBIDDEN', /not your password/);
  expect((await accept(gate, PASSWORD)).json.user.memberships).toMatchObject([{ role: 'member' }]);
  await signIn(gate, BOB);
});

test('A4: the password of an account is not guessed through an invite', async () => {
  await using gate = await invited({}, (before) => createUser(before, BOB));
  for (let tries = 0; tries < 10; tries += 1)
    expectProblem(await accept(gate, `${OTHER_PASSWORD}${tries}`), 'FORBIDDEN');
  expectProblem(await accept(gate, PASSWORD), 'RATE_LIMITED');
});

test('A7: an invite makes nobody less than they are', async () => {
  await using gate = await invited({}, (before) => createUser(before, BOB, { role: 'owner' }), 'viewer');
  expect((await accept(gate, PASSWORD)).json.user.memberships).toMatchObject([{ role: 'owner' }]);
});

test('A4: a disabled account accepts nothing', async () => {
  await using gate = await invited({}, async (before) => {
    const id = await createUser(before, BOB);
    await before.local(`/api/users/${id}`, { method: 'PATCH', body: { status: 'disabled' } });
  });
  expectProblem(await accept(gate, PASSWORD), 'FORBIDDEN');
});

test('A4: with SIGNUP=off an invite makes no account, and still makes members of those who have one', async () => {
  await using closed = await invited({ SIGNUP: 'off' }, nobody);
  expectProblem(await accept(closed, PASSWORD), 'FORBIDDEN', /operators/);
  await using gate = await invited({ SIGNUP: 'off' }, (before) => createUser(before, BOB, { role: 'viewer' }));
  expect((await accept(gate, PASSWORD)).status).toBe(200);
  await signIn(gate, ADMIN_EMAIL);
});
