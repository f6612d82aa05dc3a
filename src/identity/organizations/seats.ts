import type { GrantedRole } from '../../contract/roles.js';
import { type EntitlementLimits, requireRoomFor } from '../../kernel/entitlements.js';
import type { Draft } from '../../store/collection.js';
import { isLive } from '../users/links.js';
import type { Invite, UserRecord } from '../users/record.js';
import { isAbove, roleIn } from './standing.js';

/** Members and open invites, as entitlements count them: guests came by themselves and are no members. */
export function countSeats(
  users: Iterable<UserRecord>,
  organizationId: string,
  nowMs: number,
  except?: string,
): number {
  let count = 0;
  for (const record of users) {
    if (record.id === except) continue;
    const role = roleIn(record, organizationId);
    if ((role !== null && role !== 'guest') || openInvites(record, organizationId, nowMs).length > 0) count += 1;
  }
  return count;
}

/**
 * Asked on the draft of the change that adds a member or an invite.
 * @param userId - who takes the seat, where the address has a record: it is not counted twice
 * @throws GatehouseError `ENTITLEMENT_REACHED`
 */
export function requireSeat(
  limits: EntitlementLimits,
  users: Pick<Draft<UserRecord>, 'values'>,
  organizationId: string,
  nowMs: number,
  userId?: string,
): void {
  requireRoomFor(limits, organizationId, 'members', () => countSeats(users.values(), organizationId, nowMs, userId));
}

export function openInvites({ invites }: UserRecord, organizationId: string, nowMs: number): Invite[] {
  return invites.filter((invite) => invite.organizationId === organizationId && isLive(invite, nowMs));
}

/**
 * Takes back open invites that a user made and could not make any more: else a link kept aside would bring them back.
 * @param organizationId - `null`: in every one
 * @param role - what they are there from now on; `null`: nothing
 */
export function withdrawInvitesOf(
  draft: Draft<UserRecord>,
  userId: string,
  organizationId: string | null,
  role: GrantedRole | null,
): void {
  const mayInvite = role === 'owner' || role === 'admin';
  for (const record of [...draft.values()]) {
    const kept = record.invites.filter(
      (invite) =>
        invite.createdBy !== userId ||
        (organizationId !== null && invite.organizationId !== organizationId) ||
        (mayInvite && !isAbove(invite.role, role)),
    );
    if (kept.length < record.invites.length) draft.put({ ...record, invites: kept });
  }
}

/** A record that was made for an invite, when nothing is left that it is for: nobody has ever signed in with it. */
export function isNobody({ status, invites, memberships, links, instanceOperator }: UserRecord): boolean {
  return status === 'invited' && invites.length + memberships.length + links.length === 0 && !instanceOperator;
}
