import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND } from '../support/clock.js';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { ADMIN_EMAIL, createUser, OTHER_PASSWORD, PASSWORD, setUp, signIn, tokensOf } from '../support/people.js';
import { temporaryWorkspaces } from '../support/workspace.js';
import { expectProblem } from './problem.js';

const login = (gate: RunningGatehouse, body: Record<string, unknown>, headers = {}) =>
  gate.call('/api/auth/login', { body, headers });
const whoami = (gate: RunningGatehouse, headers: Record<string, string>) => gate.call('/api/auth/whoami', { headers });

describe('sessions', () => {
  test('A3: a cookie is enough; the answer holds no token and the file no secret', async () => {
    await using gate = await startGatehouse();
    await setUp(gate);
    const answer = await login(gate, { email: ADMIN_EMAIL, password: PASSWORD, use: 'cookie' });
    expect(Object.keys(answer.json)).toEqual(['user']);
    const [cookie = ''] = answer.headers.getSetCookie();
    expect(cookie).toMatch(/^gatehouse_session=[0-9A-Za-z]{43}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Lax$/);
    const value = cookie.slice(cookie.indexOf('=') + 1, cookie.indexOf(';'));
    expect((await whoami(gate, { cookie: `a=b; gatehouse_session=${value}` })).json.principal).toMatchObject({
      kind: 'user',
      role: 'owner',
      organizationId: 'org_default',
      organizations: [{ organizationId: 'org_default', organizationName: expect.any(String), role: 'owner' }],
    });
    expect(await readFile(join(gate.folder, '.gatehouse/sessions.json'), 'utf8')).not.toContain(value);
    expect(gate.logs()).not.toContain(value);
  });

  test('A3: each login has a new id and a new secret, whatever cookie came with it', async () => {
    await using gate = await startGatehouse();
    await setUp(gate);
    const planted = `gatehouse_session=${'A'.repeat(43)}`;
    const first = await login(gate, { email: ADMIN_EMAIL, password: PASSWORD, use: 'cookie' }, { cookie: planted });
    const [fresh = ''] = (first.headers.getSetCookie()[0] ?? '').split(';');
    expect(fresh).not.toBe(planted);
    expectProblem(await whoami(gate, { cookie: planted }), 'UNAUTHORIZED');
    const second = await login(gate, { email: ADMIN_EMAIL, password: PASSWORD, use: 'cookie' }, { cookie: fresh });
    expect(second.headers.getSetCookie()[0]).not.toContain(fresh);
    const { data } = (await gate.call('/api/auth/sessions', { headers: { cookie: fresh } })).json;
    expect(new Set(data.map(({ id }: { id: string }) => id)).size).toBe(3);
  });

  test('A3: they survive a restart', async () => {
    await using folder = await temporaryWorkspaces();
    const clock = { cookie: '' };
    {
      await using gate = await startGatehouse({}, { folder: folder.path });
      await setUp(gate);
      clock.cookie = (await signIn(gate)).cookie;
    }
    await using gate = await startGatehouse({}, { folder: folder.path });
    expect((await whoami(gate, { cookie: clock.cookie })).status).toBe(200);
  });

  test('A3: a session ends after seven days without use, and after thirty with', async () => {
    await using gate = await startGatehouse();
    await setUp(gate);
    const used = await signIn(gate);
    const idle = await signIn(gate);
    for (let day = 1; day <= 29; day += 1) {
      gate.clock.advance(DAY);
      expect((await whoami(gate, { cookie: used.cookie })).status, `day ${day}`).toBe(200);
      if (day === 6) expect((await whoami(gate, { cookie: idle.cookie })).status).toBe(200);
      if (day === 13) expectProblem(await whoami(gate, { cookie: idle.cookie }), 'UNAUTHORIZED');
    }
    gate.clock.advance(DAY - SECOND);
    expect((await whoami(gate, { cookie: used.cookie })).status).toBe(200);
    gate.clock.advance(SECOND);
    expectProblem(await whoami(gate, { cookie: used.cookie }), 'UNAUTHORIZED', /Sign in again/);
  });

  test('A3: they are listed, and ended one by one or all', async () => {
    await using gate = await startGatehouse();
    await setUp(gate);
    const here = await signIn(gate);
    const there = await signIn(gate);
    gate.clock.advance(HOUR);
    const { data } = (await gate.call('/api/auth/sessions', { headers: here.headers })).json;
    expect(data).toHaveLength(3);
    expect(data.filter(({ current }: { current: boolean }) => current)).toHaveLength(1);
    const current = data.find((session: { current: boolean }) => session.current);
    expect(current).toMatchObject({ kind: 'cookie', address: '127.0.0.1', device: 'node' });
    expect(Date.parse(current.lastSeenAt)).toBe(gate.clock.nowMs());

    const listed = (await gate.call('/api/auth/sessions', { headers: there.headers })).json.data;
    const { id } = listed.find((session: { current: boolean }) => session.current);
    expect((await gate.call(`/api/auth/sessions/${id}`, { method: 'DELETE', headers: here.headers })).json.ended).toBe(
      1,
    );
    expectProblem(await whoami(gate, { cookie: there.cookie }), 'UNAUTHORIZED');
    expect((await whoami(gate, { cookie: here.cookie })).status).toBe(200);

    const all = await gate.call('/api/auth/sessions', { method: 'DELETE', headers: here.headers });
    expect(all.json.ended).toBe(2);
    expect(all.headers.getSetCookie()[0]).toMatch(/^gatehouse_session=; .*Max-Age=0;/);
    expectProblem(await whoami(gate, { cookie: here.cookie }), 'UNAUTHORIZED');
  });

  test('A3: nobody ends or sees the sessions of somebody else', async () => {
    await using gate = await startGatehouse();
    await setUp(gate);
    await createUser(gate, 'bob@example.com');
    const [ada, bob] = [await signIn(gate), await signIn(gate, 'bob@example.com')];
    const { data } = (await gate.call('/api/auth/sessions', { headers: ada.headers })).json;
    for (const { id } of data)
      expectProblem(
        await gate.call(`/api/auth/sessions/${id}`, { method: 'DELETE', headers: bob.headers }),
        'NOT_FOUND',
      );
    expect((await gate.call('/api/auth/sessions', { headers: bob.headers })).json.data).toHaveLength(1);
    expect((await whoami(gate, { cookie: ada.cookie })).status).toBe(200);
  });

  test('A3: one user has fifty at most: the one that was not seen for longest goes', async () => {
    await using gate = await startGatehouse();
    await setUp(gate);
    const oldest = await signIn(gate);
    const kept = await signIn(gate);
    gate.clock.advance(MINUTE);
    expect((await whoami(gate, { cookie: kept.cookie })).status).toBe(200);
    for (let count = 0; count < 49; count += 1) await signIn(gate);
    expectProblem(await whoami(gate, { cookie: oldest.cookie }), 'UNAUTHORIZED');
    expect((await whoami(gate, { cookie: kept.cookie })).status).toBe(200);
    expect((await gate.call('/api/auth/sessions', { headers: kept.headers })).json.data).toHaveLength(50);
  });

  test('A3, R1: a request writes no session file; what was seen is saved at stop', async () => {
    await using folder = await temporaryWorkspaces();
    const file = join(folder.path, '.gatehouse/sessions.json');
    let seenAt = 0;
    {
      await using gate = await startGatehouse({}, { folder: folder.path });
      await setUp(gate);
      const { cookie } = await signIn(gate);
      const before = await readFile(file, 'utf8');
      gate.clock.advance(HOUR);
      seenAt = gate.clock.nowMs();
      for (let count = 0; count < 20; count += 1) await whoami(gate, { cookie });
      expect(await readFile(file, 'utf8')).toBe(before);
    }
    expect(await readFile(file, 'utf8')).toContain(new Date(seenAt).toISOString());
  });

  test('A3: a header credential beats the cookie, and a cookie with two values is refused', async () => {
    await using gate = await startGatehouse();
    await setUp(gate);
    const { cookie } = await signIn(gate);
    const { token, key } = await gate.createKey();
    expect((await whoami(gate, { cookie, 'x-api-key': token })).json.principal.id).toBe(key.id);
    expectProblem(await whoami(gate, { cookie, 'x-api-key': 'wrong' }), 'UNAUTHORIZED');
    const planted = `${cookie}; gatehouse_session=other`;
    expectProblem(await whoami(gate, { cookie: planted }), 'AMBIGUOUS_CREDENTIALS');
    expect((await login(gate, { email: ADMIN_EMAIL, password: PASSWORD }, { cookie: planted })).status).toBe(200);
  });
});

