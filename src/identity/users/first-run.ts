import * as z from 'zod';
import { audited } from '../../audit/audited.js';
import type { OneTimeLink, Setup } from '../../contract/auth.js';
import { Timestamp } from '../../contract/fields.js';
import { toIso } from '../../kernel/clock.js';
import { equalDigests, sha256 } from '../../kernel/digest.js';
import { parseEmail } from '../../kernel/email.js';
import { GatehouseError } from '../../kernel/errors.js';
import { type Actor, DEFAULT_ORGANIZATION } from '../../kernel/principal.js';
import type { StateFile } from '../../store/state-file.js';
import type { Opened, SignIn } from '../sessions/sign-in.js';
import { requireLasting } from './lasting.js';
import { isLive, type KeptLink, linkTo, newLink } from './links.js';
import { addUser, newUser } from './new-user.js';
import type { People, Visitor } from './people.js';
import type { UserRecord } from './record.js';

/** Long enough to open a browser, too short to lie in a log for somebody else. */
const LINK_LIFETIME_MS = 30 * 60_000;

/** `.gatehouse/setup.json`: apart from the users, so that setting up stays closed when their file is lost. */
export const SetupState = z.strictObject({
  completedAt: Timestamp.nullable(),
  link: z.strictObject({ digest: z.string(), createdAt: Timestamp, expiresAt: Timestamp }).nullable(),
});
export type SetupState = z.infer<typeof SetupState>;

/** Who the first administrator is to be. */
export interface FirstAdmin {
  readonly email: string;
  readonly password: string;
  readonly name?: string | undefined;
}

/** Setting an instance up: once, by whoever holds the newest link, or by whoever owns the host. */
export class FirstRun {
  readonly #o: People;
  readonly #signIn: SignIn;
  readonly #state: StateFile<SetupState>;

  constructor(people: People, signIn: SignIn, state: StateFile<SetupState>) {
    this.#o = people;
    this.#signIn = signIn;
    this.#state = state;
  }

  /** Whether the first administrator is still to be made. Somebody who was only invited is none. */
  get isOpen(): boolean {
    return this.#state.value.completedAt === null && !hasAccounts(this.#o.records.values());
  }

  /** It was set up once, and its users are gone: a backup may bring them back. */
  get isBereft(): boolean {
    return this.#state.value.completedAt !== null && !hasAccounts(this.#o.records.values());
  }

  /**
   * What a start does: remembers that there are users, or makes the administrator that the settings name.
   * @returns the administrator that was made
   */
  async begin(admin: FirstAdmin | null): Promise<UserRecord | null> {
    if (hasAccounts(this.#o.records.values())) {
      if (this.#state.value.completedAt === null) await this.#close();
      return null;
    }
    if (admin === null) return null;
    const user = await this.#firstUser(admin, 'environment');
    await this.#o.audit.record({ action: 'setup.complete', actor: 'environment', target: user.id });
    return this.#add(user);
  }

  /** A new link; the one before it is over. @throws GatehouseError `CONFLICT` when there are users */
  async makeLink(by: Actor | null): Promise<OneTimeLink> {
    if (by !== null) requireLasting(by);
    this.#requireNobody();
    const { token, kept } = newLink(this.#o.clock.nowMs(), LINK_LIFETIME_MS);
    const save = () => this.#state.save({ completedAt: null, link: kept });
    if (by === null) await save();
    else await audited(this.#o.audit, by, { action: 'setup.link', target: null }, save);
    return { ...linkTo(this.#o.publicUrl, 'setup', token), expiresAt: kept.expiresAt };
  }

  /** Makes the first administrator for whoever owns the host. @throws GatehouseError `CONFLICT` when there are users */
  async makeAdmin(by: Actor, admin: FirstAdmin): Promise<UserRecord> {
    requireLasting(by);
    this.#requireNobody();
    const user = await this.#firstUser(admin, by.bounds.principal.id);
    return audited(this.#o.audit, by, { action: 'setup.complete', target: user.id }, () => this.#add(user));
  }

  /** Until when a link is good: whoever comes late learns it before typing. @throws GatehouseError as `claim` */
  check(token: string): { readonly expiresAt: string } {
    return { expiresAt: this.#requireGoodLink(token).expiresAt };
  }

  /**
   * Makes the first administrator for whoever holds the link, and signs them in. Of two that come at once, one does.
   * @throws GatehouseError `FORBIDDEN`
   */
  async claim(by: Visitor, { token, use, ...admin }: Setup): Promise<Opened> {
    this.#requireGoodLink(token);
    const user = await this.#firstUser(admin, 'setup');
    this.#requireGoodLink(token);
    await audited(this.#o.audit, by, { action: 'setup.complete', actor: user.id, target: user.id }, () =>
      this.#add(user),
    );
    return this.#signIn.open(by, user, use);
  }

  async #firstUser({ email, password, name }: FirstAdmin, createdBy: string): Promise<UserRecord> {
    const address = parseEmail(email);
    await this.#o.passwords.requireGood('password', password, address.key);
    const nowMs = this.#o.clock.nowMs();
    return newUser(address, nowMs, createdBy, {
      name: name ?? '',
      status: 'active',
      passwordHash: await this.#o.passwords.hash(password),
      memberships: [{ organizationId: DEFAULT_ORGANIZATION, role: 'owner', since: toIso(nowMs) }],
      instanceOperator: true,
    });
  }

  async #add(user: UserRecord): Promise<UserRecord> {
    await this.#o.records.change((draft) => {
      // Looked at here, where changes come one at a time: two claims make one administrator.
      if (hasAccounts(draft.values())) throw isDone();
      const invited = [...draft.values()].find(({ emailKey }) => emailKey === user.emailKey);
      if (invited !== undefined) draft.remove(invited.id);
      addUser(draft, user);
    });
    await this.#close();
    return user;
  }

  async #close(): Promise<void> {
    await this.#state.save({ completedAt: toIso(this.#o.clock.nowMs()), link: null });
  }

  #requireNobody(): void {
    if (hasAccounts(this.#o.records.values()))
      throw new GatehouseError(
        'CONFLICT',
        'This instance is set up: it has users. `users add` makes another one, `users reset-password` lets one back in.',
      );
  }

  #requireGoodLink(token: string): KeptLink {
    if (hasAccounts(this.#o.records.values())) throw isDone();
    const { link } = this.#state.value;
    const isRight = link !== null && equalDigests(Buffer.from(link.digest), Buffer.from(sha256(token)));
    if (!isRight || !isLive(link, this.#o.clock.nowMs()))
      throw new GatehouseError(
        'FORBIDDEN',
        'This setup link is over: it works once, for 30 minutes, and only the newest one does. Make a new one on the host: gatehouse setup.',
      );
    return link;
  }
}

function hasAccounts(records: Iterable<UserRecord>): boolean {
  for (const { status } of records) if (status !== 'invited') return true;
  return false;
}

function isDone(): GatehouseError {
  return new GatehouseError(
    'FORBIDDEN',
    'This instance is set up already. Sign in, or ask one of its operators for an account.',
  );
}
