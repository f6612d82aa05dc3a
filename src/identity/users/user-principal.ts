import { ROLE_SCOPES, type Role } from '../../contract/roles.js';
import type { Person, Principal } from '../../kernel/principal.js';
import { holdsScope, type ScopeSet } from '../../kernel/scopes.js';
import type { UserRecord } from './record.js';

const SCOPES_OF = Object.fromEntries(
  Object.entries(ROLE_SCOPES).map(([role, scopes]) => [role, new Set(scopes)]),
) as unknown as Readonly<Record<Role, ScopeSet>>;
const NONE: ScopeSet = new Set();
const EVERYTHING: ScopeSet = new Set(['*']);

/**
 * Who a signed-in user is: a principal that acts in no organization yet, and behind `person` one for each that the
 * guard may put in its place. Made once for a session and shared by its requests until the record changes.
 */
export function principalOfUser(record: UserRecord, sessionId: string): Principal {
  const memberships = new Map<string, Principal>();
  const shared = {
    kind: 'user',
    id: record.id,
    operator: false,
    role: null,
    workspaceIds: null,
    credentialIds: [],
    allowedIps: [],
    allowedOrigins: [],
    environment: null,
    expiresAtMs: null,
    rateLimit: null,
    keyId: null,
    traded: false,
  } as const;
  const instance = record.instanceOperator
    ? { ...shared, operator: true, organizationId: null, scopes: EVERYTHING, credentialIds: null }
    : null;
  // Every principal knows the person and the person every principal, so the instance's one is finished below.
  const person: { -readonly [K in keyof Person]: Person[K] } = { sessionId, memberships, instance: null };
  person.instance = instance === null ? null : Object.freeze({ ...instance, person });
  for (const { organizationId, role } of record.memberships) {
    const scopes = SCOPES_OF[role];
    const credentialIds = holdsScope(scopes, 'credentials:use') ? null : [];
    memberships.set(organizationId, Object.freeze({ ...shared, organizationId, role, scopes, credentialIds, person }));
  }
  Object.freeze(person);
  return Object.freeze({ ...shared, organizationId: null, scopes: NONE, person });
}

/** Who they are in one organization, for work that goes on when they have left; `null`: no member of it. */
export function memberPrincipal(record: UserRecord, organizationId: string): Principal | null {
  return principalOfUser(record, '').person?.memberships.get(organizationId) ?? null;
}
