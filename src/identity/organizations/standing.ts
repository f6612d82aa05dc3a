import { type GrantedRole, ROLE_SCOPES, ROLES, type Role } from '../../contract/roles.js';
import { GatehouseError } from '../../kernel/errors.js';
import type { Principal } from '../../kernel/principal.js';
import { missingScopes } from '../../kernel/scopes.js';
import type { UserRecord } from '../users/record.js';

/** Whether `role` is more than `other`. */
export function isAbove(role: Role, other: Role): boolean {
  return ROLES.indexOf(role) < ROLES.indexOf(other);
}

/**
 * Nobody gives a role above their own, and nobody hands out more than they hold (K11). A key has no role: it gives at
 * most `member`, since an admin may do what no key may (make service keys), and only when nothing bounds it that would
 * not bound the member.
 * @throws GatehouseError `FORBIDDEN`
 */
export function requireMayGive(by: Principal, role: GrantedRole): void {
  if (by.operator && !by.traded) return;
  const highest = by.kind === 'user' ? by.role : 'member';
  if (highest === null || isAbove(role, highest)) {
    throw new GatehouseError(
      'FORBIDDEN',
      `role: ${role} is more than you can give here. The highest is ${highest ?? 'none'}.`,
    );
  }
  const scopes = missingScopes(by.scopes, ROLE_SCOPES[role]);
  if (scopes.length > 0)
    throw new GatehouseError('FORBIDDEN', `role: ${role} holds what you do not: ${scopes.join(', ')}.`);
  if (by.kind === 'user') return;
  const bounds = boundsOfKey(by, role);
  if (bounds.length > 0)
    throw new GatehouseError('FORBIDDEN', `role: a member is not bound as this key is, by ${bounds.join(', ')}.`);
}

function boundsOfKey(by: Principal, role: GrantedRole): string[] {
  const usesCredentials = missingScopes(new Set(ROLE_SCOPES[role]), ['credentials:use']).length === 0;
  const bounds: [string, boolean][] = [
    ['workspaceIds', by.workspaceIds !== null],
    ['credentialIds', usesCredentials && by.credentialIds !== null],
    ['allowedIps', by.allowedIps.length > 0],
    ['allowedOrigins', by.allowedOrigins.length > 0],
    ['expiresAt', by.expiresAtMs !== null],
    ['rateLimit', by.rateLimit !== null],
  ];
  return bounds.flatMap(([name, binds]) => (binds ? [name] : []));
}

/**
 * Owners are touched by owners and operators alone.
 * @throws GatehouseError `FORBIDDEN`
 */
export function requireMayTouch(by: Principal, role: Role): void {
  if (role !== 'owner' || (by.operator && !by.traded) || by.role === 'owner') return;
  throw new GatehouseError('FORBIDDEN', 'This member is an owner: only owners and operators may change that.');
}

/**
 * Asked on the draft of a change: a user whose role was taken while their request waited must not act on it any more.
 * @throws GatehouseError `FORBIDDEN`
 */
export function requireSameRole(by: Principal, users: { get(id: string): UserRecord | undefined }): void {
  if (by.role === null || by.organizationId === null) return;
  const record = users.get(by.id);
  if (record !== undefined && roleIn(record, by.organizationId) === by.role) return;
  throw new GatehouseError('FORBIDDEN', 'Your role in this organization was changed meanwhile.');
}

export function roleIn(record: UserRecord, organizationId: string): Role | null {
  return record.memberships.find((membership) => membership.organizationId === organizationId)?.role ?? null;
}
