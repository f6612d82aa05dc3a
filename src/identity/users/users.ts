import { audited } from '../../audit/audited.js';
import { changesOf } from '../../audit/changes.js';
import type { OneTimeLink, SessionView } from '../../contract/auth.js';
import type { PageOf } from '../../contract/fields.js';
import type { CreateUser, ListUsers, UpdateUser, UserMade, UserView } from '../../contract/users.js';
import { toIso } from '../../kernel/clock.js';
import { parseEmail } from '../../kernel/email.js';
import { GatehouseError } from '../../kernel/errors.js';
import type { Actor } from '../../kernel/principal.js';
import { requireSeat, withdrawInvitesOf } from '../organizations/seats.js';
import { requireSuccessors } from './last-ones.js';
import { requireLasting } from './lasting.js';
import { linkTo, newLink } from './links.js';
import { addUser, newUser } from './new-user.js';
import { withPasskeys } from './passkeys.js';
import { type People, profileOf } from './people.js';
import type { UserRecord } from './record.js';
import { FIRST_PASSWORD_MS, type Recovery } from './recovery.js';

/** Everybody with an account, for the operators of the instance. Routes admit nobody else. */
export class Users {
  readonly #o: People;
  readonly #recovery: Recovery;

  constructor(people: People, recovery: Recovery) {
    this.#o = people;
    this.#recovery = recovery;
  }

