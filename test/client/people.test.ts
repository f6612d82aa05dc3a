import { TOTP } from 'otpauth';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AuthChange, createClient, type TokenStore } from '../../src/client/index.js';
import { MINUTE } from '../support/clock.js';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { OTHER_PASSWORD, PASSWORD, secretOf } from '../support/people.js';

const ADA = { email: 'ada@example.com', password: PASSWORD };

let running: RunningGatehouse;
beforeEach(async () => {
  running = await startGatehouse({ SIGNUP: 'open' });
});
afterEach(() => running[Symbol.asyncDispose]());

/** Ada, signed up and in, with a store that shows what is in it. */
async function signedIn() {
  const held: { token: string | null } = { token: null };
  const store: TokenStore = {
    get: () => held.token,
    set: (token) => {
      held.token = token;
    },
    remove: () => {
      held.token = null;
    },
  };
  const client = createClient(running.url, { refreshStorage: store });
  const changes: AuthChange['reason'][] = [];
  client.auth.onChange(({ reason }) => changes.push(reason));
  expect(await client.auth.signUp({ ...ADA, name: 'Ada' })).toEqual({ status: 'accepted', confirmByMail: false });
  const user = await client.auth.signIn(ADA);
  return { client, user, held, changes };
}

test('D4, A5: sign up, sign in, call, renew in twenty parallel calls without a replay, sign out', async () => {
  const { client, user, held } = await signedIn();
  expect(user).toMatchObject({ email: ADA.email, name: 'Ada' });
  expect(await client.auth.getUser()).toEqual(user);
  expect(await client.whoami()).toMatchObject({ kind: 'user', id: user.id });

  for (let round = 0; round < 3; round += 1) {
    const before = held.token;
    running.clock.advance(16 * MINUTE);
    const answers = await Promise.all(Array.from({ length: 20 }, () => client.whoami()));
    expect(new Set(answers.map(({ id }) => id))).toEqual(new Set([user.id]));
    expect(held.token).not.toBe(before);
  }

  const stolen = held.token;
  const accessToken = await client.auth.getAccessToken();
  await client.auth.signOut();
  expect(held.token).toBeNull();
  await expect(client.whoami()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  const withOld = { headers: { authorization: `Bearer ${accessToken}` } };
  expect((await running.call('/api/auth/whoami', withOld)).status).toBe(401);
  expect((await running.call('/api/auth/refresh', { body: { refresh_token: stolen } })).status).toBe(401);
});

test('D4, A5: a refresh token that somebody else has spent ends the session here, and it is announced', async () => {
  const { client, held, changes } = await signedIn();
  const thief = await running.call('/api/auth/refresh', { body: { refresh_token: held.token } });
  expect(thief.status).toBe(200);
  expect(await client.auth.refresh()).toBeNull();
  expect(held.token).toBeNull();
  expect(await client.auth.getUser()).toBeNull();
  expect(changes).toEqual(['signed-in', 'expired']);
  const loot = { headers: { authorization: `Bearer ${thief.json.access_token}` } };
  expect((await running.call('/api/auth/whoami', loot)).status).toBe(401);
});

test('D4: a session that an operator ends is announced at the next call', async () => {
  const { client, user, changes } = await signedIn();
  expect((await running.local(`/api/users/${user.id}/sessions`, { method: 'DELETE' })).status).toBe(200);
  await expect(client.whoami()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  await new Promise((resolve) => setTimeout(resolve));
  expect(changes).toEqual(['signed-in', 'expired']);
});

test('D4: wrong credentials are one error, whatever was wrong', async () => {
  const { client } = await signedIn();
  await client.auth.signOut();
  for (const wrong of [
    { ...ADA, password: OTHER_PASSWORD },
    { ...ADA, email: 'eve@example.com' },
  ]) {
    await expect(client.auth.signIn(wrong)).rejects.toMatchObject({ code: 'UNAUTHORIZED', status: 401 });
  }
  expect(await client.auth.getUser()).toBeNull();
});

test('D4: a second factor is asked for by its own code, and given with the same call', async () => {
  const { client } = await signedIn();
  const started = await client.request<{ secret: string }>('POST', '/api/auth/profile/totp', {
    body: { password: ADA.password },
  });
  const codeAt = (ms: number) => new TOTP({ secret: started.secret }).generate({ timestamp: ms });
  await client.request('POST', '/api/auth/profile/totp/confirm', { body: { code: codeAt(running.clock.nowMs()) } });
  await client.auth.signOut();

  await expect(client.auth.signIn(ADA)).rejects.toMatchObject({ code: 'TOTP_REQUIRED', status: 401 });
  expect(await client.auth.getUser()).toBeNull();
  running.clock.advance(MINUTE);
  expect(await client.auth.signIn({ ...ADA, totp: codeAt(running.clock.nowMs()) })).toMatchObject({ totp: true });
});

test('D4, A4: what is dangerous asks for a fresh proof by its own code, and a wrong one ends nothing', async () => {
  const { client, user } = await signedIn();
  await running.local(`/api/users/${user.id}`, { method: 'PATCH', body: { instanceOperator: true } });
  running.clock.advance(10 * MINUTE);
  const rotate = () => client.request<{ kid: string }>('POST', '/api/settings/signing-keys/rotate');
  await expect(rotate()).rejects.toMatchObject({ code: 'FRESH_PROOF_REQUIRED', status: 403 });
  await expect(client.auth.confirm({ password: OTHER_PASSWORD })).rejects.toMatchObject({
    code: 'FORBIDDEN',
    status: 403,
  });
  await expect(client.auth.getUser()).resolves.toMatchObject({ id: user.id });
  const { freshUntil } = await client.auth.confirm({ password: ADA.password });
  expect(Date.parse(freshUntil)).toBe(running.clock.nowMs() + 10 * MINUTE);
  expect((await client.whoami()).freshUntil).toBe(freshUntil);
  expect(await rotate()).toMatchObject({ kid: expect.any(String) });
});

test('D4, A4: a forgotten password is replaced with what the link holds', async () => {
  const { client, user } = await signedIn();
  expect(await client.auth.forgotPassword({ email: ADA.email })).toEqual({ status: 'accepted' });
  expect(await client.auth.forgotPassword({ email: 'nobody@example.com' })).toEqual({ status: 'accepted' });
  const made = await running.local(`/api/users/${user.id}/reset-password`, { method: 'POST' });
  const token = secretOf(made.json);
  const password = OTHER_PASSWORD;
  await client.auth.resetPassword({ token, password });
  await expect(client.auth.resetPassword({ token, password })).rejects.toBeDefined();
  await expect(client.whoami()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  expect(await client.auth.signIn({ ...ADA, password })).toMatchObject({ email: ADA.email });
});
