import { describe, expect, test } from 'vitest';
import { DAY, HOUR } from '../support/clock.js';
import { ADMIN_KEY, type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { ADMIN_EMAIL, createUser, OTHER_PASSWORD, PASSWORD, secretOf, setUp, signIn } from '../support/people.js';
import { expectProblem } from './problem.js';

const patch = (gate: RunningGatehouse, id: string, body: object, headers?: Record<string, string>) =>
  headers === undefined
    ? gate.local(`/api/users/${id}`, { method: 'PATCH', body })
    : gate.call(`/api/users/${id}`, { method: 'PATCH', body, headers });

describe('making accounts', () => {
  test('A4: without a password the answer holds a link, with which they choose one within seven days', async () => {
    await using gate = await startGatehouse({ PUBLIC_URL: 'https://gate.example.com' });
    await setUp(gate);
    const made = await gate.local('/api/users', { body: { email: 'bob@example.com', name: 'Bob', role: 'viewer' } });
    expect(made.status).toBe(201);
    expect(made.json.user).toMatchObject({ status: 'invited', memberships: [{ role: 'viewer' }], sessions: 0 });
    const { path, url } = made.json.link;
    expect(url).toBe(`https://gate.example.com${path}`);
    const login = (password: string) => gate.call('/api/auth/login', { body: { email: 'bob@example.com', password } });
    expectProblem(await login(PASSWORD), 'UNAUTHORIZED');
    const token = secretOf(made.json.link);
    gate.clock.advance(7 * DAY - HOUR);
    expect((await gate.call('/api/auth/password/reset', { body: { token, password: PASSWORD } })).status).toBe(200);
    expect((await login(PASSWORD)).json.user.memberships).toMatchObject([{ role: 'viewer' }]);
  });

  test('A4: one address has one account, however it is spelled and however many come at once', async () => {
    await using gate = await startGatehouse();
    await setUp(gate);
    const spellings = ['bob@example.com', 'BOB@example.com', 'bob@EXAMPLE.com', 'ｂｏｂ@example.com'];
    const answers = await Promise.all(spellings.map((email) => gate.local('/api/users', { body: { email } })));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    for (const answer of answers.filter(({ status }) => status !== 201)) expectProblem(answer, 'CONFLICT', /^email/);
  });

  test.each([
    ['no address', {}],
    ['a bad address', { email: 'bob' }],
    ['a short password', { email: 'bob@example.com', password: 'short' }],
    ['a common password', { email: 'bob@example.com', password: 'password1234' }],
    ['the role of a guest', { email: 'bob@example.com', role: 'guest' }],
    ['a role nobody knows', { email: 'bob@example.com', role: 'root' }],
    ['a field of the record', { email: 'bob@example.com', passwordHash: 'x' }],
    ['an operator who is a text', { email: 'bob@example.com', instanceOperator: 'yes' }],
    ['a name that forges a line', { email: 'bob@example.com', name: 'Bob\nroot' }],
  ])('R3: %s is refused', async (_, body) => {
    await using gate = await startGatehouse();
    expectProblem(await gate.local('/api/users', { body }), 'BAD_REQUEST');
  });

  test('A7: an organization that does not exist takes nobody', async () => {
    await using gate = await startGatehouse();
    const body = { email: 'bob@example.com', organizationId: 'org_nowhere' };
    expectProblem(await gate.local('/api/users', { body }), 'FORBIDDEN');
    expect((await gate.local('/api/users')).json.data).toEqual([]);
  });
});

describe('who may', () => {
  test('A7: an owner of an organization is no operator; an operator rules accounts and acts in no organization by that', async () => {
    await using gate = await startGatehouse();
    await setUp(gate);
    const ownerId = await createUser(gate, 'owner@example.com', { role: 'owner' });
    const owner = await signIn(gate, 'owner@example.com');
    expectProblem(await gate.call('/api/users', { headers: owner.headers }), 'FORBIDDEN', /operators/);
    expectProblem(await patch(gate, ownerId, { instanceOperator: true }, { ...owner.headers }), 'FORBIDDEN');
    expectProblem(await gate.call('/api/audit/verify', { headers: owner.headers }), 'FORBIDDEN');

    await createUser(gate, 'ops@example.com', { role: 'viewer', instanceOperator: true });
    const { headers } = await signIn(gate, 'ops@example.com');
    expect((await gate.call('/api/users', { headers })).status).toBe(200);
    expect((await gate.call('/api/audit/verify', { headers })).status).toBe(200);
    expectProblem(await gate.call('/api/keys', { headers, body: { name: 'k' } }), 'FORBIDDEN', /keys:write/);
  });

  test('K11: nobody raises themselves: a profile takes a name and nothing else', async () => {
    await using gate = await startGatehouse();
    await setUp(gate);
    await createUser(gate, 'bob@example.com', { role: 'member' });
    const { headers } = await signIn(gate, 'bob@example.com');
    for (const body of [{ instanceOperator: true }, { memberships: [] }, { role: 'owner' }, { status: 'active' }, {}])
      expectProblem(await gate.call('/api/auth/profile', { method: 'PATCH', headers, body }), 'BAD_REQUEST');
    const named = await gate.call('/api/auth/profile', { method: 'PATCH', headers, body: { name: 'Bob B.' } });
    expect(named.json.user).toMatchObject({ name: 'Bob B.', instanceOperator: false });
  });

  test('K11: a token traded from ADMIN_API_KEY makes, raises and opens no account', async () => {
    await using gate = await startGatehouse({ ADMIN_API_KEY: ADMIN_KEY });
    const setup = await gate.call('/api/auth/token', { key: ADMIN_KEY, body: { scopes: ['members:write'] } });
    const headers = { authorization: `Bearer ${setup.json.access_token}` };
    const email = 'eve@example.com';
    expectProblem(await gate.call('/api/settings/setup', { headers, body: {} }), 'FORBIDDEN');
    expectProblem(
      await gate.call('/api/settings/setup', { headers, body: { email, password: PASSWORD } }),
      'FORBIDDEN',
    );
    const id = await createUser(gate, 'bob@example.com');
    for (const answer of [
      await gate.call('/api/users', { headers, body: { email, instanceOperator: true } }),
      await patch(gate, id, { instanceOperator: true }, headers),
      await gate.call(`/api/users/${id}/reset-password`, { method: 'POST', headers }),
    ])
      expectProblem(answer, 'FORBIDDEN', /send the key itself/);
    expect((await gate.local('/api/users')).json.data).toHaveLength(1);
  });

  test('A7: ADMIN_API_KEY manages accounts, too', async () => {
    await using gate = await startGatehouse({ ADMIN_API_KEY: ADMIN_KEY });
    const made = await gate.call('/api/users', { key: ADMIN_KEY, body: { email: 'bob@example.com' } });
    expect(made.status).toBe(201);
  });
});

describe('the last ones', () => {
  test('A7: the last operator is not demoted, disabled or deleted; with a second one the first may go', async () => {
    await using gate = await startGatehouse();
    const id = await setUp(gate);
    const me = await signIn(gate);
    for (const answer of [
      await patch(gate, id, { instanceOperator: false }),
      await patch(gate, id, { status: 'disabled' }),
      await gate.local(`/api/users/${id}`, { method: 'DELETE' }),
    ])
      expectProblem(answer, 'CONFLICT', /last operator/);
    // What was refused changed nothing, sessions included.
    expect((await gate.call('/api/users', { headers: me.headers })).status).toBe(200);
    const second = await createUser(gate, 'ops@example.com', { instanceOperator: true });
    expectProblem(await gate.local(`/api/users/${id}`, { method: 'DELETE' }), 'CONFLICT', /last owner of org_default/);
    await createUser(gate, 'owner@example.com', { role: 'owner' });
    expect((await gate.local(`/api/users/${id}`, { method: 'DELETE' })).status).toBe(200);
    expectProblem(await patch(gate, second, { instanceOperator: false }), 'CONFLICT');
  });

  test('A7: of two operators who demote each other at once, one stays', async () => {
    await using gate = await startGatehouse();
    const [first, second] = [
      await createUser(gate, 'a@example.com', { instanceOperator: true }),
      await createUser(gate, 'b@example.com', { instanceOperator: true }),
    ];
    const answers = await Promise.all([first, second].map((id) => patch(gate, id, { instanceOperator: false })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  });

  test('A7: somebody disabled counts for nobody', async () => {
    await using gate = await startGatehouse();
    const first = await createUser(gate, 'a@example.com', { instanceOperator: true });
    const second = await createUser(gate, 'b@example.com', { instanceOperator: true });
    expect((await patch(gate, second, { status: 'disabled' })).status).toBe(200);
    expectProblem(await patch(gate, first, { status: 'disabled' }), 'CONFLICT');
  });
});

describe('what operators see', () => {
  test('A4: everybody, page by page, found by name and address, and never a hash', async () => {
    await using gate = await startGatehouse();
    await setUp(gate);
    for (let count = 0; count < 5; count += 1)
      await createUser(gate, `person-${count}@example.com`, { password: undefined, name: `Person ${count}` });
    const first = await gate.local('/api/users?limit=4');
    expect(first.json.data).toHaveLength(4);
    const rest = await gate.local(`/api/users?limit=4&cursor=${first.json.nextCursor}`);
    expect(rest.json.data.map(({ email }: { email: string }) => email)).toEqual(['person-0@example.com', ADMIN_EMAIL]);
    expect(rest.json.nextCursor).toBeNull();
    expect((await gate.local('/api/users?search=PERSON%203')).json.data).toHaveLength(1);
    expect((await gate.local('/api/users?status=active')).json.data).toHaveLength(1);
    expectProblem(await gate.local('/api/users?cursor=usr_gone'), 'BAD_REQUEST');
    expect(`${first.text}${rest.text}`).not.toMatch(/argon2|passwordHash|digest/);
    expectProblem(await gate.local('/api/users/usr_0000000000000000000000'), 'NOT_FOUND');
  });

  test('A3: where somebody is signed in, and their sessions ended', async () => {
    await using gate = await startGatehouse();
    const id = await setUp(gate);
    const { cookie } = await signIn(gate);
    const { data } = (await gate.local(`/api/users/${id}/sessions`)).json;
    expect(data).toHaveLength(2);
    expect((await gate.local(`/api/users/${id}`)).json.user).toMatchObject({ sessions: 2 });
    expect((await gate.local(`/api/users/${id}/sessions`, { method: 'DELETE' })).json.ended).toBe(2);
    expectProblem(await gate.call('/api/auth/whoami', { headers: { cookie } }), 'UNAUTHORIZED');
  });

  test('R4: each act is on record with who did it and in which role, and holds no secret', async () => {
    await using gate = await startGatehouse();
    await setUp(gate);
    const me = await signIn(gate);
    const call = (path: string, method: string, body?: object) =>
      gate.call(path, { method, headers: me.headers, ...(body === undefined ? {} : { body }) });
    const { user } = (await call('/api/users', 'POST', { email: 'bob@example.com', password: OTHER_PASSWORD })).json;
    const link = (await call(`/api/users/${user.id}/reset-password`, 'POST')).json;
    await call(`/api/users/${user.id}`, 'PATCH', { status: 'disabled' });
    await call(`/api/users/${user.id}`, 'DELETE');
    const { text, json } = await gate.local('/api/audit?limit=200');
    for (const action of ['user.create', 'password.reset-link', 'user.update', 'user.delete'])
      expect(json.data).toContainEqual(
        expect.objectContaining({ action, actor: me.id, target: user.id, outcome: 'ok' }),
      );
    expect(text).not.toContain(secretOf(link));
    expect(text).not.toContain(OTHER_PASSWORD);
    expect(text).not.toContain('bob@example.com');
    const key = await call('/api/keys', 'POST', { name: 'k' });
    expect(key.status).toBe(201);
    const [line] = (await gate.local('/api/audit?action=key.create')).json.data;
    expect(line).toMatchObject({ actor: me.id, detail: { actorRole: 'owner' } });
  });
});
