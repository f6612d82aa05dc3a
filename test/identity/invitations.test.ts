import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Entitlements } from '../../src/contract/organizations.js';
import { GrantedRole, type Role } from '../../src/contract/roles.js';
import { UNLIMITED } from '../../src/identity/organizations/directory.js';
import { sha256 } from '../../src/kernel/digest.js';
import { DAY } from '../support/clock.js';
import { keyPrincipal, OPERATOR, openTenants, type Tenants } from './tenants.js';

const ORG = 'org_default';

async function limit(tenants: Tenants, limits: Partial<Entitlements>): Promise<void> {
  await tenants.organizations.setEntitlements(tenants.by(OPERATOR), ORG, { ...UNLIMITED, ...limits });
}

describe('an invite', () => {
  test('A7: is shown once as a link whose secret is kept as a digest only', async () => {
    const tenants = await openTenants({ publicUrl: 'https://gate.example.com' });
    const owner = await tenants.add('owner', { [ORG]: 'owner' });
    const made = await tenants.invitations.create(tenants.as(owner), ORG, { email: 'new@example.com', role: 'admin' });
    const token = made.path.slice('/invite#'.length);
    expect(made).toEqual({
      invite: {
        id: expect.stringMatching(/^inv_[0-9A-Za-z]{22}$/),
        email: 'new@example.com',
        role: 'admin',
        createdAt: '2026-11-22T12:00:00.000Z',
        createdBy: owner,
        expiresAt: '2026-11-29T12:00:00.000Z',
      },
      path: expect.stringMatching(/^\/invite#[0-9A-Za-z]{43}$/),
      url: `https://gate.example.com${made.path}`,
      mailed: false,
    });
    const file = await readFile(join(tenants.folder, '.gatehouse', 'users.json'), 'utf8');
    expect(file).toContain(sha256(token));
    for (const kept of [file, JSON.stringify(tenants.audited), JSON.stringify(tenants.letters)])
      expect(kept).not.toContain(token);
    expect(tenants.audited.slice(-1)).toMatchObject([
      { action: 'invite.create', target: made.invite.id, organizationId: ORG, detail: { role: 'admin' } },
    ]);
    expect(JSON.stringify(tenants.audited)).not.toContain('@');
  });

  test('tells nothing about whether the address has an account, or how that writes it', async () => {
    const tenants = await openTenants();
    await tenants.add(
      'known',
      { org_elsewhere: 'member' },
      { email: 'KNOWN@example.com', emailKey: 'known@example.com' },
    );
    await tenants.add('off', {}, { status: 'disabled' });
    const answers = [];
    for (const email of ['known@example.com', 'unknown@example.com', 'off@example.com']) {
      const { invite, ...rest } = await tenants.invitations.create(tenants.by(OPERATOR), ORG, {
        email,
        role: 'viewer',
      });
      expect(invite.email).toBe(email);
      answers.push({ ...rest, path: rest.path.length, invite: { ...invite, id: '', email: '' } });
    }
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[2]).toEqual(answers[1]);
  });

  test('of one address in another spelling replaces the open one, and of another organization does not', async () => {
    const tenants = await openTenants();
    const other = await tenants.organizations.create(tenants.by(OPERATOR), 'Other');
    const invite = (organizationId: string, email: string) =>
      tenants.invitations.create(tenants.by(OPERATOR), organizationId, { email, role: 'member' });
    const first = await invite(ORG, 'ada@example.com');
    const second = await invite(ORG, ' Ada@EXAMPLE.com');
    const third = await invite(other.id, 'ada@example.com');
    const [record, ...more] = [...tenants.users.values()];
    expect(more).toEqual([]);
    expect(record?.invites.map(({ id }) => id)).toEqual([second.invite.id, third.invite.id]);
    expect(record?.invites.map(({ id }) => id)).not.toContain(first.invite.id);
    expect(tenants.invitations.list(tenants.by(OPERATOR).bounds, ORG, { limit: 50 }).data).toEqual([second.invite]);
  });

  test.each([
    'not an address',
    'a@b',
    'ad\u200ba@example.com',
    '\u0430da@example.com',
    `${'a'.repeat(65)}@example.com`,
  ])('R3: is not made for %j', async (email) => {
    const { invitations, by, outcome, users } = await openTenants();
    expect(await outcome(invitations.create(by(OPERATOR), ORG, { email, role: 'viewer' }))).toBe('BAD_REQUEST');
    expect(users.size).toBe(0);
  });

  test('ends after seven days, and is not listed then', async () => {
    const tenants = await openTenants();
    await tenants.invitations.create(tenants.by(OPERATOR), ORG, { email: 'new@example.com', role: 'viewer' });
    const open = () => tenants.invitations.list(tenants.by(OPERATOR).bounds, ORG, { limit: 50 }).data.length;
    tenants.clock.advance(7 * DAY - 1);
    expect(open()).toBe(1);
    tenants.clock.advance(1);
    expect(open()).toBe(0);
  });

  test('is mailed to where the account has its letters, where mail goes out', async () => {
    const tenants = await openTenants({ mail: true, publicUrl: 'https://gate.example.com' });
    await tenants.add('ada', {}, { email: 'Ada@example.com', emailKey: 'ada@example.com' });
    const made = await tenants.invitations.create(tenants.by(OPERATOR), ORG, {
      email: 'ada@example.com',
      role: 'viewer',
    });
    expect(made.mailed).toBe(true);
    expect(tenants.letters).toMatchObject([
      { to: 'Ada@example.com', subject: 'Invitation to Default', link: { url: made.url }, kind: 'invite' },
    ]);
    const silent = await openTenants({ mail: false, publicUrl: 'https://gate.example.com' });
    await silent.invitations.create(silent.by(OPERATOR), ORG, { email: 'ada@example.com', role: 'viewer' });
    expect(silent.letters).toEqual([]);
  });
});

