import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GrantedRole, ROLE_SCOPES, ROLES, type Role } from '../../src/contract/roles.js';
import { missingScopes } from '../../src/kernel/scopes.js';
import { keyPrincipal, OPERATOR, openTenants } from './tenants.js';

const PEOPLE = 5;
const person = fc.integer({ min: 0, max: PEOPLE - 1 });

/** `null`: an operator; `key`: a service key; a number: one of the people. */
const actors = fc.oneof(
  { weight: 6, arbitrary: person },
  { weight: 1, arbitrary: fc.constantFrom<'operator' | 'key'>('operator', 'key') },
);

const acts = fc.oneof(
  fc.record({
    what: fc.constant('role' as const),
    by: actors,
    of: person,
    role: fc.constantFrom(...GrantedRole.options),
  }),
  fc.record({ what: fc.constant('remove' as const), by: actors, of: person }),
  fc.record({ what: fc.constant('leave' as const), by: person }),
  fc.record({ what: fc.constant('invite' as const), by: actors, role: fc.constantFrom(...GrantedRole.options) }),
);

const strength = (role: Role) => ROLES.length - ROLES.indexOf(role);

test('A7, K11: whatever members do, nobody is given more than the giver held, and there is always an owner', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom<Role>(...ROLES), { minLength: PEOPLE - 1, maxLength: PEOPLE - 1 }),
      // What stands in one list is done at once, on what everybody was before.
      fc.array(fc.array(acts, { minLength: 1, maxLength: 3 }), { maxLength: 8 }),
      async (roles, rounds) => {
        const tenants = await openTenants();
        const ids: string[] = [];
        for (const [index, role] of (['owner', ...roles] as const).entries())
          ids.push(await tenants.add(`u${index}`, { org_default: role }));
        for (const round of rounds) {
          const before = tenants.rolesIn();
          const invitesBefore = new Set(
            [...tenants.users.values()].flatMap(({ invites }) => invites.map(({ id }) => id)),
          );
          const outcomes = round.map((act) => {
            const actor =
              act.by === 'operator'
                ? tenants.by(OPERATOR)
                : act.by === 'key'
                  ? tenants.by(keyPrincipal())
                  : tenants.as(ids[act.by] ?? '');
            // As the guard: what needs members:write is not tried without it.
            if (act.what !== 'leave' && missingScopes(actor.bounds.principal.scopes, ['members:write']).length > 0)
              return null;
            const of = 'of' in act ? (ids[act.of] ?? '') : '';
            if (act.what === 'role') return tenants.members.changeRole(actor, 'org_default', of, act.role);
            if (act.what === 'remove') return tenants.members.remove(actor, 'org_default', of);
            if (act.what === 'leave') return tenants.members.leave(actor, 'org_default');
            const email = `invited-${Math.random()}@example.com`;
            return tenants.invitations.create(actor, 'org_default', { email, role: act.role });
          });
          await Promise.all(outcomes.map((outcome) => (outcome === null ? null : tenants.outcome(outcome))));

          const after = tenants.rolesIn();
          expect(Object.values(after).filter((role) => role === 'owner').length).toBeGreaterThan(0);
          /** The most that anybody who acted in this round could give. */
          const held = Math.max(
            0,
            ...round.map(({ by }) =>
              by === 'operator'
                ? strength('owner')
                : by === 'key'
                  ? strength('member')
                  : strength(before[ids[by] ?? ''] ?? 'guest'),
            ),
          );
          for (const [id, role] of Object.entries(after)) {
            const was = before[id];
            expect(was, 'nobody joins but by an invite').toBeDefined();
            if (was === undefined || strength(role) <= strength(was)) continue;
            expect(strength(role)).toBeLessThanOrEqual(held);
            expect(was, 'a guest is made more by an invite alone').not.toBe('guest');
          }
          const owners = Object.entries(before).filter(([, role]) => role === 'owner');
          const touched = owners.some(([id]) => after[id] !== 'owner');
          const mayTouch = round.some(
            ({ by }) => by === 'operator' || (typeof by === 'number' && before[ids[by] ?? ''] === 'owner'),
          );
          if (touched) expect(mayTouch, 'an owner was touched').toBe(true);
          for (const invite of [...tenants.users.values()].flatMap(({ invites }) => invites)) {
            if (!invitesBefore.has(invite.id)) expect(strength(invite.role)).toBeLessThanOrEqual(held);
          }
        }
      },
    ),
    { numRuns: 40 },
  );
});

test('A7: a stronger role holds all that a weaker one does', () => {
  for (const [index, role] of ROLES.entries()) {
    for (const weaker of ROLES.slice(index))
      expect(missingScopes(new Set(ROLE_SCOPES[role]), ROLE_SCOPES[weaker]), `${role} ${weaker}`).toEqual([]);
  }
});
