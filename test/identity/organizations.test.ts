import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { UNLIMITED } from '../../src/identity/organizations/directory.js';
import type { Principal } from '../../src/kernel/principal.js';
import { keyPrincipal, OPERATOR, openTenants, type Tenants } from './tenants.js';

const ORG = 'org_default';
const PAGE = { limit: 50 };

const fileOf = ({ folder }: Tenants) => join(folder, '.gatehouse', 'organizations.json');

/** A user who rules the instance, as the routes of the instance see them. */
function ruler(tenants: Tenants, userId: string): Principal {
  const { person } = tenants.as(userId, 'nowhere').bounds.principal;
  if (person?.instance == null) throw new Error('no operator');
  return person.instance;
}

describe('org_default', () => {
  test('A7: is there from first run, in the file', async () => {
    const tenants = await openTenants();
    expect(JSON.parse(await readFile(fileOf(tenants), 'utf8')).organizations).toEqual([
      {
        id: ORG,
        name: 'Default',
        entitlements: UNLIMITED,
        createdAt: '2026-11-22T12:00:00.000Z',
        createdBy: 'gatehouse',
      },
    ]);
  });

  test('A7: stays, for everybody in it, when the list is emptied by hand, and can be changed then', async () => {
    const tenants = await openTenants();
    const { directory, organizations, by } = tenants;
    const owner = await tenants.add('owner', { [ORG]: 'owner' });
    const list = JSON.parse(await readFile(fileOf(tenants), 'utf8'));
    await writeFile(fileOf(tenants), JSON.stringify({ ...list, organizations: [] }));
    await vi.waitFor(() => expect(directory.records.size).toBe(0), { timeout: 5000 });
    expect(directory.has(ORG)).toBe(true);
    expect(organizations.show(tenants.as(owner).bounds, ORG).name).toBe('Default');
    expect(organizations.list(by(OPERATOR).bounds, PAGE).data).toHaveLength(1);
    await organizations.rename(tenants.as(owner), ORG, 'Again');
    expect(JSON.parse(await readFile(fileOf(tenants), 'utf8')).organizations).toMatchObject([{ name: 'Again' }]);
  });

  test('A7: of a list without it is there all the same', async () => {
    const tenants = await openTenants();
    await writeFile(fileOf(tenants), (await readFile(fileOf(tenants), 'utf8')).replace('org_default', 'org_x'));
    await vi.waitFor(() => expect(tenants.directory.has('org_x')).toBe(true), { timeout: 5000 });
    expect(tenants.directory.has(ORG)).toBe(true);
    expect(tenants.directory.only()).toBeNull();
    expect(tenants.directory.all().map(({ id }) => id)).toEqual([ORG, 'org_x']);
  });
});

describe('making one', () => {
  test('A7: a user who rules the instance becomes its owner, the host invites one', async () => {
    const tenants = await openTenants();
    const { organizations, by } = tenants;
    const user = await tenants.add('ruler', { [ORG]: 'viewer' }, { instanceOperator: true });
    const mine = await organizations.create(by(ruler(tenants, user)), 'Mine');
    const theirs = await organizations.create(by(OPERATOR), 'Theirs');
    expect(tenants.rolesIn(mine.id)).toEqual({ [user]: 'owner' });
    expect(tenants.rolesIn(theirs.id)).toEqual({});
    expect(tenants.rolesIn()).toEqual({ [user]: 'viewer' });
    expect(mine).toMatchObject({ id: expect.stringMatching(/^org_[0-9A-Za-z]{22}$/), name: 'Mine', createdBy: user });
    expect(tenants.settled, 'the first one keeps its folders').toBe(2);
    expect(tenants.audited.map(({ action, organizationId }) => [action, organizationId])).toEqual([
      ['organization.create', mine.id],
      ['organization.create', theirs.id],
    ]);
  });

  test('leaves none behind when its owner cannot be written', async () => {
    const tenants = await openTenants();
    const user = await tenants.add('ruler', {}, { instanceOperator: true });
    const principal = ruler(tenants, user);
    await tenants.users.change((draft) => draft.remove(user));
    expect(await tenants.outcome(tenants.organizations.create(tenants.by(principal), 'Mine'))).toBe('CONFLICT');
    expect(tenants.directory.all().map(({ id }) => id)).toEqual([ORG]);
  });
});

describe('who sees which', () => {
  test('A7: members theirs, keys their own, operators all', async () => {
    const tenants = await openTenants();
    const { organizations, by } = tenants;
    const a = await organizations.create(by(OPERATOR), 'A');
    const b = await organizations.create(by(OPERATOR), 'B');
    const both = await tenants.add('both', { [a.id]: 'viewer', [b.id]: 'owner' });
    const guest = await tenants.add('guest', { [ORG]: 'guest' });
    const user = await tenants.add('ruler', { [ORG]: 'viewer' }, { instanceOperator: true });
    const seen = (principal: Principal) => organizations.list(by(principal).bounds, PAGE).data.map(({ id }) => id);
    expect(seen(tenants.as(both, 'nowhere').bounds.principal)).toEqual([a.id, b.id]);
    expect(seen(tenants.as(guest, 'nowhere').bounds.principal)).toEqual([ORG]);
    expect(seen(keyPrincipal({ organizationId: b.id }))).toEqual([b.id]);
    expect(seen(OPERATOR)).toEqual([ORG, a.id, b.id]);
    expect(seen(tenants.as(user, 'nowhere').bounds.principal)).toEqual([ORG, a.id, b.id]);
  });

  test('pages go on where they ended, and a foreign cursor is refused', async () => {
    const tenants = await openTenants();
    const { organizations, by } = tenants;
    const { bounds } = by(OPERATOR);
    const a = await organizations.create(by(OPERATOR), 'A');
    expect(organizations.list(bounds, { limit: 1 })).toMatchObject({ data: [{ id: ORG }], nextCursor: ORG });
    expect(organizations.list(bounds, { limit: 1, cursor: ORG })).toMatchObject({
      data: [{ id: a.id }],
      nextCursor: null,
    });
    expect(() => organizations.list(by(keyPrincipal()).bounds, { limit: 1, cursor: a.id })).toThrow('BAD_REQUEST');
  });
});

describe('limits', () => {
  test('A7: are what operators set, hold at once, and say what there is', async () => {
    const tenants = await openTenants();
    const { organizations, directory, by } = tenants;
    const entitlements = { keys: 1, workspaces: 2, members: 3, requestsPerHour: 4 };
    const answer = await organizations.setEntitlements(by(OPERATOR), ORG, entitlements);
    expect(answer).toEqual({ entitlements, used: { keys: 0, workspaces: 0, members: 0 } });
    expect(directory.requestLimit(ORG)).toEqual({ requests: 4, windowSeconds: 3600 });
    expect(directory.limitOf(ORG, 'keys')).toBe(1);
    await organizations.setEntitlements(by(OPERATOR), ORG, UNLIMITED);
    expect(directory.requestLimit(ORG)).toBeNull();
    expect(directory.limitOf(ORG, 'keys')).toBeNull();
    expect(tenants.audited.map(({ detail }) => detail)).toEqual([entitlements, UNLIMITED]);
  });

  test('of an organization that does not exist there are none', async () => {
    const { directory } = await openTenants();
    for (const id of ['org_none', '__proto__', 'constructor', '']) {
      expect(directory.has(id), id).toBe(false);
      expect(directory.requestLimit(id), id).toBeNull();
      expect(directory.limitOf(id, 'keys'), id).toBeNull();
      expect(directory.nameOf(id), id).toBeNull();
    }
  });
});