describe('A7, K11: who may invite whom as what', () => {
  const MAY: [by: string, roles: readonly Role[]][] = [
    ['owner', ['owner', 'admin', 'member', 'viewer']],
    ['admin', ['admin', 'member', 'viewer']],
    ['operator', ['owner', 'admin', 'member', 'viewer']],
    ['service key', ['member', 'viewer']],
    ['stranger', []],
  ];
  test.each(MAY)('%s: %j', async (by, roles) => {
    const tenants = await openTenants();
    await tenants.organizations.create(tenants.by(OPERATOR), 'Other');
    const ids: Record<string, string> = {
      owner: await tenants.add('owner', { [ORG]: 'owner' }),
      admin: await tenants.add('admin', { [ORG]: 'admin' }),
      stranger: await tenants.add('stranger', { org_elsewhere: 'owner' }),
    };
    const actor =
      by === 'operator'
        ? tenants.by(OPERATOR)
        : by === 'service key'
          ? tenants.by(keyPrincipal())
          : tenants.as(ids[by] ?? '');
    for (const role of GrantedRole.options) {
      const act = tenants.invitations.create(actor, ORG, { email: `new-${role}@example.com`, role });
      expect(await tenants.outcome(act), role).toBe(roles.includes(role) ? 'ok' : 'FORBIDDEN');
    }
    expect(tenants.users.size).toBe(3 + roles.length);
  });

  test('an invite of an owner is replaced and withdrawn by owners and operators alone', async () => {
    const tenants = await openTenants();
    const { invitations, as, by, outcome } = tenants;
    const owner = await tenants.add('owner', { [ORG]: 'owner' });
    const admin = await tenants.add('admin', { [ORG]: 'admin' });
    const { invite } = await invitations.create(as(owner), ORG, { email: 'boss@example.com', role: 'owner' });
    const replace = invitations.create(as(admin), ORG, { email: 'boss@example.com', role: 'viewer' });
    expect(await outcome(replace)).toBe('FORBIDDEN');
    expect(await outcome(invitations.withdraw(as(admin), ORG, invite.id))).toBe('FORBIDDEN');
    expect(await outcome(invitations.withdraw(by(keyPrincipal()), ORG, invite.id))).toBe('FORBIDDEN');
    expect(invitations.list(as(admin).bounds, ORG, { limit: 50 }).data).toEqual([invite]);
    expect(await outcome(invitations.withdraw(as(owner), ORG, invite.id))).toBe('ok');
  });

  test('members are not invited, guests are', async () => {
    const tenants = await openTenants();
    await tenants.add('member', { [ORG]: 'viewer' });
    await tenants.add('guest', { [ORG]: 'guest' });
    const invite = (email: string) =>
      tenants.outcome(tenants.invitations.create(tenants.by(OPERATOR), ORG, { email, role: 'member' }));
    expect(await invite('member@example.com')).toBe('CONFLICT');
    expect(await invite('guest@example.com')).toBe('ok');
  });
});

