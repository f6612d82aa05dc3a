import { describe, expect, test } from 'vitest';
import type { RequestFacts } from '../../src/guard/guard.js';
import type { Policy } from '../../src/guard/policy.js';
import { type NamedIds, NO_ORGANIZATION, type Principal } from '../../src/kernel/principal.js';
import { facts, Gate, gateOf, policy, principal, SIGNED_IN, shown } from './gate.js';
import { user } from './people.js';

const asks = (over: Partial<RequestFacts> = {}) => facts({ rawHeaders: SIGNED_IN, ...over });
const forUsers = (over: Partial<Policy> = {}) => policy({ authModes: ['jwt'], ...over });

/** In which organization and as what the request is let in, or the refusal. */
function placed(who: Principal, named: NamedIds | null, over: Partial<Policy> = {}): string {
  const verdict = gateOf(who).decide(asks({ named }), forUsers(over));
  if (!verdict.allow) return shown(verdict);
  const { organizationId, role, operator } = verdict.principal;
  return `${organizationId ?? 'nowhere'} ${operator ? 'operator' : (role ?? 'unplaced')}`;
}

const one = user({ org_default: 'admin' });
const both = user({ org_default: 'viewer', org_other: 'owner' });
const nobody = user({});

describe('A7: every org-scoped call names or implies an organization', () => {
  test.each<[string, Principal, NamedIds | null, string]>([
    ['their only one is implied', one, null, 'org_default admin'],
    ['the one that is named', both, { organizationId: 'org_other' }, 'org_other owner'],
    ['the owner of a workspace that is named', both, { workspaceId: 'theirs' }, 'org_other owner'],
    ['the owner of another one', both, { workspaceId: 'mine' }, 'org_default viewer'],
    ['several, and none is named', both, null, 'bounds BAD_REQUEST'],
    ['a foreign one', one, { organizationId: 'org_other' }, 'bounds FORBIDDEN'],
    ['an unknown one', one, { organizationId: 'org_none' }, 'bounds FORBIDDEN'],
    ['a foreign workspace', one, { workspaceId: 'theirs' }, 'bounds NOT_FOUND'],
    ['an unknown workspace', one, { workspaceId: 'nowhere' }, 'bounds NOT_FOUND'],
    ['a workspace of nobody', one, { workspaceId: 'unassigned' }, 'bounds NOT_FOUND'],
    [
      'a workspace of their other organization',
      both,
      { organizationId: 'org_other', workspaceId: 'mine' },
      'bounds NOT_FOUND',
    ],
    ['somebody who is in none', nobody, { organizationId: 'org_default' }, 'bounds FORBIDDEN'],
  ])('%s', (_what, who, named, expected) => {
    expect(placed(who, named)).toBe(expected);
  });

  test('the refusal names the organizations to choose from, and no others', () => {
    const verdict = gateOf(both).decide(asks(), forUsers());
    expect(verdict.allow ? '' : verdict.error.detail).toMatch(/one of org_default, org_other\.$/);
  });

  test('a role holds in its own organization only', () => {
    const wants = { scopes: ['members:write'] };
    expect(placed(both, { organizationId: 'org_other' }, wants)).toBe('org_other owner');
    expect(placed(both, { organizationId: 'org_default' }, wants)).toBe('scopes FORBIDDEN');
  });
});

