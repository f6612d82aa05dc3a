import { describe, expect, test } from 'vitest';
import { HOUR } from '../support/clock.js';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { type Mailbox, secretIn, startMailbox } from '../support/mailbox.js';
import { ADMIN_EMAIL, OTHER_PASSWORD, PASSWORD, secretOf, setUp, signIn } from '../support/people.js';
import { expectProblem } from './problem.js';

const PUBLIC_URL = 'http://gate.example.com';
const GUEST = 'guest@example.com';

const signUp = (gate: RunningGatehouse, email = GUEST, password = PASSWORD) =>
  gate.call('/api/auth/signup', { body: { email, password } });
const login = (gate: RunningGatehouse, email = GUEST, password = PASSWORD) =>
  gate.call('/api/auth/login', { body: { email, password } });
const users = async (gate: RunningGatehouse, search = '') =>
  (await gate.local(`/api/users?limit=200${search === '' ? '' : `&search=${search}`}`)).json.data;

async function withMail(box: Mailbox): Promise<RunningGatehouse> {
  const gate = await startGatehouse({ SIGNUP: 'open', SMTP_URL: box.url, PUBLIC_URL });
  await setUp(gate);
  return gate;
}

describe('signing up', () => {
  test.each(['off', 'invite'])('A4: SIGNUP=%s takes nobody, known or not', async (signup) => {
    await using gate = await startGatehouse({ SIGNUP: signup });
    await setUp(gate);
    const [known, unknown] = [await signUp(gate, ADMIN_EMAIL), await signUp(gate)];
    expectProblem(unknown, 'FORBIDDEN', /Ask for an invite/);
    expect(known.text.replace(/req_\w+/, '')).toBe(unknown.text.replace(/req_\w+/, ''));
    expect(await users(gate)).toHaveLength(1);
  });

  test('A4, A7: without mail a guest is there at once, and holds nothing', async () => {
    await using gate = await startGatehouse({ SIGNUP: 'open' });
    await setUp(gate);
    const answer = await signUp(gate);
    expect([answer.status, answer.json]).toEqual([202, { status: 'accepted', confirmByMail: false }]);
    const { headers } = await signIn(gate, GUEST);
    expect((await gate.call('/api/auth/whoami', { headers })).json.principal).toMatchObject({
      role: 'guest',
      scopes: [],
      organizationId: 'org_default',
    });
    for (const path of ['/api/keys', '/api/workspaces', '/api/users', '/api/audit', '/api/service-keys'])
      expectProblem(await gate.call(path, { headers }), 'FORBIDDEN');
  });

  test('A4: the answer for a known address is byte for byte that for a new one, and changes nothing', async () => {
    await using gate = await startGatehouse({ SIGNUP: 'open' });
    await setUp(gate);
    const [known, unknown] = [await signUp(gate, 'ADA@example.com', OTHER_PASSWORD), await signUp(gate)];
    expect([known.status, known.text]).toEqual([unknown.status, unknown.text]);
    expectProblem(await login(gate, ADMIN_EMAIL, OTHER_PASSWORD), 'UNAUTHORIZED');
    await signIn(gate);
    // The first one who came keeps an account that nobody has proved.
    await signUp(gate, GUEST, OTHER_PASSWORD);
    expectProblem(await login(gate, GUEST, OTHER_PASSWORD), 'UNAUTHORIZED');
    await signIn(gate, GUEST);
  });

  test('A4: twenty signups at once with spellings of one address make one account', async () => {
    await using gate = await startGatehouse({ SIGNUP: 'open' });
    await setUp(gate);
    const spellings = ['guest@example.com', 'GUEST@example.com', ' guest@EXAMPLE.com', 'ｇｕｅｓｔ@example.com'];
    await Promise.all(Array.from({ length: 20 }, (_, index) => signUp(gate, spellings[index % 4])));
    expect(await users(gate, 'guest')).toHaveLength(1);
  });

  test.each([
    ['a Cyrillic letter', '\u0430da@example.com'],
    ['a Greek letter', '\u03bfscar@example.com'],
    ['a zero-width joiner', 'a\u200dda@example.com'],
    ['a soft hyphen', 'ada\u00ad@example.com'],
    ['a letter with a dot below', 'ạda@example.com'],
  ])('A4: an address that looks like another one is no account: %s', async (_, email) => {
    await using gate = await startGatehouse({ SIGNUP: 'open' });
    await setUp(gate);
    expectProblem(await signUp(gate, email), 'BAD_REQUEST', /^email: /);
    expect(await users(gate)).toHaveLength(1);
  });

  test.each([
    ['short', 'eleven char', 'at least 12'],
    ['long', 'x'.repeat(257), 'at most 256'],
    ['common', 'qwertyuiop[]', 'most used'],
    ['common with a tail', 'Password1234!', 'most used'],
    ['common twice', 'dragondragon', 'most used'],
    ['one letter', 'aaaaaaaaaaaaaa', 'most used'],
    ['their own name', 'guest of honour', 'the name of your'],
  ])('A4: a password that is %s is refused, and says why', async (_, password, why) => {
    await using gate = await startGatehouse({ SIGNUP: 'open' });
    await setUp(gate);
    expectProblem(await signUp(gate, GUEST, password), 'BAD_REQUEST', new RegExp(`^password: .*${why}`));
    expect(await users(gate)).toHaveLength(1);
  });

  test('A4: one address makes twenty an hour, one account is signed up for five times', async () => {
    await using gate = await startGatehouse({ SIGNUP: 'open' });
    await setUp(gate);
    for (let count = 0; count < 5; count += 1) expect((await signUp(gate)).status).toBe(202);
    expectProblem(await signUp(gate), 'RATE_LIMITED');
    for (let count = 6; count < 20; count += 1) await signUp(gate, `a${count}@example.com`);
    expectProblem(await signUp(gate, 'b@example.com'), 'RATE_LIMITED');
    gate.clock.advance(HOUR);
    expect((await signUp(gate, 'b@example.com')).status).toBe(202);
  });
});

