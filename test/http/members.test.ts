import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Role } from '../../src/contract/roles.js';
import { HOUR } from '../support/clock.js';
import { type Answer, type CallOptions, type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { createUser, PASSWORD, secretOf, setUp, signIn, tokensOf } from '../support/people.js';
import { expectProblem } from './problem.js';

const DEFAULT = '/api/organizations/org_default';
type Call = (path: string, options?: CallOptions) => Promise<Answer>;

/** Ways to call as somebody who is signed in. */
async function as(gate: RunningGatehouse, email: string): Promise<Call & { id: string }> {
  const { headers, id } = await signIn(gate, email);
  return Object.assign((path: string, options: CallOptions = {}) => gate.call(path, { ...options, headers }), { id });
}

const member = (role: Role | string) => `${role}@example.com`;

test('A7: set-up, a second organization, an invite, its acceptance, a role, and the end of it', async () => {
  await using gate = await startGatehouse(
    { API_RATE_LIMIT: 'off' },
    { files: { 'alpha/a.md': 'x', 'beta/b.md': 'x' } },
  );
  const adaId = await setUp(gate);
  const ada = await as(gate, 'ada@example.com');
  const made = await ada('/api/organizations', { body: { name: 'Second' } });
  expect(made.status, made.text).toBe(201);
  const { id: second } = made.json.organization;
  const path = `/api/organizations/${second}`;
  expect((await ada(`${path}/members`)).json.data).toMatchObject([{ userId: adaId, role: 'owner', disabled: false }]);
  expect((await ada('/api/organizations')).json.data).toMatchObject([
    { id: 'org_default' },
    { id: second, name: 'Second' },
  ]);

  const invited = await ada(`${path}/invites`, { body: { email: 'bob@example.com', role: 'admin' } });
  expect(invited.status, invited.text).toBe(201);
  expect(invited.json.url).toBeNull();
  const token = secretOf(invited.json);
  const listed = await ada(`${path}/invites`);
  expect(listed.json.data).toEqual([invited.json.invite]);
  expect(listed.text).not.toContain(token);

  const shown = await gate.call('/api/auth/invites/show', { body: { token } });
  expect(shown.json).toMatchObject({ organization: 'Second', email: 'bob@example.com', role: 'admin' });
  const accepted = await gate.call('/api/auth/invites/accept', { body: { token, password: PASSWORD, name: 'Bob' } });
  expect(accepted.status, accepted.text).toBe(200);
  expect(accepted.json.user.memberships).toEqual([
    { organizationId: second, organizationName: 'Second', role: 'admin' },
  ]);
  expectProblem(await gate.call('/api/auth/invites/accept', { body: { token, password: PASSWORD } }), 'FORBIDDEN');
  expect((await ada(`${path}/invites`)).json.data).toEqual([]);

  // By cookie and by token alike; his only organization is implied.
  const bob = await as(gate, 'bob@example.com');
  const { access_token } = await tokensOf(gate, 'bob@example.com');
  const bearer = { headers: { authorization: `Bearer ${access_token}` } };
  const key = await bob('/api/keys', { body: { name: 'bob made this', scopes: ['projects:read'] } });
  expect(key.json.key).toMatchObject({ organizationId: second, createdBy: bob.id });
  expect((await gate.call('/api/keys', bearer)).json.data).toHaveLength(1);
  expect((await gate.call('/api/auth/whoami', bearer)).json.principal).toMatchObject({
    kind: 'user',
    organizationId: second,
    role: 'admin',
  });

  const removed = await ada(`${path}/members/${bob.id}`, { method: 'DELETE' });
  expect(removed.json).toEqual({ status: 'ended' });
  for (const answer of [
    await bob(`/api/keys?organizationId=${second}`),
    await gate.call(`/api/keys?organizationId=${second}`, bearer),
    await bob(`${path}/members`),
    await bob('/api/keys', { body: { name: 'late', organizationId: second } }),
  ]) {
    expectProblem(answer, 'FORBIDDEN');
  }
  // The key is the organization's and says who made it.
  expect((await ada(`/api/keys?organizationId=${second}`)).json.data).toMatchObject([
    { id: key.json.key.id, status: 'active', createdBy: bob.id },
  ]);
  expect((await gate.call('/api/workspaces', { key: key.json.token })).status).toBe(200);

  const lines = (await ada(`/api/audit?organizationId=${second}&limit=200`)).json.data;
  expect(lines.map(({ action }: { action: string }) => action).reverse()).toEqual(
    expect.arrayContaining(['organization.create', 'invite.create', 'invite.accept', 'key.create', 'member.remove']),
  );
  const files = await Promise.all(
    ['users.json', 'organizations.json'].map((name) => readFile(join(gate.folder, '.gatehouse', name), 'utf8')),
  );
  expect([...files, gate.logs()].join()).not.toContain(token);
});

describe('A7: somebody in two organizations', () => {
  let gate: RunningGatehouse;
  let second: string;
  let both: Call;

  beforeAll(async () => {
    gate = await startGatehouse({ API_RATE_LIMIT: 'off' }, { files: { 'alpha/a.md': 'x', 'beta/b.md': 'x' } });
    second = (await gate.local('/api/organizations', { body: { name: 'Second' } })).json.organization.id;
    await gate.local('/api/workspaces/beta', { method: 'PATCH', body: { organizationId: second } });
    await createUser(gate, 'both@example.com', { role: 'viewer' });
    const { path } = (
      await gate.local(`/api/organizations/${second}/invites`, { body: { email: 'both@example.com', role: 'admin' } })
    ).json;
    const accepted = await gate.call('/api/auth/invites/accept', {
      body: { token: secretOf({ path }), password: PASSWORD },
    });
    expect(accepted.status, accepted.text).toBe(200);
    both = await as(gate, 'both@example.com');
  });
  afterAll(() => gate[Symbol.asyncDispose]());

  test('names the one that is meant, in the query or the body; else 400 says which there are', async () => {
    for (const answer of [await both('/api/keys'), await both('/api/workspaces'), await both('/api/audit')]) {
      expectProblem(answer, 'BAD_REQUEST');
      expect(answer.json.detail).toContain(`org_default, ${second}`);
    }
    expect((await both(`/api/keys?organizationId=${second}`)).status).toBe(200);
    const made = await both('/api/keys', { body: { name: 'x', organizationId: second, scopes: [] } });
    expect(made.json.key).toMatchObject({ organizationId: second });
    expectProblem(await both('/api/keys', { body: { name: 'x', scopes: [] } }), 'BAD_REQUEST');
    const { id } = made.json.key;
    expectProblem(await both(`/api/keys/${id}`), 'BAD_REQUEST');
    expect((await both(`/api/keys/${id}?organizationId=${second}`)).status).toBe(200);
    const rotate = (query: string) => both(`/api/keys/${id}/rotate${query}`, { method: 'POST' });
    expectProblem(await rotate(''), 'BAD_REQUEST');
    expect((await rotate(`?organizationId=${second}`)).status).toBe(200);
  });

  test('is in each what they are there, and nothing of the other', async () => {
    expectProblem(await both('/api/keys?organizationId=org_default'), 'FORBIDDEN');
    expectProblem(await both('/api/keys', { body: { name: 'x', organizationId: 'org_default' } }), 'FORBIDDEN');
    // One named in the query and another in the body: not both can be meant.
    const torn = await both('/api/keys?organizationId=org_default', { body: { name: 'x', organizationId: second } });
    expectProblem(torn, 'FORBIDDEN');
    const swapped = await both(`/api/keys?organizationId=${second}`, {
      body: { name: 'x', organizationId: 'org_default' },
    });
    expectProblem(swapped, 'FORBIDDEN');
    const { id } = (await gate.createKey()).key;
    expectProblem(await both(`/api/keys/${id}?organizationId=${second}`), 'NOT_FOUND');
    const seen = async (query: string) =>
      (await both(`/api/workspaces${query}`)).json.data.map((one: { id: string }) => one.id);
    expect(await seen(`?organizationId=${second}`)).toEqual(['beta']);
    expect(await seen('?organizationId=org_default')).toEqual(['alpha']);
  });

  test('acts where the workspace is that is named', async () => {
    const ask = (workspaceId: string) => both('/api/ask', { body: { workspaceId, question: 'what is x?' } });
    expect((await ask('beta')).status).toBe(200);
    // A viewer of org_default asks nothing there.
    expectProblem(await ask('alpha'), 'FORBIDDEN');
    expect((await both('/api/workspaces/alpha')).status).toBe(200);
  });

  test('counts for the organization that the body names', async () => {
    await gate.local(`/api/organizations/${second}/entitlements`, {
      method: 'PUT',
      body: { keys: null, workspaces: null, members: null, requestsPerHour: 2 },
    });
    const statuses = [];
    for (let round = 0; round < 3; round += 1)
      statuses.push((await both('/api/keys', { body: { name: 'x', organizationId: second, scopes: [] } })).status);
    expect(statuses).toEqual([201, 201, 429]);
    expect((await both('/api/workspaces?organizationId=org_default')).status).toBe(200);
    gate.clock.advance(HOUR);
  });
});

describe('what roles may not do', () => {
  let gate: RunningGatehouse;
  const people: Record<string, Call & { id: string }> = {};
  let strong: { id: string; token: string };

  beforeAll(async () => {
    gate = await startGatehouse({ API_RATE_LIMIT: 'off', VALID_API_KEYS: 'spare-one-spare-one-spare-one-spare' });
    for (const role of ['owner', 'admin', 'member', 'viewer'] as const) {
      await createUser(gate, member(role), { role });
      people[role] = await as(gate, member(role));
    }
    await createUser(gate, 'other@example.com', { role: 'owner' });
    const made = await gate.local('/api/service-keys', { body: { name: 'strong', scopes: ['*'] } });
    strong = { id: made.json.key.id, token: made.json.token };
  });
  afterAll(() => gate[Symbol.asyncDispose]());

  const by = (role: string) => people[role] as Call & { id: string };

  test('K11: nobody rises by granting, inviting, rotating, updating or adopting', async () => {
    const [{ fingerprint }] = (await gate.local('/api/env-keys')).json.data;
    const climbs = (role: string): [string, string, CallOptions][] => [
      ['makes an owner', `${DEFAULT}/members/${by('viewer').id}`, { method: 'PATCH', body: { role: 'owner' } }],
      ['makes themselves owner', `${DEFAULT}/members/${by(role).id}`, { method: 'PATCH', body: { role: 'owner' } }],
      ['invites an owner', `${DEFAULT}/invites`, { body: { email: 'me2@example.com', role: 'owner' } }],
      ['adopts', `/api/env-keys/${fingerprint}/adopt`, { body: { name: 'x', scopes: ['*'] } }],
      [
        'lifts the limits',
        `${DEFAULT}/entitlements`,
        { method: 'PUT', body: { keys: null, workspaces: null, members: null, requestsPerHour: null } },
      ],
      ['makes an organization', '/api/organizations', { body: { name: 'mine' } }],
      ['takes a workspace', '/api/workspaces/example', { method: 'PATCH', body: { organizationId: 'org_default' } }],
      ['makes an account', '/api/users', { body: { email: 'me3@example.com', role: 'owner' } }],
      ['makes an operator', `/api/users/${by(role).id}`, { method: 'PATCH', body: { instanceOperator: true } }],
    ];
    const ofAdmins: [string, string, CallOptions][] = [
      ['rotates a key', `/api/service-keys/${strong.id}/rotate`, { method: 'POST' }],
      ['updates a key', `/api/service-keys/${strong.id}`, { method: 'PATCH', body: { note: 'x' } }],
      ['makes a key', '/api/keys', { body: { name: 'x', scopes: [] } }],
      ['invites', `${DEFAULT}/invites`, { body: { email: 'me2@example.com', role: 'viewer' } }],
      ['removes', `${DEFAULT}/members/${by('viewer').id}`, { method: 'DELETE' }],
      ['renames', DEFAULT, { method: 'PATCH', body: { name: 'mine' } }],
    ];
    for (const role of ['admin', 'member', 'viewer']) {
      for (const [what, path, options] of [...climbs(role), ...(role === 'admin' ? [] : ofAdmins)]) {
        const answer = await by(role)(path, options);
        expect(answer.status, `${role} ${what}: ${answer.text}`).toBe(403);
      }
    }
    const roles = (await gate.local(`${DEFAULT}/members`)).json.data.map(({ role }: { role: string }) => role);
    expect(roles).toEqual(['owner', 'admin', 'member', 'viewer', 'owner']);
    expect((await gate.local(`${DEFAULT}/invites`)).json.data).toEqual([]);
  });

  test('K11: an owner rules the organization and not the instance', async () => {
    const owner = by('owner');
    for (const [path, options] of [
      [`${DEFAULT}/entitlements`, { method: 'PUT', body: { keys: 1, workspaces: 1, members: 1, requestsPerHour: 1 } }],
      ['/api/organizations', { body: { name: 'mine' } }],
      ['/api/workspaces/example', { method: 'PATCH', body: { organizationId: 'org_default' } }],
      ['/api/audit/verify', {}],
      ['/api/users', {}],
    ] as [string, CallOptions][]) {
      const answer = await owner(path, options);
      expectProblem(answer, 'FORBIDDEN');
      expect(answer.json.detail, path).toMatch(/for operators|only an operator/);
    }
  });

  test('K6, K11: a service key of the organization touches no owner and makes no admin', async () => {
    const key = { key: strong.token };
    const owner = `${DEFAULT}/members/${by('owner').id}`;
    expectProblem(await gate.call(owner, { ...key, method: 'DELETE' }), 'FORBIDDEN');
    expectProblem(await gate.call(owner, { ...key, method: 'PATCH', body: { role: 'viewer' } }), 'FORBIDDEN');
    const viewer = `${DEFAULT}/members/${by('viewer').id}`;
    for (const role of ['owner', 'admin'])
      expectProblem(await gate.call(viewer, { ...key, method: 'PATCH', body: { role } }), 'FORBIDDEN');
    expect((await gate.call(viewer, { ...key, method: 'PATCH', body: { role: 'member' } })).status).toBe(200);
    expect((await gate.call(viewer, { ...key, method: 'PATCH', body: { role: 'viewer' } })).status).toBe(200);
    expectProblem(await gate.call(`${DEFAULT}/leave`, { ...key, method: 'POST' }), 'FORBIDDEN');
  });

  test('A7: a change of role holds from the next request on', async () => {
    expectProblem(await by('viewer')('/api/keys'), 'FORBIDDEN');
    const patch = (role: string) =>
      by('owner')(`${DEFAULT}/members/${by('viewer').id}`, { method: 'PATCH', body: { role } });
    expect((await patch('admin')).json.member).toMatchObject({ role: 'admin', email: 'viewer@example.com' });
    expect((await by('viewer')('/api/keys')).status).toBe(200);
    await patch('viewer');
    expectProblem(await by('viewer')('/api/keys'), 'FORBIDDEN');
  });

  test('A7: the last owner is not disabled or deleted either', async () => {
    expect(
      (await gate.local(`/api/users/${by('owner').id}`, { method: 'PATCH', body: { status: 'disabled' } })).status,
    ).toBe(200);
    const other = await as(gate, 'other@example.com');
    expectProblem(await other(`${DEFAULT}/leave`, { method: 'POST' }), 'CONFLICT');
    expectProblem(await gate.local(`/api/users/${other.id}`, { method: 'DELETE' }), 'CONFLICT');
    await gate.local(`/api/users/${by('owner').id}`, { method: 'PATCH', body: { status: 'active' } });
    expect((await other(`${DEFAULT}/leave`, { method: 'POST' })).status).toBe(200);
  });

  test('A7: invites end with the account that made them', async () => {
    for (const end of [{ method: 'PATCH', body: { status: 'disabled' } }, { method: 'DELETE' }]) {
      await createUser(gate, 'brief@example.com', { role: 'admin' });
      const brief = await as(gate, 'brief@example.com');
      const invite = await brief(`${DEFAULT}/invites`, { body: { email: 'back@example.com', role: 'admin' } });
      expect((await gate.local(`/api/users/${brief.id}`, end)).status).toBe(200);
      const token = secretOf(invite.json);
      expectProblem(await gate.call('/api/auth/invites/accept', { body: { token, password: PASSWORD } }), 'FORBIDDEN');
      expect((await gate.local(`${DEFAULT}/invites`)).json.data).toEqual([]);
      await gate.local(`/api/users/${brief.id}`, { method: 'DELETE' });
    }
  });

  test('A7: an account that an operator makes takes a seat of its organization, too', async () => {
    const { members } = (await gate.local(`${DEFAULT}/entitlements`)).json.used;
    const body = { keys: null, workspaces: null, members, requestsPerHour: null };
    await gate.local(`${DEFAULT}/entitlements`, { method: 'PUT', body });
    expectProblem(await gate.local('/api/users', { body: { email: 'more@example.com' } }), 'ENTITLEMENT_REACHED');
    await gate.local(`${DEFAULT}/entitlements`, { method: 'PUT', body: { ...body, members: members + 1 } });
    expect((await gate.local('/api/users', { body: { email: 'more@example.com' } })).status).toBe(201);
  });
});

test('K11: whoever invites an address gets nothing that others gave to its account', async () => {
  await using gate = await startGatehouse({ API_RATE_LIMIT: 'off' });
  const other = (await gate.local('/api/organizations', { body: { name: 'Other' } })).json.organization.id;
  await createUser(gate, 'mallory@example.com', { role: 'admin', organizationId: other });
  const mallory = await as(gate, 'mallory@example.com');
  for (const [email, given] of [
    ['boss@example.com', { role: 'owner' }],
    ['ops@example.com', { role: 'viewer', instanceOperator: true }],
  ] as const) {
    // An operator makes the account and sends its first link to its owner, who has not opened it yet.
    const made = await gate.local('/api/users', { body: { email, ...given } });
    const invite = await mallory(`/api/organizations/${other}/invites`, { body: { email, role: 'viewer' } });
    expect(invite.status, invite.text).toBe(201);
    const accept = (password: string) =>
      gate.call('/api/auth/invites/accept', { body: { token: secretOf(invite.json), password } });
    expectProblem(await accept('a password of mallory'), 'CONFLICT');
    expectProblem(
      await gate.call('/api/auth/login', { body: { email, password: 'a password of mallory' } }),
      'UNAUTHORIZED',
    );
    const reset = { token: secretOf(made.json.link), password: PASSWORD };
    expect((await gate.call('/api/auth/password/reset', { body: reset })).status).toBe(200);
    const accepted = await accept(PASSWORD);
    expect(accepted.json.user.memberships).toMatchObject([
      { organizationId: 'org_default' },
      { organizationId: other },
    ]);
  }
});

test('A7: a user who rules the instance sees all of it where routes say so, and acts by their role elsewhere', async () => {
  await using gate = await startGatehouse({ API_RATE_LIMIT: 'off' }, { files: { 'alpha/a.md': 'x' } });
  await setUp(gate);
  const ada = await as(gate, 'ada@example.com');
  const other = (await gate.local('/api/organizations', { body: { name: 'Other' } })).json.organization.id;
  const { key } = (await gate.local('/api/keys', { body: { name: 'x', organizationId: other } })).json;
  expect((await ada(`/api/audit?organizationId=${other}`)).json.data.length).toBeGreaterThan(0);
  expect((await ada('/api/audit?action=instance.setup')).status).toBe(200);
  expect((await ada(`/api/organizations/${other}`)).json.organization.name).toBe('Other');
  expect((await ada(`/api/organizations/${other}/entitlements`)).json.used.keys).toBe(1);
  expect((await ada('/api/workspaces')).json.skipped).toEqual([]);
  expectProblem(await ada(`/api/organizations/${other}/members`), 'FORBIDDEN');
  expectProblem(await ada(`/api/keys?organizationId=${other}`), 'FORBIDDEN');
  expectProblem(await ada(`/api/keys/${key.id}`), 'NOT_FOUND');
});