describe('what is for operators', () => {
  const ruler = user({ org_default: 'viewer' }, { operator: true });

  test('A7: an owner of every organization is no operator', () => {
    const owner = user({ org_default: 'owner', org_other: 'owner' });
    expect(placed(owner, null, { reach: 'instance', operatorOnly: true })).toBe('mode FORBIDDEN');
    expect(placed(owner, { organizationId: 'org_other' }, { reach: 'instance', operatorOnly: true })).toBe(
      'mode FORBIDDEN',
    );
  });

  test.each<[Policy['reach'], NamedIds | null, string]>([
    ['instance', null, 'nowhere operator'],
    ['instance', { organizationId: 'org_other' }, 'nowhere operator'],
    // In an organization they are what their role says; where they have none, nothing.
    ['organization', null, 'org_default viewer'],
    ['organization', { organizationId: 'org_other' }, 'bounds FORBIDDEN'],
    ['either', null, 'nowhere operator'],
    ['either', { organizationId: 'org_default' }, 'nowhere operator'],
    ['either', { organizationId: 'org_other' }, 'nowhere operator'],
    ['either', { organizationId: 'org_none' }, 'bounds FORBIDDEN'],
  ])('a user who rules the instance, on a route of reach %s that names %j: %s', (reach, named, expected) => {
    expect(placed(ruler, named, { reach, operatorOnly: reach === 'instance' })).toBe(expected);
  });

  test('a route of reach either is no way around the roles of others', () => {
    expect(placed(one, { organizationId: 'org_other' }, { reach: 'either' })).toBe('bounds FORBIDDEN');
    expect(placed(both, null, { reach: 'either' })).toBe('bounds BAD_REQUEST');
  });

  test('a workspace of nobody is theirs alone to see', () => {
    const seen = (who: Principal) => new Gate().guard.boundsFor(who).seesWorkspace('unassigned');
    expect(seen(principal({ kind: 'local', organizationId: null }))).toBe(true);
    expect(seen(principal())).toBe(false);
    expect(seen(both)).toBe(false);
  });

  test('who reaches every organization is still told when a workspace is not of the one that is named', () => {
    const { guard } = new Gate();
    const bounds = guard.boundsFor(principal({ kind: 'local', organizationId: null }));
    expect(() => bounds.require({ organizationId: 'org_other', workspaceId: 'mine' })).toThrow('NOT_FOUND');
    expect(() => bounds.require({ organizationId: 'org_other', workspaceId: 'unassigned' })).toThrow('NOT_FOUND');
    expect(bounds.require({ organizationId: 'org_other', workspaceId: 'theirs' })).toEqual({
      organizationId: 'org_other',
    });
  });

  test('who reaches every organization acts in the one whose workspace is named, and in none on one of nobody', () => {
    const bounds = new Gate().guard.boundsFor(principal({ kind: 'local', organizationId: null }));
    expect(bounds.require({ workspaceId: 'theirs' })).toEqual({ organizationId: 'org_other' });
    expect(bounds.require({ workspaceId: 'unassigned' })).toEqual({ organizationId: NO_ORGANIZATION });
    expect(bounds.require({})).toEqual({ organizationId: 'org_default' });
  });
});

describe('A7: what an organization may send in an hour', () => {
  const limits = {
    has: () => true,
    requestLimit: (id: string) => (id === 'org_other' ? { requests: 2, windowSeconds: 3600 } : null),
  };

  test('holds for all its callers together, whatever is left to each', () => {
    const gate = gateOf(both, { organizations: limits });
    const ask = (organizationId: string) => shown(gate.decide(asks({ named: { organizationId } }), forUsers()));
    expect([ask('org_other'), ask('org_other'), ask('org_other'), ask('org_default')]).toEqual([
      'allow usr_one',
      'allow usr_one',
      'rate RATE_LIMITED',
      'allow usr_one',
    ]);
  });

  test('counts a request once that names its organization in the body', () => {
    const gate = gateOf(both, { organizations: limits });
    const route = forUsers({ readsBody: true });
    const send = (organizationId: string) => {
      const head = asks({ method: 'POST' });
      const first = gate.decide(head, route);
      if (!first.allow) return shown(first);
      return shown(gate.guard.decideAgain({ ...head, inBody: { organizationId } }, route));
    };
    expect([send('org_other'), send('org_other'), send('org_other'), send('org_default')]).toEqual([
      'allow usr_one',
      'allow usr_one',
      'rate RATE_LIMITED',
      'allow usr_one',
    ]);
    expect(gate.windows.get('o:org_other')?.count).toBe(2);
  });

  test('counts a request once that names it in its path, body or not', () => {
    const gate = gateOf(both, { organizations: limits });
    const route = forUsers({ readsBody: true });
    const head = asks({ method: 'POST', named: { organizationId: 'org_other' } });
    gate.decide(head, route);
    gate.guard.decideAgain({ ...head, inBody: {} }, route);
    expect(gate.windows.get('o:org_other')?.count).toBe(1);
  });

  test('a workspace in the path does not hide an organization in the body', () => {
    const gate = gateOf(both);
    const route = forUsers({ readsBody: true });
    const head = asks({ method: 'POST', named: { workspaceId: 'unassigned' } });
    const again = gate.guard.decideAgain({ ...head, inBody: { organizationId: 'org_other' } }, route);
    // Judged as a member of org_other, of which that workspace is none.
    expect(shown(again)).toBe('bounds NOT_FOUND');
  });
});