test('A7: whoami says where somebody acts, and in which organizations they could', async () => {
  await using gate = await startGatehouse();
  await setUp(gate);
  const { cookie } = await signIn(gate);
  const at = (query: string) => gate.call(`/api/auth/whoami${query}`, { headers: { cookie } });
  for (const query of ['', '?organizationId=org_default'])
    expect((await at(query)).json.principal).toMatchObject({ organizationId: 'org_default', role: 'owner' });
  expectProblem(await at('?organizationId=org_elsewhere'), 'FORBIDDEN', /organizationId/);
});

describe('changing the password', () => {
  test('A3, A4: ends every other session and no reset link outlives it', async () => {
    await using gate = await startGatehouse();
    const id = await setUp(gate);
    const [here, there] = [await signIn(gate), await signIn(gate)];
    const app = await tokensOf(gate);
    const link = (await gate.local(`/api/users/${id}/reset-password`, { method: 'POST' })).json;
    const change = (currentPassword: string, newPassword: string) =>
      gate.call('/api/auth/profile/password', { headers: here.headers, body: { currentPassword, newPassword } });
    expectProblem(await change(OTHER_PASSWORD, OTHER_PASSWORD), 'FORBIDDEN', /currentPassword/);
    expectProblem(await change(PASSWORD, 'qwertyuiop12'), 'BAD_REQUEST', /newPassword: is among the most used/);
    expect((await change(PASSWORD, OTHER_PASSWORD)).json.ended).toBe(3);
    expect((await whoami(gate, { cookie: here.cookie })).status).toBe(200);
    expectProblem(await whoami(gate, { cookie: there.cookie }), 'UNAUTHORIZED');
    expectProblem(await whoami(gate, { authorization: `Bearer ${app.access_token}` }), 'UNAUTHORIZED');
    expectProblem(await gate.call('/api/auth/refresh', { body: { refresh_token: app.refresh_token } }), 'UNAUTHORIZED');
    const token = link.path.split('#')[1];
    expectProblem(
      await gate.call('/api/auth/password/reset', { body: { token, password: 'a third one, quite long' } }),
      'FORBIDDEN',
    );
    expectProblem(await login(gate, { email: ADMIN_EMAIL, password: PASSWORD }), 'UNAUTHORIZED');
    await signIn(gate, ADMIN_EMAIL, OTHER_PASSWORD);
  });

  test('A4: whoever sits at an open session cannot try passwords without end', async () => {
    await using gate = await startGatehouse();
    await setUp(gate);
    const { headers } = await signIn(gate);
    const guess = () =>
      gate.call('/api/auth/profile/password', {
        headers,
        body: { currentPassword: OTHER_PASSWORD, newPassword: OTHER_PASSWORD },
      });
    for (let tries = 0; tries < 10; tries += 1) expectProblem(await guess(), 'FORBIDDEN');
    expectProblem(await guess(), 'RATE_LIMITED');
  });
});

