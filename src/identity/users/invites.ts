import { audited } from '../../audit/audited.js';
import { type AcceptInvite, type InviteShown, MIN_PASSWORD_CHARACTERS } from '../../contract/auth.js';
import { ROLES } from '../../contract/roles.js';
import { toIso } from '../../kernel/clock.js';
import { sha256 } from '../../kernel/digest.js';
import { GatehouseError } from '../../kernel/errors.js';
import type { Opened, SignIn } from '../sessions/sign-in.js';
import { badLink } from './bad-link.js';
import { isLive } from './links.js';
import { requirePassword } from './own.js';
import type { People, Visitor } from './people.js';
import type { Invite, UserRecord } from './record.js';
import type { SignupSettings } from './signup.js';

/** Invites as their holder meets them; organizations make them. */
export class Invites {
  readonly #o: People;
  readonly #signIn: SignIn;
  readonly #settings: SignupSettings;

  constructor(people: People, signIn: SignIn, settings: SignupSettings) {
    this.#o = people;
    this.#signIn = signIn;
    this.#settings = settings;
  }

  /** @throws GatehouseError `FORBIDDEN`, alike for what is unknown, over and used */
  show(token: string): InviteShown {
    const { user, invite, organization } = this.#find(token);
    const { role, expiresAt } = invite;
    return { organization, email: user.email, role, hasAccount: user.status === 'active', expiresAt };
  }

  /**
   * Makes its holder a member and signs them in. The invite proves the address, so an account that was only signed up
   * for takes the new password and loses its sessions: whoever signed up for somebody else's address gets nothing.
   * @throws GatehouseError `FORBIDDEN` for a bad link or the wrong password of an account that is there already;
   *   `CONFLICT` for one that waits for its first password
   */
  async accept(by: Visitor, { token, password, name, totp, use }: AcceptInvite): Promise<Opened> {
    const { user, invite } = this.#find(token);
    const isNew = user.status !== 'active';
    if (isNew) await this.#requireNew(user, password);
    else {
      await requirePassword(this.#o, user, 'password', password);
      await this.#signIn.proveSecond(by, user, totp);
    }
    const passwordHash = isNew ? await this.#o.passwords.hash(password) : user.passwordHash;
    const { organizationId, role, createdBy } = invite;
    const detail = { role, invitedBy: createdBy };
    const joined = await audited(
      this.#o.audit,
      by,
      { action: 'invite.accept', actor: user.id, target: invite.id, organizationId, detail },
      () =>
        this.#o.records.change((draft) => {
          const record = draft.get(user.id);
          const live = record?.invites.find(({ digest }) => digest === invite.digest);
          // Judged on the account as it was seen: one that became active meanwhile is proved by its own password.
          if (record === undefined || live === undefined || record.passwordHash !== user.passwordHash)
            throw badLink('invite');
          if (isNew) refuseWaiting(record);
          const next: UserRecord = {
            ...withMember(record, live, this.#o.clock.nowMs()),
            passwordHash,
            status: 'active',
            ...(isNew ? { links: [], ...(name === undefined ? {} : { name }) } : {}),
          };
          draft.put(next);
          return next;
        }),
    );
    if (isNew) await this.#o.sessions.endAll(user.id);
    return this.#signIn.open(by, joined, use);
  }

  async #requireNew(user: UserRecord, password: string): Promise<void> {
    refuseWaiting(user);
    if (user.status === 'invited' && this.#settings.signup === 'off')
      throw new GatehouseError('FORBIDDEN', 'Accounts are made by the operators of this instance. Ask one of them.');
    if (password.length < MIN_PASSWORD_CHARACTERS)
      throw new GatehouseError('BAD_REQUEST', `password: at least ${MIN_PASSWORD_CHARACTERS} characters.`);
    await this.#o.passwords.requireGood('password', password, user.emailKey);
  }

  #find(token: string): { user: UserRecord; invite: Invite; organization: string } {
    const digest = sha256(token);
    const user = this.#o.index.byLink(digest);
    const invite = user?.invites.find((candidate) => candidate.digest === digest);
    const organization = invite === undefined ? null : this.#o.organizations.nameOf(invite.organizationId);
    const isGood = user?.status !== 'disabled' && invite !== undefined && isLive(invite, this.#o.clock.nowMs());
    if (user === undefined || invite === undefined || organization === null || !isGood) throw badLink('invite');
    return { user, invite, organization };
  }
}

/**
 * Whoever makes an invite knows its link. It opens an account to which nothing was given yet, and none that others gave
 * a role, or the instance, to: they made a link of their own for its first password.
 * @throws GatehouseError `CONFLICT`
 */
function refuseWaiting({ instanceOperator, memberships }: UserRecord): void {
  if (!instanceOperator && memberships.every(({ role }) => role === 'guest')) return;
  throw new GatehouseError(
    'CONFLICT',
    'This account waits for its first password. Open the link that was made for that, then accept this invite.',
  );
}

/** The invite turned into a membership; a stronger role that the person has already stays. */
function withMember(record: UserRecord, { digest, organizationId, role }: Invite, nowMs: number): UserRecord {
  const known = record.memberships.find((membership) => membership.organizationId === organizationId);
  const isStronger = known !== undefined && ROLES.indexOf(known.role) <= ROLES.indexOf(role);
  const membership = isStronger ? known : { organizationId, role, since: known?.since ?? toIso(nowMs) };
  const others = record.memberships.filter((other) => other !== known);
  return {
    ...record,
    memberships: [...others, membership],
    invites: record.invites.filter((other) => other.digest !== digest),
  };
}