  /** Newest first. The cursor is the last id of the page before. */
  list({ limit, cursor, status, search }: ListUsers): PageOf<UserView> {
    const all = [...this.#o.records.values()].reverse();
    const from = cursor === undefined ? 0 : all.findIndex(({ id }) => id === cursor) + 1;
    if (cursor !== undefined && from === 0)
      throw new GatehouseError('BAD_REQUEST', 'cursor: it names nobody any more. Begin again without it.');
    const wanted = search?.toLowerCase();
    const matching = all
      .slice(from)
      .filter((record) => status === undefined || record.status === status)
      .filter(({ id, name, emailKey }) =>
        [id, name, emailKey].some((text) => text.toLowerCase().includes(wanted ?? '')),
      );
    const data = matching.slice(0, limit).map((record) => this.view(record));
    return { data, nextCursor: matching.length > data.length ? (data[data.length - 1]?.id ?? null) : null };
  }

  show(id: string): UserView {
    return this.view(this.#get(id));
  }

  async create(by: Actor, request: CreateUser): Promise<UserMade> {
    requireLasting(by);
    const { organizationId } = by.bounds.require({ organizationId: request.organizationId });
    const address = parseEmail(request.email);
    const { passwords, organizations, clock, audit, records, publicUrl } = this.#o;
    const { password, name = '', role, instanceOperator } = request;
    if (password !== undefined) await passwords.requireGood('password', password, address.key);
    const passwordHash = password === undefined ? null : await passwords.hash(password);
    const nowMs = clock.nowMs();
    const { token, kept } = newLink(nowMs, FIRST_PASSWORD_MS);
    const record = newUser(address, nowMs, by.bounds.principal.id, {
      name,
      status: passwordHash === null ? 'invited' : 'active',
      passwordHash,
      memberships: [{ organizationId, role, since: toIso(nowMs) }],
      links: passwordHash === null ? [{ ...kept, kind: 'reset' }] : [],
      instanceOperator,
    });
    const event = { action: 'user.create', target: record.id, organizationId, detail: { role, instanceOperator } };
    await audited(audit, by, event, () =>
      records.change((draft) => {
        requireSeat(organizations, draft, organizationId, nowMs);
        addUser(draft, record);
      }),
    );
    const link = { ...linkTo(publicUrl, 'reset', token), expiresAt: kept.expiresAt };
    return { user: this.view(record), link: passwordHash === null ? link : null };
  }

  async update(
    by: Actor,
    id: string,
    { name, status, instanceOperator, totp, passkeys }: UpdateUser,
  ): Promise<UserView> {
    requireLasting(by);
    const seen = this.#get(id);
    const { audit, records, sessions } = this.#o;
    const detail = {
      ...(status === undefined ? {} : { status }),
      ...(instanceOperator === undefined ? {} : { instanceOperator }),
      ...(totp === undefined ? {} : { totp }),
      ...(passkeys === undefined ? {} : { passkeys }),
    };
    const { status: before, instanceOperator: was } = seen;
    const changes = changesOf(
      { status: before, instanceOperator: was, totp: seen.totp !== null },
      {
        status: status ?? before,
        instanceOperator: instanceOperator ?? was,
        totp: seen.totp !== null && totp !== false,
      },
      // Names of people go with their account, and lines of the log stay.
      name === undefined || name === seen.name ? [] : ['name'],
    );
    return audited(audit, by, { action: 'user.update', target: id, detail, changes }, async () => {
      // What a crash left of before must not come alive again when somebody is let back in.
      if (status === 'active' && seen.status === 'disabled') await sessions.endAll(id);
      const record = await records.change((draft) => {
        const before = this.#in(draft.get(id));
        if (status === 'active' && before.passwordHash === null)
          throw new GatehouseError('CONFLICT', 'They have no password yet: hand them a reset link instead.');
        const after: UserRecord = {
          ...(passkeys === 0 ? withPasskeys(before, () => []) : before),
          name: name ?? before.name,
          status: status ?? before.status,
          instanceOperator: instanceOperator ?? before.instanceOperator,
          totp: totp === false ? null : before.totp,
        };
        requireSuccessors(draft, before, after);
        draft.put(after);
        if (after.status === 'disabled') withdrawInvitesOf(draft, id, null, null);
        return after;
      });
      if (status === 'disabled') await sessions.endAll(id);
      return this.view(record);
    });
  }

  /** Their sessions end with them; keys they made belong to the organization and stay. */
  async remove(by: Actor, id: string): Promise<UserView> {
    const view = this.show(id);
    const { audit, records, sessions } = this.#o;
    await audited(audit, by, { action: 'user.delete', target: id }, async () => {
      await records.change((draft) => {
        requireSuccessors(draft, this.#in(draft.get(id)), undefined);
        draft.remove(id);
        withdrawInvitesOf(draft, id, null, null);
      });
      await sessions.endAll(id);
    });
    return view;
  }

  async makeResetLink(by: Actor, id: string): Promise<OneTimeLink> {
    requireLasting(by);
    return this.#recovery.makeLink(by, this.#get(id));
  }

  sessionsOf(id: string): SessionView[] {
    return this.#o.sessions.list(this.#get(id).id, null);
  }

  async endSessions(by: Actor, id: string): Promise<number> {
    const { id: userId } = this.#get(id);
    const { audit, sessions } = this.#o;
    return audited(audit, by, { action: 'session.end-all', target: userId }, () => sessions.endAll(userId));
  }

  async endSession(by: Actor, id: string, sessionId: string): Promise<void> {
    const { audit, sessions } = this.#o;
    if (sessions.get(sessionId)?.userId !== this.#get(id).id)
      throw new GatehouseError('NOT_FOUND', 'There is no such session. GET /api/users/:id/sessions lists theirs.');
    await audited(audit, by, { action: 'session.end', target: sessionId }, () => sessions.end(sessionId));
  }

  view(record: UserRecord): UserView {
    const sessions = this.#o.sessions.list(record.id, null);
    const seen = sessions.map(({ lastSeenAt }) => lastSeenAt).sort();
    return {
      ...profileOf(record, this.#o.organizations),
      status: record.status,
      createdBy: record.createdBy,
      passkeys: record.passkeys?.length ?? 0,
      sessions: sessions.length,
      lastSeenAt: seen[seen.length - 1] ?? null,
    };
  }

  #get(id: string): UserRecord {
    return this.#in(this.#o.index.get(id));
  }

  #in(record: UserRecord | undefined): UserRecord {
    if (record === undefined)
      throw new GatehouseError('NOT_FOUND', 'There is no such user. GET /api/users lists them.');
    return record;
  }
}
