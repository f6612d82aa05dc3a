import { describe, expect, test } from 'vitest';
import { GrantedRole, type Role } from '../../src/contract/roles.js';
import type { Principal } from '../../src/kernel/principal.js';
import { keyPrincipal, OPERATOR, openTenants, type Tenants } from './tenants.js';

const ORG = 'org_default';

/** Two owners, and one of everybody else. */
async function staffed(): Promise<Tenants & { ids: Record<string, string> }> {
  const tenants = await openTenants();
  await tenants.directory.records.change((draft) => {
    const record = tenants.directory.get(ORG, draft);
    if (record !== undefined) draft.put({ ...record, id: 'org_other' });
  });
  const ids: Record<string, string> = {};
  for (const [name, role] of Object.entries({
    owner: 'owner',
    second: 'owner',
    admin: 'admin',
    admin2: 'admin',
    member: 'member',
    viewer: 'viewer',
    guest: 'guest',
  } as const)) {
    ids[name] = await tenants.add(name, { [ORG]: role });
  }
  ids['stranger'] = await tenants.add('stranger', { org_other: 'owner' });
  return Object.assign(tenants, { ids });
}

describe('A7, K11: who may change whose role to what', () => {
  /** By whom, of whom: the roles that may be given. */
  const MAY_GIVE: [by: string, of: string, roles: readonly Role[]][] = [
    ['owner', 'second', ['owner', 'admin', 'member', 'viewer']],
    ['owner', 'admin', ['owner', 'admin', 'member', 'viewer']],
    ['owner', 'viewer', ['owner', 'admin', 'member', 'viewer']],
    ['admin', 'owner', []],
    ['admin', 'admin2', ['admin', 'member', 'viewer']],
    ['admin', 'member', ['admin', 'member', 'viewer']],
    ['admin', 'admin', ['admin', 'member', 'viewer']],
    ['operator', 'owner', ['owner', 'admin', 'member', 'viewer']],
    ['operator', 'viewer', ['owner', 'admin', 'member', 'viewer']],
    ['service key', 'owner', []],
    ['service key', 'admin', ['member', 'viewer']],
    ['service key', 'viewer', ['member', 'viewer']],
    ['member', 'viewer', ['member', 'viewer']],
    ['viewer', 'viewer', ['viewer']],
    ['guest', 'viewer', []],
    ['stranger', 'viewer', []],
  ];

  test.each(MAY_GIVE)('%s, of %s: %j', async (by, of, roles) => {
    for (const role of GrantedRole.options) {
      const tenants = await staffed();
      const { ids } = tenants;
      const actor =
        by === 'operator'
          ? tenants.by(OPERATOR)
          : by === 'service key'
            ? tenants.by(keyPrincipal())
            : tenants.as(ids[by] ?? '');
      const before = tenants.rolesIn();
      const outcome = await tenants.outcome(tenants.members.changeRole(actor, ORG, ids[of] ?? '', role));
      expect(outcome, `${by} makes ${of} ${role}`).toBe(roles.includes(role) ? 'ok' : 'FORBIDDEN');
      const after = roles.includes(role) ? { ...before, [ids[of] ?? '']: role } : before;
      expect(tenants.rolesIn()).toEqual(after);
      if (outcome !== 'ok') expect(tenants.audited).toEqual([]);
    }
  });

  test.each<[string, Partial<Principal>]>([
    ['scopes it lacks', { scopes: new Set(['members:read', 'members:write']) }],
    ['a workspace', { workspaceIds: ['a'] }],
    ['no credentials', { kind: 'api_key', credentialIds: [] }],
    ['addresses', { allowedIps: ['10.0.0.0/8'] }],
    ['an end', { expiresAtMs: Date.parse('2027-01-01T00:00:00Z') }],
    ['a limit', { rateLimit: { requests: 1, windowSeconds: 60 } }],
    ['an operator’s token that was traded', { operator: true, traded: true, expiresAtMs: 1, organizationId: null }],
  ])('a key that is bound by %s makes nobody a member, who is not', async (_what, bound) => {
    const tenants = await staffed();
    const act = tenants.members.changeRole(tenants.by(keyPrincipal(bound)), ORG, tenants.ids['viewer'] ?? '', 'member');
    expect(await tenants.outcome(act)).toBe('FORBIDDEN');
    const invite = tenants.invitations.create(tenants.by(keyPrincipal(bound)), ORG, {
      email: 'new@example.com',
      role: 'member',
    });
    expect(await tenants.outcome(invite)).toBe('FORBIDDEN');
  });

  test('a guest is given no role: only an invite makes one a member', async () => {
    const { members, by, outcome, ids, rolesIn } = await staffed();
    expect(await outcome(members.changeRole(by(OPERATOR), ORG, ids['guest'] ?? '', 'viewer'))).toBe('CONFLICT');
    expect(rolesIn()[ids['guest'] ?? '']).toBe('guest');
  });

  test('users of elsewhere and users who do not exist are no members, alike', async () => {
    const { members, by, ids } = await staffed();
    const words = async (userId: string) =>
      members.changeRole(by(OPERATOR), ORG, userId, 'viewer').catch((error) => `${error.code} ${error.detail}`);
    expect(await words(ids['stranger'] ?? '')).toBe(await words('usr_0000000000000000000000'));
    expect(await words(ids['stranger'] ?? '')).toMatch(/^NOT_FOUND/);
    for (const userId of ['', '__proto__', 'constructor', '../x'])
      expect(await words(userId), userId).toBe(await words(ids['stranger'] ?? ''));
  });

  test('somebody whose role was taken while their request waited does not act on it', async () => {
    const tenants = await staffed();
    const { ids, members } = tenants;
    const late = tenants.as(ids['admin'] ?? '');
    const outcomes = await Promise.all([
      tenants.outcome(members.remove(tenants.as(ids['owner'] ?? ''), ORG, ids['admin'] ?? '')),
      tenants.outcome(members.changeRole(late, ORG, ids['viewer'] ?? '', 'admin')),
      tenants.outcome(members.remove(late, ORG, ids['member'] ?? '')),
      tenants.outcome(tenants.invitations.create(late, ORG, { email: 'me2@example.com', role: 'admin' })),
    ]);
    expect(outcomes).toEqual(['ok', 'FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN']);
    expect(tenants.rolesIn()).toMatchObject({ [ids['viewer'] ?? '']: 'viewer', [ids['member'] ?? '']: 'member' });
  });
});

