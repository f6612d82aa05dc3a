import { describe, expect, test } from 'vitest';
import { ROLE_SCOPES, ROLES, type Role } from '../../src/contract/roles.js';
import { ROUTES, type RouteId, type RouteSpec } from '../../src/contract/routes.js';
import { POLICIES } from '../../src/guard/policy.js';
import { missingScopes } from '../../src/kernel/scopes.js';
import { facts, gateOf, SIGNED_IN } from './gate.js';
import { user } from './people.js';

const routes = Object.entries<RouteSpec>(ROUTES) as [RouteId, RouteSpec][];

/** Whether a user of these roles is let in, in `org_default` where the path names an organization. */
function admitted(id: RouteId, role: Role, operator: boolean): boolean {
  const { method, path } = ROUTES[id] as RouteSpec;
  const organizationId = path.includes(':organizationId') ? 'org_default' : undefined;
  const workspaceId = path.includes(':workspaceId') ? 'mine' : undefined;
  const named = organizationId === undefined && workspaceId === undefined ? null : { organizationId, workspaceId };
  const gate = gateOf(user({ org_default: role }, { operator }));
  return gate.guard.decide(facts({ rawHeaders: SIGNED_IN, method, named }), POLICIES[id]).allow;
}

/** What a guest may do: know who they are, and be gone. */
const OF_GUESTS = routes.flatMap(([id, { reach, authModes }]) =>
  authModes.includes('public') || (reach === 'none' && authModes.includes('jwt')) ? [id] : [],
);

describe('A7: every route of the table', () => {
  test('a guest passes no management route', () => {
    const passed = routes.flatMap(([id]) => (admitted(id, 'guest', false) ? [id] : []));
    // Whom the guard lets through to `explain`, its room still asks whether they are more than guests; of the events and
    // the names, each is told to those who hold its own scope.
    expect(passed.sort()).toEqual([...OF_GUESTS, 'explain', 'leaveOrganization', 'listNames', 'listenEvents'].sort());
    // Written out, so that a route that is made wider by mistake does not widen what is expected here.
    for (const id of passed)
      expect(ROUTES[id].path).toMatch(
        /^(\/api\/auth\/|\/healthz|\/readyz|\/\.well-known\/|\/api\/explain$|\/api\/events$|\/api\/names$|\/api\/organizations(\/:organizationId\/leave)?$)/,
      );
  });

  test.each(ROLES)('an %s passes what their scopes say, and no route of operators', (role) => {
    for (const [id, route] of routes) {
      const open = route.authModes.includes('public');
      const takesUsers = route.authModes.includes('jwt') && route.reach !== 'instance';
      const holds = missingScopes(new Set(ROLE_SCOPES[role]), route.scopes).length === 0;
      expect(admitted(id, role, false), id).toBe(open || (takesUsers && holds));
    }
  });

  test('an owner at every route of operators is refused, and a viewer who rules the instance is not', () => {
    const ofOperators = routes.filter(([, { reach }]) => reach === 'instance');
    expect(ofOperators.length).toBeGreaterThan(5);
    for (const [id, { authModes }] of ofOperators) {
      expect(admitted(id, 'owner', false), id).toBe(false);
      expect(admitted(id, 'viewer', true), id).toBe(authModes.includes('jwt'));
    }
  });

  test('ruling the instance gives no role in an organization', () => {
    for (const [id, route] of routes) {
      if (route.reach === 'instance' || route.reach === 'either') continue;
      for (const role of ROLES) expect(admitted(id, role, true), `${id} ${role}`).toBe(admitted(id, role, false));
    }
  });
});
