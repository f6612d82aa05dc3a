import type { Role } from '../../src/contract/roles.js';
import { ROLE_SCOPES } from '../../src/contract/roles.js';
import type { Person, Principal } from '../../src/kernel/principal.js';
import { principal } from './gate.js';

/** A user with a role in each of some organizations, as the guard is given one: not placed in any yet. */
export function user(roles: Readonly<Record<string, Role>>, { operator = false } = {}): Principal {
  const memberships = new Map<string, Principal>();
  const blank = { kind: 'user', id: 'usr_one', environment: null, keyId: null } as const;
  const person: Person = {
    sessionId: 'ses_one',
    memberships,
    instance: operator ? principal({ ...blank, organizationId: null, operator: true, scopes: new Set(['*']) }) : null,
  };
  for (const [organizationId, role] of Object.entries(roles)) {
    memberships.set(
      organizationId,
      principal({ ...blank, organizationId, role, person, scopes: new Set(ROLE_SCOPES[role]) }),
    );
  }
  return principal({ ...blank, organizationId: null, scopes: new Set(), person });
}
