import { audited } from '../../audit/audited.js';
import type { ChangePassword, Profile, SessionView, UpdateProfile } from '../../contract/auth.js';
import { GatehouseError } from '../../kernel/errors.js';
import type { Actor } from '../../kernel/principal.js';
import { passwordChangedLetter } from '../letters.js';
import { own, requirePassword, sessionOf } from './own.js';
import { type People, profileOf } from './people.js';

/** What signed-in people see and change about themselves. */
export class Account {
  readonly #o: People;

  constructor(people: People) {
    this.#o = people;
  }

  show(by: Actor): Profile {
    return profileOf(own(this.#o, by), this.#o.organizations);
  }

  async update(by: Actor, { name }: UpdateProfile): Promise<Profile> {
    const user = own(this.#o, by);
    await audited(this.#o.audit, by, { action: 'profile.update', target: user.id, detail: { fields: ['name'] } }, () =>
      this.#o.records.change((draft) => {
        const record = draft.get(user.id);
        if (record !== undefined) draft.put({ ...record, name: name ?? record.name });
      }),
    );
    return this.show(by);
  }

  /** @returns how many other sessions ended */
  async changePassword(by: Actor, { currentPassword, newPassword }: ChangePassword): Promise<number> {
    const user = own(this.#o, by);
    const { passwords, audit, records, sessions, mailer } = this.#o;
    await requirePassword(this.#o, user, 'currentPassword', currentPassword);
    await passwords.requireGood('newPassword', newPassword, user.emailKey);
    const passwordHash = await passwords.hash(newPassword);
    const ended = await audited(audit, by, { action: 'password.change', target: user.id }, async () => {
      await records.change((draft) => {
        const record = draft.get(user.id);
        if (record === undefined || record.passwordHash !== user.passwordHash)
          throw new GatehouseError('CONFLICT', 'The password was changed meanwhile. Try again with the new one.');
        // Whoever asked for a reset link knew the account only by its old password.
        draft.put({ ...record, passwordHash, links: record.links.filter(({ kind }) => kind !== 'reset') });
      });
      await sessions.prove(sessionOf(by) ?? '');
      return sessions.endAll(user.id, sessionOf(by));
    });
    mailer.send({ ...passwordChangedLetter(), to: user.email, userId: user.id });
    return ended;
  }

  listSessions(by: Actor): SessionView[] {
    return this.#o.sessions.list(by.bounds.principal.id, sessionOf(by) ?? null);
  }

  /** Ends one session of the caller: the one they came with, or the one that is named. */
  async endSession(by: Actor, id = sessionOf(by) ?? ''): Promise<void> {
    const { sessions, audit } = this.#o;
    if (sessions.get(id)?.userId !== by.bounds.principal.id)
      throw new GatehouseError('NOT_FOUND', 'There is no such session. GET /api/auth/sessions lists them.');
    await audited(audit, by, { action: 'session.end', target: id }, () => sessions.end(id));
  }

  async endSessions(by: Actor): Promise<number> {
    const { id } = by.bounds.principal;
    return audited(this.#o.audit, by, { action: 'session.end-all', target: id }, () => this.#o.sessions.endAll(id));
  }
}
