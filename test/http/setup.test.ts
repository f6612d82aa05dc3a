import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MINUTE, SECOND } from '../support/clock.js';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { ADMIN_EMAIL, createUser, OTHER_PASSWORD, PASSWORD, secretOf, setUp, signIn } from '../support/people.js';
import { temporaryWorkspaces } from '../support/workspace.js';
import { expectProblem } from './problem.js';

const linkOf = async (gate: RunningGatehouse) => secretOf(await gate.gatehouse.firstRun.makeLink(null));
const claim = (gate: RunningGatehouse, token: string, email = ADMIN_EMAIL) =>
  gate.call('/api/auth/setup', { body: { token, email, password: PASSWORD } });
const usersOf = async (gate: RunningGatehouse) => (await gate.local('/api/users')).json.data;

test('A4: the link of the first start makes the first administrator, owner and operator, and signs them in', async () => {
  await using gate = await startGatehouse();
  expect((await gate.call('/api/auth/options')).json).toEqual({
    environment: null,
    setupOpen: true,
    signup: 'invite',
    recoveryByMail: false,
    passkeys: { origin: new URL(gate.url).origin, lacks: 'name' },
  });
  const answer = await claim(gate, await linkOf(gate));
  expect(answer.json.user).toMatchObject({
    email: ADMIN_EMAIL,
    instanceOperator: true,
    memberships: [{ organizationId: 'org_default', role: 'owner' }],
  });
  const headers = { authorization: `Bearer ${answer.json.access_token}` };
  expect((await gate.call('/api/audit', { headers })).status).toBe(200);
  expect((await gate.call('/api/auth/options')).json.setupOpen).toBe(false);
});

test('A4: the link works once', async () => {
  await using gate = await startGatehouse();
  const token = await linkOf(gate);
  expect((await claim(gate, token)).status).toBe(200);
  expectProblem(await claim(gate, token, 'eve@example.com'), 'FORBIDDEN', /set up already/);
  expect(await usersOf(gate)).toHaveLength(1);
});

test('A4: the link works for 30 minutes, and says how to get a new one', async () => {
  await using gate = await startGatehouse();
  const token = await linkOf(gate);
  gate.clock.advance(30 * MINUTE);
  expectProblem(await claim(gate, token), 'FORBIDDEN', /gatehouse setup/);
  const fresh = await linkOf(gate);
  gate.clock.advance(30 * MINUTE - SECOND);
  expect((await claim(gate, fresh)).status).toBe(200);
});

test('A4: a link can be looked at before it is used, and is not used up by that', async () => {
  await using gate = await startGatehouse();
  const check = (token: string) => gate.call('/api/auth/setup/check', { body: { token } });
  const token = await linkOf(gate);
  const expiresAt = new Date(gate.clock.nowMs() + 30 * MINUTE).toISOString();
  for (let time = 0; time < 12; time += 1) expect((await check(token)).json).toEqual({ expiresAt });
  expectProblem(await check('a-guess-of-twenty-characters'), 'FORBIDDEN', /gatehouse setup/);
  gate.clock.advance(30 * MINUTE);
  expectProblem(await check(token), 'FORBIDDEN', /gatehouse setup/);
  const fresh = await linkOf(gate);
  expect((await claim(gate, fresh)).status).toBe(200);
  expectProblem(await check(fresh), 'FORBIDDEN', /set up already/);
  for (let guess = 0; guess < 10; guess += 1) await check(`a-guess-of-many-characters-${guess}`);
  expectProblem(await check('one-more-guess-of-many-characters'), 'RATE_LIMITED');
});

test('A4: only the newest link works, and a guessed one does not', async () => {
  await using gate = await startGatehouse();
  const older = await linkOf(gate);
  const newest = await linkOf(gate);
  expectProblem(await claim(gate, older), 'FORBIDDEN');
  expectProblem(await claim(gate, `${newest.slice(0, -1)}!`), 'FORBIDDEN');
  expect(await usersOf(gate)).toEqual([]);
  expect((await claim(gate, newest)).status).toBe(200);
});