describe('withdrawing', () => {
  test('takes the invite, and the record that was made for nothing else', async () => {
    const tenants = await openTenants();
    const { invitations, by, users, outcome } = tenants;
    await tenants.add('known', {});
    const made = await Promise.all(
      ['known@example.com', 'unknown@example.com'].map((email) =>
        invitations.create(by(OPERATOR), ORG, { email, role: 'viewer' }),
      ),
    );
    for (const { invite } of made) expect(await outcome(invitations.withdraw(by(OPERATOR), ORG, invite.id))).toBe('ok');
    expect([...users.values()].map(({ emailKey, invites }) => [emailKey, invites])).toEqual([
      ['known@example.com', []],
    ]);
    expect(await outcome(invitations.withdraw(by(OPERATOR), ORG, made[0]?.invite.id ?? ''))).toBe('NOT_FOUND');
  });

  test('of another organization answers like one that does not exist', async () => {
    const tenants = await openTenants();
    const { invitations, by, users } = tenants;
    const other = await tenants.organizations.create(by(OPERATOR), 'Other');
    const { invite } = await invitations.create(by(OPERATOR), other.id, { email: 'a@example.com', role: 'viewer' });
    const words = (id: string) =>
      invitations.withdraw(by(OPERATOR), ORG, id).catch((error) => `${error.code} ${error.detail}`);
    expect(await words(invite.id)).toBe(await words('inv_0000000000000000000000'));
    expect([...users.values()][0]?.invites).toHaveLength(1);
  });
});

test('what ended unused is purged, with the records that were made for nothing else, and nothing besides', async () => {
  const tenants = await openTenants();
  const { invitations, by, users, clock } = tenants;
  await tenants.add('known', {});
  await tenants.add('waiting', { [ORG]: 'viewer' }, { status: 'invited' });
  const invite = (email: string) => invitations.create(by(OPERATOR), ORG, { email, role: 'viewer' });
  await invite('known@example.com');
  await invite('unknown@example.com');
  clock.advance(DAY);
  await invite('later@example.com');
  const lines = tenants.audited.length;
  await invitations.purge();
  expect(tenants.audited, 'nothing is over yet').toHaveLength(lines);
  clock.advance(6 * DAY);
  await invitations.purge();
  expect([...users.values()].map(({ emailKey, invites }) => [emailKey, invites.length])).toEqual([
    ['known@example.com', 0],
    ['waiting@example.com', 0],
    ['later@example.com', 1],
  ]);
  expect(tenants.audited.slice(lines)).toMatchObject([{ action: 'invite.purge', detail: { addresses: 2 } }]);
});

describe('A7: members and open invites together are limited', () => {
  test('the refusal names the limit, what there is, and who can raise it', async () => {
    const tenants = await openTenants();
    await limit(tenants, { members: 2 });
    await tenants.add('one', { [ORG]: 'owner' });
    await tenants.add('guest', { [ORG]: 'guest' });
    await tenants.add('elsewhere', { org_elsewhere: 'owner' });
    const invite = (email: string) => tenants.invitations.create(tenants.by(OPERATOR), ORG, { email, role: 'viewer' });
    await invite('two@example.com');
    const refusal = await invite('three@example.com').catch((error) => error);
    expect(refusal).toMatchObject({ code: 'ENTITLEMENT_REACHED', status: 403 });
    expect(refusal.detail).toBe(
      'This organization may have 2 members and open invites and has 2. An operator can raise the limit.',
    );
    // The same address again is the same place.
    expect(await tenants.outcome(invite('two@example.com'))).toBe('ok');
    expect(await tenants.outcome(invite('guest@example.com'))).toBe('ENTITLEMENT_REACHED');
    expect(tenants.organizations.entitlements(tenants.by(OPERATOR).bounds, ORG).used.members).toBe(2);
    tenants.clock.advance(7 * DAY);
    expect(await tenants.outcome(invite('three@example.com')), 'an invite that ended is no member').toBe('ok');
  });

  test('of twenty invites at once exactly those pass that there is room for', async () => {
    const tenants = await openTenants();
    await limit(tenants, { members: 3 });
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        tenants.outcome(
          tenants.invitations.create(tenants.by(OPERATOR), ORG, { email: `u${index}@example.com`, role: 'viewer' }),
        ),
      ),
    );
    expect(outcomes.filter((result) => result === 'ok')).toHaveLength(3);
    expect(tenants.users.size).toBe(3);
  });

  test('of twenty invites of one address at once one is left', async () => {
    const tenants = await openTenants();
    const made = await Promise.all(
      Array.from({ length: 20 }, () =>
        tenants.invitations.create(tenants.by(OPERATOR), ORG, { email: 'one@example.com', role: 'viewer' }),
      ),
    );
    const [record, ...more] = [...tenants.users.values()];
    expect(more).toEqual([]);
    expect(record?.invites.map(({ id }) => id)).toEqual([made[made.length - 1]?.invite.id]);
  });
});
