import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Secret, TOTP } from 'otpauth';
import { expect, test } from 'vitest';
import { HOUR, SECOND } from '../support/clock.js';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { ADMIN_EMAIL, OTHER_PASSWORD, PASSWORD, type SignedInPerson, setUp, signIn } from '../support/people.js';
import { expectProblem } from './problem.js';

const login = (gate: RunningGatehouse, totp?: string, password = PASSWORD) =>
  gate.call('/api/auth/login', { body: { email: ADMIN_EMAIL, password, ...(totp === undefined ? {} : { totp }) } });

/** Somebody with a second factor, and their authenticator app. */
async function withTotp(): Promise<{
  gate: RunningGatehouse;
  me: SignedInPerson;
  secret: string;
  recoveryCodes: string[];
  code: (stepsFromNow?: number) => string;
}> {
  const gate = await startGatehouse();
  await setUp(gate);
  const me = await signIn(gate);
  const started = await gate.call('/api/auth/profile/totp', { headers: me.headers, body: { password: PASSWORD } });
  const { secret } = started.json;
  const app = new TOTP({ secret: Secret.fromBase32(secret) });
  const code = (stepsFromNow = 0) => app.generate({ timestamp: gate.clock.nowMs() + stepsFromNow * 30 * SECOND });
  const confirmed = await gate.call('/api/auth/profile/totp/confirm', { headers: me.headers, body: { code: code() } });
  expect(confirmed.status, confirmed.text).toBe(200);
  // The next code is another one.
  gate.clock.advance(30 * SECOND);
  return { gate, me, secret, recoveryCodes: confirmed.json.recoveryCodes, code };
}

test('A4: once a code was confirmed the password alone lets nobody in, and only its owner learns that', async () => {
  const { gate, code } = await withTotp();
  await using _ = gate;
  expectProblem(await login(gate), 'TOTP_REQUIRED');
  expectProblem(await login(gate, '000000'), 'TOTP_REQUIRED', /wrong, or was used/);
  expectProblem(await login(gate, code(), OTHER_PASSWORD), 'UNAUTHORIZED');
  expectProblem(await login(gate, undefined, OTHER_PASSWORD), 'UNAUTHORIZED');
  expect((await login(gate, code())).status).toBe(200);
});