test('A4: of twenty claims at once with one link, one makes an administrator', async () => {
  await using gate = await startGatehouse();
  const token = await linkOf(gate);
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => claim(gate, token, `a${index}@example.com`)),
  );
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  for (const answer of answers.filter(({ status }) => status !== 200))
    expect(['FORBIDDEN', 'RATE_LIMITED', 'UNAVAILABLE']).toContain(answer.json.code);
  expect(await usersOf(gate)).toHaveLength(1);
});

test('A4: tries with wrong links are throttled by address', async () => {
  await using gate = await startGatehouse();
  const token = await linkOf(gate);
  for (let tries = 0; tries < 10; tries += 1) expectProblem(await claim(gate, `${token}x`), 'FORBIDDEN');
  expectProblem(await claim(gate, token), 'RATE_LIMITED');
  gate.clock.advance(10 * MINUTE);
  expect((await claim(gate, token)).status).toBe(200);
});

test('A4: no file, log line or audit line holds the secret of the link', async () => {
  await using gate = await startGatehouse();
  const token = await linkOf(gate);
  await claim(gate, token);
  expect(gate.logs()).not.toContain(token);
  for (const name of await readdir(gate.folder, { recursive: true })) {
    const path = join(gate.folder, name);
    if ((await stat(path)).isFile()) expect(await readFile(path, 'utf8'), name).not.toContain(token);
  }
});

test('A4: setting up stays closed when the file of users is lost; the host can begin anew', async () => {
  await using folder = await temporaryWorkspaces();
  let link = '';
  {
    await using gate = await startGatehouse({}, { folder: folder.path });
    link = await linkOf(gate);
    await setUp(gate);
  }
  await rm(join(folder.path, '.gatehouse/users.json'));
  await using gate = await startGatehouse({}, { folder: folder.path });
  expect((await gate.call('/api/auth/options')).json.setupOpen).toBe(false);
  expect(gate.gatehouse.firstRun.isBereft).toBe(true);
  expectProblem(await claim(gate, link), 'FORBIDDEN');
  const { json } = await gate.local('/api/settings/setup', { body: {} });
  expect(json.link.url).toBeNull();
  expect((await claim(gate, secretOf(json.link))).status).toBe(200);
});

test('A4: the owner of the host makes the first administrator, and no second one', async () => {
  await using gate = await startGatehouse();
  const body = { email: ADMIN_EMAIL, password: PASSWORD };
  const made = await gate.local('/api/settings/setup', { body });
  expect(made.json).toMatchObject({ user: { email: ADMIN_EMAIL, instanceOperator: true }, link: null });
  expectProblem(await gate.local('/api/settings/setup', { body: { ...body, email: 'b@example.com' } }), 'CONFLICT');
  expectProblem(await gate.local('/api/settings/setup', { body: {} }), 'CONFLICT');
  expectProblem(
    await gate.local('/api/settings/setup', { body: { email: ADMIN_EMAIL } }),
    'BAD_REQUEST',
    /go together/,
  );
  await signIn(gate);
});

test('A4: settings make the first administrator unattended, once, and change nobody later', async () => {
  await using gate = await startGatehouse();
  const { firstRun } = gate.gatehouse;
  await expect(firstRun.begin({ email: ADMIN_EMAIL, password: 'password123456' })).rejects.toThrow('most used');
  expect(await firstRun.begin({ email: ADMIN_EMAIL, password: PASSWORD })).toMatchObject({ email: ADMIN_EMAIL });
  expect(await firstRun.begin({ email: ADMIN_EMAIL, password: OTHER_PASSWORD })).toBeNull();
  await signIn(gate);
  expectProblem(
    await gate.call('/api/auth/login', { body: { email: ADMIN_EMAIL, password: OTHER_PASSWORD } }),
    'UNAUTHORIZED',
  );
});

test('A4: once an operator has made an account there is nothing to set up any more', async () => {
  await using gate = await startGatehouse();
  const token = await linkOf(gate);
  await createUser(gate, 'bob@example.com');
  expect((await gate.call('/api/auth/options')).json.setupOpen).toBe(false);
  expectProblem(await claim(gate, token), 'FORBIDDEN');
});