describe('with mail', () => {
  test('A4: the account is there once the link was opened, and the link works once', async () => {
    await using box = await startMailbox();
    await using gate = await withMail(box);
    const answer = await signUp(gate);
    expect(answer.json).toEqual({ status: 'accepted', confirmByMail: true });
    expectProblem(await login(gate), 'UNAUTHORIZED');
    const letter = await box.letter(0);
    expect(letter.to).toEqual([GUEST]);
    expect(letter.text).toContain(`${PUBLIC_URL}/confirm#`);
    const confirm = () => gate.call('/api/auth/email/confirm', { body: { token: secretIn(letter) } });
    expect((await confirm()).json).toEqual({ status: 'accepted' });
    expectProblem(await confirm(), 'FORBIDDEN');
    await signIn(gate, GUEST);
  });

  test('A4: a link that is a day old is over', async () => {
    await using box = await startMailbox();
    await using gate = await withMail(box);
    await signUp(gate);
    const token = secretIn(await box.letter(0));
    gate.clock.advance(24 * HOUR);
    expectProblem(await gate.call('/api/auth/email/confirm', { body: { token } }), 'FORBIDDEN');
    expectProblem(await login(gate), 'UNAUTHORIZED');
  });

  test('A4: whoever has an account learns of it by letter, and the answer does not tell', async () => {
    await using box = await startMailbox();
    await using gate = await withMail(box);
    const [known, unknown] = [await signUp(gate, ADMIN_EMAIL), await signUp(gate)];
    expect([known.status, known.text]).toEqual([unknown.status, unknown.text]);
    await box.letter(1);
    const letter = box.letters.find(({ to }) => to[0] === ADMIN_EMAIL);
    expect(letter?.text).toContain('There is an account with it already');
    expect(letter?.text).not.toMatch(/#[0-9A-Za-z]{43}/);
  });

  test('A4: who signs up again for an unproved address is the one its newest letter confirms', async () => {
    await using box = await startMailbox();
    await using gate = await withMail(box);
    await signUp(gate, GUEST, OTHER_PASSWORD);
    const early = secretIn(await box.letter(0));
    await signUp(gate, GUEST, PASSWORD);
    const late = secretIn(await box.letter(1));
    expectProblem(await gate.call('/api/auth/email/confirm', { body: { token: early } }), 'FORBIDDEN');
    expect((await gate.call('/api/auth/email/confirm', { body: { token: late } })).status).toBe(200);
    expectProblem(await login(gate, GUEST, OTHER_PASSWORD), 'UNAUTHORIZED');
    await signIn(gate, GUEST);
  });

  test('A4: a link of one kind does nothing as another', async () => {
    await using box = await startMailbox();
    await using gate = await withMail(box);
    await signUp(gate);
    const confirm = secretIn(await box.letter(0));
    expectProblem(
      await gate.call('/api/auth/password/reset', { body: { token: confirm, password: OTHER_PASSWORD } }),
      'FORBIDDEN',
    );
    expectProblem(await gate.call('/api/auth/invites/show', { body: { token: confirm } }), 'FORBIDDEN');
    const [guest] = await users(gate, 'guest');
    const reset = secretOf((await gate.local(`/api/users/${guest.id}/reset-password`, { method: 'POST' })).json);
    expectProblem(await gate.call('/api/auth/email/confirm', { body: { token: reset } }), 'FORBIDDEN');
    expect((await gate.call('/api/auth/email/confirm', { body: { token: confirm } })).status).toBe(200);
  });
});