describe('A7: there is always an owner', () => {
  test('the last one cannot leave, be made less, or be removed, by nobody', async () => {
    const { members, as, by, outcome, ids, rolesIn } = await staffed();
    const owner = ids['owner'] ?? '';
    expect(await outcome(members.leave(as(ids['second'] ?? ''), ORG))).toBe('ok');
    expect(await outcome(members.leave(as(owner), ORG))).toBe('CONFLICT');
    expect(await outcome(members.changeRole(as(owner), ORG, owner, 'admin'))).toBe('CONFLICT');
    expect(await outcome(members.changeRole(by(OPERATOR), ORG, owner, 'viewer'))).toBe('CONFLICT');
    expect(await outcome(members.remove(by(OPERATOR), ORG, owner))).toBe('CONFLICT');
    expect(rolesIn()[owner]).toBe('owner');
  });

  test('an owner who is disabled is none that could be left', async () => {
    const { members, as, outcome, ids, users } = await staffed();
    await users.change((draft) => {
      const second = draft.get(ids['second'] ?? '');
      if (second !== undefined) draft.put({ ...second, status: 'disabled' });
    });
    expect(await outcome(members.leave(as(ids['owner'] ?? ''), ORG))).toBe('CONFLICT');
  });

  test('two owners who leave at once: one does', async () => {
    for (let round = 0; round < 20; round += 1) {
      const { members, as, outcome, ids, rolesIn } = await staffed();
      const outcomes = await Promise.all(
        ['owner', 'second'].map((name) => outcome(members.leave(as(ids[name] ?? ''), ORG))),
      );
      expect(outcomes.sort()).toEqual(['CONFLICT', 'ok']);
      expect(Object.values(rolesIn()).filter((role) => role === 'owner')).toHaveLength(1);
    }
  });

  test('two owners who remove each other at once: one stays', async () => {
    const { members, as, outcome, ids, rolesIn } = await staffed();
    const [one = '', two = ''] = [ids['owner'], ids['second']];
    const acts = [members.remove(as(one), ORG, two), members.remove(as(two), ORG, one)];
    expect((await Promise.all(acts.map(outcome))).filter((result) => result === 'ok')).toHaveLength(1);
    expect(Object.values(rolesIn()).filter((role) => role === 'owner')).toHaveLength(1);
  });
});

