import type { Audit } from '../../audit/audit.js';
import { audited } from '../../audit/audited.js';
import type { PageOf } from '../../contract/fields.js';
import type { CreateInvite, InviteView, InviteWithLink, ListInOrganization } from '../../contract/organizations.js';
import type { Clock } from '../../kernel/clock.js';
import { parseEmail } from '../../kernel/email.js';
import { GatehouseError } from '../../kernel/errors.js';
import { newId } from '../../kernel/ids.js';
import type { Actor, Bounds } from '../../kernel/principal.js';
import type { Collection, Draft } from '../../store/collection.js';
import type { Mailer } from '../mailer.js';
import { isLive, linkTo, newLink } from '../users/links.js';
import { findByEmail, newUser } from '../users/new-user.js';
import type { Invite, UserRecord } from '../users/record.js';
import type { Directory } from './directory.js';
import { pageFrom } from './page.js';
import { isNobody, openInvites, requireSeat } from './seats.js';
import { requireMayGive, requireMayTouch, requireSameRole, roleIn } from './standing.js';

const LIVES_MS = 7 * 86_400_000;

export interface InvitationsOptions {
  readonly users: Collection<UserRecord>;
  readonly directory: Directory;
  readonly mailer: Mailer;
  /** Where links lead; `null`: nobody said. */
  readonly publicUrl: string | null;
  readonly audit: Audit;
  readonly clock: Clock;
}

/**
 * Invites into an organization, as those who make them see them. One stands in the record of the address it is for,
 * which is made where there is none: nothing that is answered here tells whether there was an account.
 */
export class Invitations {
  readonly #o: InvitationsOptions;

  constructor(options: InvitationsOptions) {
    this.#o = options;
  }

  /** Those that can be accepted still. */
  list(by: Bounds, organizationId: string, query: ListInOrganization): PageOf<InviteView> {
    by.require({ organizationId });
    const nowMs = this.#o.clock.nowMs();
    const all = [...this.#o.users.values()].flatMap((record) =>
      openInvites(record, organizationId, nowMs).map((invite) => viewOf(invite, record)),
    );
    return pageFrom(all, query, ({ id }) => id, 'open invite');
  }

  /**
   * Invites an address; an open invite of the same address is replaced.
   * @throws GatehouseError `FORBIDDEN` for a role above the caller's, `CONFLICT` for a member, `ENTITLEMENT_REACHED`
   */
  async create(by: Actor, organizationId: string, { email, role }: CreateInvite): Promise<InviteWithLink> {
    by.bounds.require({ organizationId });
    const { users, directory, audit, clock, mailer, publicUrl } = this.#o;
    requireMayGive(by.bounds.principal, role);
    const address = parseEmail(email);
    const nowMs = clock.nowMs();
    const createdBy = by.bounds.principal.id;
    const { token, kept } = newLink(nowMs, LIVES_MS);
    const invite: Invite = { ...kept, id: newId('inv'), organizationId, role, createdBy };
    const fresh = newUser(address, nowMs, createdBy, { invites: [invite] });
    const plan = (all: Pick<Draft<UserRecord>, 'get' | 'values'>): UserRecord => {
      requireSameRole(by.bounds.principal, all);
      const known = findByEmail(all, address.key);
      const current = known === undefined ? null : roleIn(known, organizationId);
      if (current !== null && current !== 'guest')
        throw new GatehouseError('CONFLICT', 'email: this is a member already. Change their role instead.');
      // An invite of an owner can only be replaced by who may make one: else it could be made worthless.
      for (const open of known === undefined ? [] : openInvites(known, organizationId, nowMs))
        requireMayTouch(by.bounds.principal, open.role);
      requireSeat(directory, all, organizationId, nowMs, known?.id);
      if (known === undefined) return fresh;
      const others = known.invites.filter((one) => one.organizationId !== organizationId && isLive(one, nowMs));
      return { ...known, invites: [...others, invite] };
    };
    plan(users);
    const event = { action: 'invite.create', target: invite.id, organizationId, detail: { role } };
    const record = await audited(audit, by, event, () =>
      users.change((draft) => {
        const next = plan(draft);
        draft.put(next);
        return next;
      }),
    );
    const { path, url } = linkTo(publicUrl, 'invite', token);
    const mailed = mailer.available && url !== null;
    if (mailed) {
      const name = directory.nameOf(organizationId) ?? organizationId;
      mailer.send({
        to: record.email,
        subject: `Invitation to ${name}`,
        paragraphs: [
          `You are invited to ${name} as ${role}.`,
          'The link is good for seven days and for one person. If you do not know what this is about, leave it alone.',
        ],
        link: { label: 'Accept the invitation', url },
        kind: 'invite',
        userId: record.id,
      });
    }
    return { invite: viewOf(invite, record), path, url, mailed };
  }

  /** @throws GatehouseError `NOT_FOUND` for an invite of elsewhere and for none, alike; `FORBIDDEN` for an owner's */
  async withdraw(by: Actor, organizationId: string, inviteId: string): Promise<void> {
    by.bounds.require({ organizationId });
    const { users, audit, clock } = this.#o;
    const find = (all: Pick<Draft<UserRecord>, 'get' | 'values'>) => {
      requireSameRole(by.bounds.principal, all);
      for (const record of all.values()) {
        const invite = openInvites(record, organizationId, clock.nowMs()).find(({ id }) => id === inviteId);
        if (invite === undefined) continue;
        requireMayTouch(by.bounds.principal, invite.role);
        return record;
      }
      throw new GatehouseError(
        'NOT_FOUND',
        'There is no such invite. GET /api/organizations/:organizationId/invites lists those that are open.',
      );
    };
    find(users);
    await audited(audit, by, { action: 'invite.withdraw', target: inviteId, organizationId }, () =>
      users.change((draft) => {
        const record = find(draft);
        keep(draft, { ...record, invites: record.invites.filter(({ id }) => id !== inviteId) });
      }),
    );
  }

  /** Takes away invites that ended unused, and the records that were made for nothing else. */
  async purge(): Promise<void> {
    const { users, audit, clock } = this.#o;
    const nowMs = clock.nowMs();
    const isOver = (record: UserRecord) => record.invites.some((invite) => !isLive(invite, nowMs)) || isNobody(record);
    const over = [...users.values()].filter(isOver);
    if (over.length === 0) return;
    await audit.record({ action: 'invite.purge', actor: 'gatehouse', detail: { addresses: over.length } });
    await users.change((draft) => {
      for (const { id } of over) {
        const record = draft.get(id);
        if (record === undefined) continue;
        keep(draft, { ...record, invites: record.invites.filter((invite) => isLive(invite, nowMs)) });
      }
    });
  }
}

function keep(draft: Draft<UserRecord>, record: UserRecord): void {
  if (isNobody(record)) draft.remove(record.id);
  else draft.put(record);
}

/** The address in its one spelling: as its account writes it would tell that there is one. */
function viewOf({ id, role, createdAt, createdBy, expiresAt }: Invite, { emailKey }: UserRecord): InviteView {
  return { id, email: emailKey, role, createdAt, createdBy, expiresAt };
}
