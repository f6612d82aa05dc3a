import type { Audit } from '../../audit/audit.js';
import { audited } from '../../audit/audited.js';
import { changesOf } from '../../audit/changes.js';
import type { PageOf } from '../../contract/fields.js';
import type { ListInOrganization, MemberView } from '../../contract/organizations.js';
import type { GrantedRole } from '../../contract/roles.js';
import { GatehouseError } from '../../kernel/errors.js';
import type { Actor, Bounds, Principal } from '../../kernel/principal.js';
import type { Collection, Draft } from '../../store/collection.js';
import { requireSuccessors } from '../users/last-ones.js';
import type { UserRecord } from '../users/record.js';
import { pageFrom } from './page.js';
import { withdrawInvitesOf } from './seats.js';
import { requireMayGive, requireMayTouch, requireSameRole, roleIn } from './standing.js';

export interface MembersOptions {
  readonly users: Collection<UserRecord>;
  readonly audit: Audit;
}

/** Who is in an organization, as every door sees it. A membership stands in the record of its user. */
export class Members {
  readonly #o: MembersOptions;

  constructor(options: MembersOptions) {
    this.#o = options;
  }

  /** In the order of the accounts. */
  list(by: Bounds, organizationId: string, query: ListInOrganization): PageOf<MemberView> {
    by.require({ organizationId });
    const all = [...this.#o.users.values()].filter((record) => roleIn(record, organizationId) !== null);
    const { data, nextCursor } = pageFrom(all, query, ({ id }) => id, 'member');
    return { data: data.map((record) => viewOf(record, organizationId)), nextCursor };
  }

  /** @throws GatehouseError `FORBIDDEN` for a role above the caller's, `CONFLICT` for the last owner and for guests */
  async changeRole(by: Actor, organizationId: string, userId: string, role: GrantedRole): Promise<MemberView> {
    by.bounds.require({ organizationId });
    const { principal } = by.bounds;
    requireMayGive(principal, role);
    const plan = (users: Pick<Draft<UserRecord>, 'get' | 'values'>) => {
      requireSameRole(principal, users);
      const member = requireMember(users, organizationId, userId);
      const from = roleIn(member, organizationId);
      if (from === 'guest')
        throw new GatehouseError('CONFLICT', 'A guest becomes a member by accepting an invite. Invite their address.');
      if (from !== null) requireMayTouch(principal, from);
      const memberships = member.memberships.map((one) =>
        one.organizationId === organizationId ? { ...one, role } : one,
      );
      const next = { ...member, memberships };
      requireSuccessors(users, member, next);
      return { from, next };
    };
    const { from } = plan(this.#o.users);
    const changes = changesOf({ role: from }, { role });
    const event = { action: 'member.role', target: userId, organizationId, detail: { from, to: role }, changes };
    return this.#change(by, event, (draft) => {
      const { next } = plan(draft);
      draft.put(next);
      withdrawInvitesOf(draft, userId, organizationId, role);
      return viewOf(next, organizationId);
    });
  }

  /** Ends a membership. What the member made for the organization, its keys, stays. */
  async remove(by: Actor, organizationId: string, userId: string): Promise<void> {
    by.bounds.require({ organizationId });
    await this.#end(by, 'member.remove', organizationId, userId, by.bounds.principal);
  }

  /** The caller's own one. */
  async leave(by: Actor, organizationId: string): Promise<void> {
    by.bounds.require({ organizationId });
    await this.#end(by, 'member.leave', organizationId, by.bounds.principal.id, null);
  }

  /** @param judge - who must be allowed to; `null`: it is their own */
  async #end(by: Actor, action: string, organizationId: string, userId: string, judge: Principal | null) {
    const plan = (users: Pick<Draft<UserRecord>, 'get' | 'values'>) => {
      if (judge !== null) requireSameRole(judge, users);
      const member = requireMember(users, organizationId, userId);
      const role = roleIn(member, organizationId);
      if (judge !== null && role !== null) requireMayTouch(judge, role);
      const memberships = member.memberships.filter((one) => one.organizationId !== organizationId);
      const next = { ...member, memberships };
      requireSuccessors(users, member, next);
      return { role, next };
    };
    const { role } = plan(this.#o.users);
    await this.#change(by, { action, target: userId, organizationId, detail: { role } }, (draft) => {
      draft.put(plan(draft).next);
      withdrawInvitesOf(draft, userId, organizationId, null);
    });
  }

  #change<R>(by: Actor, event: Parameters<typeof audited>[2], change: (draft: Draft<UserRecord>) => R): Promise<R> {
    return audited(this.#o.audit, by, event, () => this.#o.users.change(change));
  }
}

/** @throws GatehouseError `NOT_FOUND` for users of elsewhere and those that do not exist, alike */
function requireMember(users: Pick<Draft<UserRecord>, 'get'>, organizationId: string, userId: string): UserRecord {
  const record = users.get(userId);
  if (record === undefined || roleIn(record, organizationId) === null)
    throw new GatehouseError(
      'NOT_FOUND',
      'There is no such member. GET /api/organizations/:organizationId/members lists them.',
    );
  return record;
}

function viewOf(record: UserRecord, organizationId: string): MemberView {
  const membership = record.memberships.find((one) => one.organizationId === organizationId);
  if (membership === undefined) throw new Error('a view of somebody who is no member');
  return {
    userId: record.id,
    email: record.email,
    name: record.name,
    role: membership.role,
    disabled: record.status === 'disabled',
    since: membership.since,
  };
}