describe('removing and leaving', () => {
  test.each<[string, string, string]>([
    ['owner', 'second', 'ok'],
    ['owner', 'guest', 'ok'],
    ['admin', 'admin2', 'ok'],
    ['admin', 'owner', 'FORBIDDEN'],
    ['service key', 'admin', 'ok'],
    ['service key', 'owner', 'FORBIDDEN'],
    ['operator', 'owner', 'ok'],
    ['stranger', 'viewer', 'FORBIDDEN'],
    ['owner', 'stranger', 'NOT_FOUND'],
  ])('%s removes %s: %s', async (by, of, expected) => {
    const tenants = await staffed();
    const actor =
      by === 'operator'
        ? tenants.by(OPERATOR)
        : by === 'service key'
          ? tenants.by(keyPrincipal())
          : tenants.as(tenants.ids[by] ?? '');
    const before = Object.keys(tenants.rolesIn()).length;
    expect(await tenants.outcome(tenants.members.remove(actor, ORG, tenants.ids[of] ?? ''))).toBe(expected);
    expect(Object.keys(tenants.rolesIn())).toHaveLength(expected === 'ok' ? before - 1 : before);
    expect(tenants.rolesIn('org_other')).toEqual({ [tenants.ids['stranger'] ?? '']: 'owner' });
  });

  test('anybody leaves who is in it, and nobody where they are not', async () => {
    const { members, as, outcome, ids } = await staffed();
    for (const name of ['admin', 'member', 'viewer', 'guest'])
      expect(await outcome(members.leave(as(ids[name] ?? ''), ORG)), name).toBe('ok');
    expect(await outcome(members.leave(as(ids['stranger'] ?? ''), ORG))).toBe('FORBIDDEN');
  });

  test('invites that somebody made go with the role that made them', async () => {
    const { members, invitations, as, ids, users, by } = await staffed();
    const admin = ids['admin'] ?? '';
    const invite = (actor: string, email: string, role: GrantedRole) =>
      invitations.create(as(ids[actor] ?? ''), ORG, { email, role });
    await invite('admin', 'back-door@example.com', 'admin');
    await invite('admin2', 'kept@example.com', 'admin');
    await invite('owner', 'boss@example.com', 'owner');
    await invite('owner', 'help@example.com', 'viewer');
    const open = () => invitations.list(by(OPERATOR).bounds, ORG, { limit: 50 }).data.map(({ email }) => email);

    await members.remove(as(ids['owner'] ?? ''), ORG, admin);
    expect(open()).toEqual(['kept@example.com', 'boss@example.com', 'help@example.com']);
    await members.changeRole(as(ids['second'] ?? ''), ORG, ids['owner'] ?? '', 'admin');
    expect(open(), 'an admin could not have made an owner').toEqual(['kept@example.com', 'help@example.com']);
    await members.changeRole(as(ids['second'] ?? ''), ORG, ids['owner'] ?? '', 'member');
    expect(open(), 'a member could not have made any').toEqual(['kept@example.com']);
    expect([...users.values()].flatMap(({ invites }) => invites)).toHaveLength(1);
  });

  test('each change is one line of the audit, without an address', async () => {
    const { members, as, ids, audited } = await staffed();
    await members.changeRole(as(ids['owner'] ?? ''), ORG, ids['viewer'] ?? '', 'member');
    await members.remove(as(ids['owner'] ?? ''), ORG, ids['viewer'] ?? '');
    await members.leave(as(ids['member'] ?? ''), ORG);
    expect(audited).toMatchObject([
      { action: 'member.role', target: ids['viewer'], organizationId: ORG, detail: { from: 'viewer', to: 'member' } },
      { action: 'member.remove', target: ids['viewer'], organizationId: ORG, detail: { role: 'member' } },
      { action: 'member.leave', target: ids['member'], actor: ids['member'], organizationId: ORG },
    ]);
    expect(JSON.stringify(audited)).not.toContain('@');
  });
});

test('members are listed page by page, and only those of the organization', async () => {
  const { members, by, ids } = await staffed();
  const seen: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = members.list(by(OPERATOR).bounds, ORG, { limit: 3, cursor });
    seen.push(...page.data.map(({ email }) => email));
    if (page.nextCursor === null) break;
    cursor = page.nextCursor;
  }
  expect(seen).toEqual(
    ['owner', 'second', 'admin', 'admin2', 'member', 'viewer', 'guest'].map((name) => `${name}@example.com`),
  );
  const foreign = () => members.list(by(OPERATOR).bounds, ORG, { limit: 3, cursor: ids['stranger'] });
  expect(foreign).toThrow('BAD_REQUEST');
});
