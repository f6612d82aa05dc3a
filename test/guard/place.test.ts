import { describe, expect, test } from 'vitest';
import { placePrincipal } from '../../src/guard/place.js';
import { LOCAL, type NamedIds } from '../../src/kernel/principal.js';
import { policy, principal } from './gate.js';
import { user } from './people.js';

const workspaces = {
  ownerOf: (id: string) => ({ mine: 'org_a', other: 'org_b', theirs: 'org_x' })[id],
};
const two = user({ org_a: 'viewer', org_b: 'admin' });

function place(
  who: ReturnType<typeof user>,
  named: NamedIds,
  over: Parameters<typeof policy>[0] = {},
  pending = false,
) {
  const { organizationId, role, operator, scopes } = placePrincipal(who, named, policy(over), workspaces, pending);
  return { organizationId, role, operator, scopes: [...scopes] };
}
const nowhere = { organizationId: null, role: null, operator: false, scopes: [] };

describe('A7: in which organization a user acts', () => {
  test('their only one, when none is named', () => {
    expect(place(user({ org_a: 'owner' }), {})).toMatchObject({
      organizationId: 'org_a',
      role: 'owner',
      scopes: ['*'],
    });
  });

  test('the one that is named, with the role they have there', () => {
    expect(place(two, { organizationId: 'org_a' })).toMatchObject({ role: 'viewer' });
    expect(place(two, { organizationId: 'org_b' })).toMatchObject({ role: 'admin' });
  });

  test('the owner of the workspace that is named', () => {
    expect(place(two, { workspaceId: 'other' })).toMatchObject({ organizationId: 'org_b' });
  });

  test('several and none named is refused with their names', () => {
    expect(() => place(two, {})).toThrow('Name one of org_a, org_b');
    // A workspace that is foreign says no more than one that does not exist.
    expect(() => place(two, { workspaceId: 'theirs' })).toThrow('Name one of org_a, org_b');
    expect(() => place(two, { workspaceId: 'nothing' })).toThrow('Name one of org_a, org_b');
  });

  test('while the body may still name one, all they hold anywhere is looked at, in no organization', () => {
    const placed = place(two, {}, {}, true);
    expect(placed).toMatchObject({ organizationId: null, operator: false });
    expect(placed.scopes).toEqual(expect.arrayContaining(['*', 'projects:read']));
  });

  test('a foreign organization leaves them nowhere, with nothing', () => {
    expect(place(two, { organizationId: 'org_x' })).toEqual(nowhere);
    expect(place(user({ org_a: 'owner' }), { organizationId: 'org_x' })).toEqual(nowhere);
  });

  test('members of nothing are nowhere', () => {
    expect(place(user({}), {})).toEqual(nowhere);
  });

  test('routes about the caller alone ask for none', () => {
    expect(place(two, {}, { reach: 'none' })).toEqual(nowhere);
  });

  test('only operators rule the instance, and only on its routes', () => {
    const instance = { operatorOnly: true, reach: 'instance' } as const;
    expect(place(user({ org_a: 'owner' }), {}, instance)).toEqual(nowhere);
    const operator = user({ org_a: 'viewer' }, { operator: true });
    expect(place(operator, {}, instance)).toMatchObject({ operator: true, scopes: ['*'] });
    expect(place(operator, {})).toMatchObject({ operator: false, role: 'viewer' });
    expect(place(operator, { organizationId: 'org_b' })).toEqual(nowhere);
  });

  test('keys and the owner of the files stay who they are', () => {
    const key = principal();
    expect(placePrincipal(key, { organizationId: 'org_x' }, policy(), workspaces, false)).toBe(key);
    expect(placePrincipal(LOCAL, {}, policy(), workspaces, false)).toBe(LOCAL);
  });
});
