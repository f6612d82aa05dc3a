import { expect, test } from 'vitest';
import { HOUR, MINUTE } from '../support/clock.js';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { secretIn, startMailbox } from '../support/mailbox.js';
import {
  ADMIN_EMAIL,
  createUser,
  OTHER_PASSWORD,
  PASSWORD,
  secretOf,
  setUp,
  signIn,
  tokensOf,
} from '../support/people.js';
import { expectProblem } from './problem.js';

const PUBLIC_URL = 'http://gate.example.com/house';

const forgot = (gate: RunningGatehouse, email: string, headers = {}) =>
  gate.call('/api/auth/password/forgot', { body: { email }, headers });
const reset = (gate: RunningGatehouse, token: string, password = OTHER_PASSWORD) =>
  gate.call('/api/auth/password/reset', { body: { token, password } });

test('A4: a letter with a link leads back in; the link works once and every session ends', async () => {
  await using box = await startMailbox();
  await using gate = await startGatehouse({ SMTP_URL: box.url, PUBLIC_URL, MAIL_FROM: 'The Gate <gate@example.com>' });
  await setUp(gate);
  const [page, app] = [await signIn(gate), await tokensOf(gate)];
  // Whatever the request says about hosts, the link is ours.
  const answer = await forgot(gate, 'ADA@example.com', {
    'x-forwarded-host': 'evil.example',
    origin: 'https://evil.example',
  });
  expect([answer.status, answer.json]).toEqual([202, { status: 'accepted' }]);
  const letter = await box.letter(0);
  expect([letter.from, letter.to]).toEqual(['gate@example.com', [ADMIN_EMAIL]]);
  expect(letter.text).toContain(`${PUBLIC_URL}/reset#`);
  expect(letter.text).not.toContain('evil');
  expect(letter.text).toMatch(/Content-Type: text\/plain/i);
  expect(letter.text).toMatch(/Content-Type: text\/html/i);

  const token = secretIn(letter);
  expectProblem(await reset(gate, token, 'password12345'), 'BAD_REQUEST', /most used/);
  expect((await reset(gate, token)).json).toEqual({ status: 'accepted' });
  expectProblem(await reset(gate, token), 'FORBIDDEN');
  expect((await gate.call('/api/auth/whoami', { headers: { cookie: page.cookie } })).status).toBe(401);
  expectProblem(await gate.call('/api/auth/refresh', { body: { refresh_token: app.refresh_token } }), 'UNAUTHORIZED');
  expectProblem(
    await gate.call('/api/auth/login', { body: { email: ADMIN_EMAIL, password: PASSWORD } }),
    'UNAUTHORIZED',
  );
  await signIn(gate, ADMIN_EMAIL, OTHER_PASSWORD);
  expect((await box.letter(1)).text).toContain('Your password was changed');

  const { text } = await gate.local('/api/audit?limit=200');
  for (const action of ['password.forgot', 'password.reset', 'mail.send']) expect(text).toContain(action);
  for (const where of [text, gate.logs()]) {
    expect(where).not.toContain(token);
    expect(where).not.toContain(ADMIN_EMAIL);
  }
});

test('A4: the answer is the same for a stranger, somebody disabled and somebody invited, and none of them gets a letter', async () => {
  await using box = await startMailbox();
  await using gate = await startGatehouse({ SMTP_URL: box.url, PUBLIC_URL });
  await setUp(gate);
  const id = await createUser(gate, 'disabled@example.com');
  await gate.local(`/api/users/${id}`, { method: 'PATCH', body: { status: 'disabled' } });
  await createUser(gate, 'invited@example.com', { password: undefined });
  const answers = [];
  for (const email of ['stranger@example.com', 'disabled@example.com', 'invited@example.com', ADMIN_EMAIL])
    answers.push(await forgot(gate, email));
  expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
  await box.letter(0);
  expect(box.letters.map(({ to }) => to[0])).toEqual([ADMIN_EMAIL]);
});

test('A4: a link is good for thirty minutes; the newest three work and older ones do not', async () => {
  await using box = await startMailbox();
  await using gate = await startGatehouse({ SMTP_URL: box.url, PUBLIC_URL });
  const id = await setUp(gate);
  await forgot(gate, ADMIN_EMAIL);
  const mailed = secretIn(await box.letter(0));
  gate.clock.advance(30 * MINUTE);
  expectProblem(await reset(gate, mailed), 'FORBIDDEN', /Ask for a new one/);
  const links = [];
  for (let count = 0; count < 4; count += 1)
    links.push(secretOf((await gate.local(`/api/users/${id}/reset-password`, { method: 'POST' })).json));
  expectProblem(await reset(gate, links[0] ?? ''), 'FORBIDDEN');
  expect((await reset(gate, links[1] ?? '')).status).toBe(200);
  // One that was used takes the others with it.
  expectProblem(await reset(gate, links[3] ?? ''), 'FORBIDDEN');
});

test('A4: of ten resets at once with one link, one sets the password', async () => {
  await using gate = await startGatehouse();
  const id = await setUp(gate);
  const token = secretOf((await gate.local(`/api/users/${id}/reset-password`, { method: 'POST' })).json);
  const passwords = Array.from({ length: 10 }, (_, index) => `${OTHER_PASSWORD} ${index}`);
  const answers = await Promise.all(passwords.map((password) => reset(gate, token, password)));
  const good = answers.flatMap(({ status }, index) => (status === 200 ? [passwords[index] ?? ''] : []));
  expect(good).toHaveLength(1);
  await signIn(gate, ADMIN_EMAIL, good[0]);
});

test('A4: one account gets three letters an hour', async () => {
  await using box = await startMailbox();
  await using gate = await startGatehouse({ SMTP_URL: box.url, PUBLIC_URL });
  await setUp(gate);
  for (let count = 0; count < 3; count += 1) expect((await forgot(gate, ADMIN_EMAIL)).status).toBe(202);
  expectProblem(await forgot(gate, ' ADA@EXAMPLE.com'), 'RATE_LIMITED');
  gate.clock.advance(HOUR);
  expect((await forgot(gate, ADMIN_EMAIL)).status).toBe(202);
});

test('A4: without mail the host lets people back in, by a link that the API never makes a URL of', async () => {
  await using gate = await startGatehouse();
  const id = await setUp(gate);
  expect((await gate.call('/api/auth/options')).json.recoveryByMail).toBe(false);
  expect((await forgot(gate, ADMIN_EMAIL)).status).toBe(202);
  const link = (await gate.local(`/api/users/${id}/reset-password`, { method: 'POST' })).json;
  expect(link).toMatchObject({ path: expect.stringMatching(/^\/reset#\w{43}$/), url: null });
  expect((await reset(gate, secretOf(link))).status).toBe(200);
  await signIn(gate, ADMIN_EMAIL, OTHER_PASSWORD);
});

test('A4: a mail server that refuses or is away delays no answer, and the failure is on record', async () => {
  await using box = await startMailbox(550);
  await using gate = await startGatehouse({ SMTP_URL: box.url, PUBLIC_URL });
  await setUp(gate);
  expect((await forgot(gate, ADMIN_EMAIL)).status).toBe(202);
  await expect
    .poll(async () => (await gate.local('/api/audit?action=mail.send')).json.data[0]?.outcome, { timeout: 10_000 })
    .toBe('failed');
  expect(gate.logs()).toContain('a letter was not sent');
  expect(gate.logs()).not.toContain(ADMIN_EMAIL);
});