describe('what a login answers', () => {
  let gate: RunningGatehouse;
  beforeAll(async () => {
    gate = await startGatehouse();
    await setUp(gate);
    const id = await createUser(gate, 'disabled@example.com');
    await gate.local(`/api/users/${id}`, { method: 'PATCH', body: { status: 'disabled' } });
    await gate.local('/api/users', { body: { email: 'invited@example.com' } });
  });
  afterAll(() => gate[Symbol.asyncDispose]());

  test('A4: byte for byte the same for an unknown account, a wrong password, a disabled and an invited account', async () => {
    const bodies = await Promise.all(
      ['nobody@example.com', ADMIN_EMAIL, 'disabled@example.com', 'invited@example.com'].map(async (email) => {
        const answer = await login(gate, { email, password: OTHER_PASSWORD });
        expectProblem(answer, 'UNAUTHORIZED');
        expect(answer.headers.getSetCookie()).toEqual([]);
        return answer.text.replace(/req_\w+/, '');
      }),
    );
    expect(new Set(bodies).size).toBe(1);
    const disabled = await login(gate, { email: 'disabled@example.com', password: PASSWORD });
    expect(disabled.text.replace(/req_\w+/, '')).toBe(bodies[0]);
  });

  test('A4: every spelling of an address signs into the one account', async () => {
    for (const email of ['ADA@EXAMPLE.COM', ' ada@example.com', 'ａｄａ@example.com'])
      expect((await login(gate, { email, password: PASSWORD })).status, email).toBe(200);
  });

  test.each([
    ['a megabyte of password', { email: ADMIN_EMAIL, password: 'x'.repeat(1_000_000) }, 'PAYLOAD_TOO_LARGE'],
    ['a password of 60 KB', { email: ADMIN_EMAIL, password: 'x'.repeat(60_000) }, 'BAD_REQUEST'],
    ['an empty password', { email: ADMIN_EMAIL, password: '' }, 'BAD_REQUEST'],
    ['a password that is no text', { email: ADMIN_EMAIL, password: { $ne: null } }, 'BAD_REQUEST'],
    ['a list of addresses', { email: [ADMIN_EMAIL], password: PASSWORD }, 'BAD_REQUEST'],
    ['an address that looks like it', { email: '\u0430da@example.com', password: PASSWORD }, 'BAD_REQUEST'],
    ['no address', { password: PASSWORD }, 'BAD_REQUEST'],
    ['another use', { email: ADMIN_EMAIL, password: PASSWORD, use: 'both' }, 'BAD_REQUEST'],
    ['a field nobody knows', { email: ADMIN_EMAIL, password: PASSWORD, role: 'owner' }, 'BAD_REQUEST'],
  ] as const)('R3: %s is a 4xx before anything is hashed', async (_, body, code) => {
    gate.clock.advance(10 * MINUTE);
    expectProblem(await login(gate, body), code);
  });

  test('A4: guesses are throttled by account from whatever address, and a good login is not counted', async () => {
    gate.clock.advance(10 * MINUTE);
    for (let tries = 0; tries < 15; tries += 1) await signIn(gate);
    for (let tries = 0; tries < 10; tries += 1)
      expectProblem(await login(gate, { email: ADMIN_EMAIL, password: OTHER_PASSWORD }), 'UNAUTHORIZED');
    const spelled = await login(gate, { email: 'ＡＤＡ@example.com', password: PASSWORD });
    expectProblem(spelled, 'RATE_LIMITED');
    expect(Number(spelled.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await login(gate, { email: 'nobody-else@example.com', password: PASSWORD })).status).toBe(401);
    gate.clock.advance(10 * MINUTE);
    await signIn(gate);
  });

  test('A4: guesses are throttled by address over many accounts, known or not', async () => {
    gate.clock.advance(10 * MINUTE);
    for (let tries = 0; tries < 30; tries += 1)
      expectProblem(await login(gate, { email: `a${tries}@example.com`, password: PASSWORD }), 'UNAUTHORIZED');
    expectProblem(await login(gate, { email: 'a99@example.com', password: PASSWORD }), 'RATE_LIMITED');
    gate.clock.advance(10 * MINUTE);
  });

  test('A4: what failed and what succeeded is on record, with the reason and without the password', async () => {
    gate.clock.advance(10 * MINUTE);
    const { id } = await signIn(gate);
    await login(gate, { email: ADMIN_EMAIL, password: OTHER_PASSWORD });
    await login(gate, { email: 'stranger@example.com', password: OTHER_PASSWORD });
    const { text, json } = await gate.local('/api/audit?limit=200');
    const line = (action: string, reason?: string) =>
      json.data.find(
        (entry: { action: string; detail: { reason?: string } }) =>
          entry.action === action && (reason === undefined || entry.detail.reason === reason),
      );
    expect(line('session.start')).toMatchObject({ actor: id, outcome: 'ok', detail: { kind: 'cookie' } });
    expect(line('request.refused', 'sign-in: wrong password')).toMatchObject({ actor: id });
    expect(line('request.refused', 'sign-in: unknown account')).toMatchObject({ actor: 'unknown' });
    expect(text).not.toContain(OTHER_PASSWORD);
    expect(text).not.toContain('stranger@example.com');
    expect(gate.logs()).not.toContain(OTHER_PASSWORD);
  });
});