test('A4: a code works once, whatever comes with it at the same time', async () => {
  const { gate, code } = await withTotp();
  await using _ = gate;
  const now = code();
  const answers = await Promise.all(Array.from({ length: 8 }, () => login(gate, now)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  for (const answer of answers.filter(({ status }) => status !== 200)) expectProblem(answer, 'TOTP_REQUIRED');
  gate.clock.advance(30 * SECOND);
  expect((await login(gate, code())).status).toBe(200);
});

test('A4: codes of the step before and after are good, older ones are not, and none below the newest that was used', async () => {
  const { gate, code } = await withTotp();
  await using _ = gate;
  gate.clock.advance(5 * 30 * SECOND);
  expectProblem(await login(gate, code(-2)), 'TOTP_REQUIRED');
  expectProblem(await login(gate, code(2)), 'TOTP_REQUIRED');
  expect((await login(gate, code(-1))).status).toBe(200);
  expect((await login(gate, code(1))).status).toBe(200);
  expectProblem(await login(gate, code(0)), 'TOTP_REQUIRED');
});

test('A4: a recovery code lets in once, in any spelling', async () => {
  const { gate, recoveryCodes } = await withTotp();
  await using _ = gate;
  expect(recoveryCodes).toHaveLength(10);
  const [first = '', second = ''] = recoveryCodes;
  expect((await login(gate, first)).status).toBe(200);
  expectProblem(await login(gate, first), 'TOTP_REQUIRED');
  expect((await login(gate, ` ${second.replaceAll('-', '').toUpperCase()} `)).status).toBe(200);
});

test('A4: codes are not guessed: ten tries an hour with the right password', async () => {
  const { gate, code } = await withTotp();
  await using _ = gate;
  for (let tries = 0; tries < 10; tries += 1) expectProblem(await login(gate, '000000'), 'TOTP_REQUIRED');
  expectProblem(await login(gate, code()), 'RATE_LIMITED');
  gate.clock.advance(HOUR / 2);
  expectProblem(await login(gate, code()), 'RATE_LIMITED');
  gate.clock.advance(HOUR / 2);
  expect((await login(gate, code())).status).toBe(200);
});

test('A4: no file, log or audit line holds the secret or a recovery code', async () => {
  const { gate, secret, recoveryCodes } = await withTotp();
  await using _ = gate;
  await login(gate, recoveryCodes[0]);
  const kept = [
    await readFile(join(gate.folder, '.gatehouse/users.json'), 'utf8'),
    (await gate.local('/api/audit?limit=200')).text,
    gate.logs(),
  ].join();
  const bytes = Buffer.from(Secret.fromBase32(secret).bytes);
  for (const text of [secret, bytes.toString('hex'), bytes.toString('base64url'), ...recoveryCodes])
    expect(kept).not.toContain(text);
});

test('A4: beginning and ending ask for the password, ending for a code too', async () => {
  const { gate, me, code } = await withTotp();
  await using _ = gate;
  const { headers } = me;
  const start = (password: string) => gate.call('/api/auth/profile/totp', { headers, body: { password } });
  const stop = (password: string, given: string) =>
    gate.call('/api/auth/profile/totp/stop', { headers, body: { password, code: given } });
  expectProblem(await start(OTHER_PASSWORD), 'FORBIDDEN');
  expectProblem(await start(PASSWORD), 'CONFLICT');
  expectProblem(await stop(OTHER_PASSWORD, code()), 'FORBIDDEN', /password/);
  expectProblem(await stop(PASSWORD, '000000'), 'FORBIDDEN', /code/);
  expect((await login(gate)).status).toBe(401);
  expect((await stop(PASSWORD, code())).status).toBe(200);
  expect((await login(gate)).status).toBe(200);
});

test('A4: one that was begun and not confirmed is not asked for', async () => {
  await using gate = await startGatehouse();
  await setUp(gate);
  const { headers } = await signIn(gate);
  await gate.call('/api/auth/profile/totp', { headers, body: { password: PASSWORD } });
  expectProblem(await gate.call('/api/auth/profile/totp/confirm', { headers, body: { code: '000000' } }), 'FORBIDDEN');
  expect((await login(gate)).status).toBe(200);
  expect((await gate.call('/api/auth/profile', { headers })).json.user.totp).toBe(false);
});

test('A4: an operator lets somebody in whose app and codes are lost', async () => {
  const { gate, me } = await withTotp();
  await using _ = gate;
  const answer = await gate.local(`/api/users/${me.id}`, { method: 'PATCH', body: { totp: false } });
  expect(answer.json.user.totp).toBe(false);
  expect((await login(gate)).status).toBe(200);
});

test('A4, V3: while the vault is locked a code cannot be checked, and a recovery code still lets in', async () => {
  const { gate, code, recoveryCodes } = await withTotp();
  await gate.gatehouse.close();
  const at = { folder: gate.folder, clock: gate.clock };
  const body = { email: ADMIN_EMAIL, password: PASSWORD, use: 'cookie' };
  {
    await using locked = await startGatehouse(
      { SOCKET: 'off', MASTER_KEY: Buffer.alloc(32, 7).toString('base64') },
      at,
    );
    expectProblem(await locked.call('/api/auth/login', { body: { ...body, totp: code() } }), 'VAULT_LOCKED');
    const recovered = await locked.call('/api/auth/login', { body: { ...body, totp: recoveryCodes[0] } });
    expect(recovered.status, recovered.text).toBe(200);
  }
  await gate[Symbol.asyncDispose]();
});
