import { audited } from '../../audit/audited.js';
import type { OneTimeLink } from '../../contract/auth.js';
import { sha256 } from '../../kernel/digest.js';
import { parseEmail } from '../../kernel/email.js';
import { GatehouseError } from '../../kernel/errors.js';
import { describeError } from '../../kernel/logger.js';
import type { Actor } from '../../kernel/principal.js';
import { passwordChangedLetter, resetLetter } from '../letters.js';
import { badLink } from './bad-link.js';
import { isLive, type KeptLink, linkTo, newLink } from './links.js';
import type { People, Visitor } from './people.js';
import type { UserRecord } from './record.js';

const MAILED_MINUTES = 30;
/** Handed over by an operator, who may not meet the person before tomorrow. */
const HANDED_MS = 24 * 3_600_000;
/** For somebody whose account an operator made: they may be on holiday. */
export const FIRST_PASSWORD_MS = 7 * 86_400_000;
/** Links of one account that work at once; the oldest goes. */
const MAX_LINKS = 3;

/** Ways back into an account whose password is lost. */
export class Recovery {
  readonly #o: People;

  constructor(people: People) {
    this.#o = people;
  }

  /**
   * Has a link mailed. What is looked for is looked for after the answer, so that its time tells nothing.
   * @throws GatehouseError `AUDIT_UNAVAILABLE`
   */
  async forgot(by: Visitor, email: string): Promise<void> {
    const { key } = parseEmail(email);
    const user = this.#o.index.byEmail(key);
    await this.#o.audit.record({
      action: 'password.forgot',
      actor: by.bounds.principal.id,
      target: user?.id ?? null,
      address: by.address,
      requestId: by.requestId,
    });
    if (user === undefined || !this.#o.mailer.available) return;
    if (user.status !== 'active' && user.status !== 'unconfirmed') return;
    setImmediate(() => {
      this.#mail(user).catch((error) => this.#o.log.warn('no reset link was mailed', describeError(error)));
    });
  }

  /** A link for an operator to hand over. */
  async makeLink(by: Actor, user: UserRecord): Promise<OneTimeLink> {
    if (user.status === 'disabled') throw new GatehouseError('CONFLICT', 'This account is disabled. Enable it first.');
    const { token, kept } = newLink(this.#o.clock.nowMs(), HANDED_MS);
    await audited(this.#o.audit, by, { action: 'password.reset-link', target: user.id }, () =>
      this.#keep(user.id, kept),
    );
    return { ...linkTo(this.#o.publicUrl, 'reset', token), expiresAt: kept.expiresAt };
  }

  /**
   * Sets the password and ends every session. The link came by mail or from an operator: the address counts as proved.
   * @throws GatehouseError `FORBIDDEN`, alike for what is unknown, over and used; `BAD_REQUEST` for a common password
   */
  async reset(by: Visitor, token: string, password: string): Promise<void> {
    const digest = sha256(token);
    const user = this.#o.index.byLink(digest);
    if (user === undefined || !this.#holds(user, digest)) throw badLink('reset');
    await this.#o.passwords.requireGood('password', password, user.emailKey);
    const passwordHash = await this.#o.passwords.hash(password);
    await audited(this.#o.audit, by, { action: 'password.reset', actor: user.id, target: user.id }, async () => {
      await this.#o.records.change((draft) => {
        const record = draft.get(user.id);
        if (record === undefined || !this.#holds(record, digest)) throw badLink('reset');
        draft.put({ ...record, passwordHash, status: 'active', links: [] });
      });
      await this.#o.sessions.endAll(user.id);
    });
    this.#o.mailer.send({ ...passwordChangedLetter(), to: user.email, userId: user.id });
  }

  async #mail(user: UserRecord): Promise<void> {
    const { token, kept } = newLink(this.#o.clock.nowMs(), MAILED_MINUTES * 60_000);
    await this.#keep(user.id, kept);
    const { url } = linkTo(this.#o.publicUrl, 'reset', token);
    if (url !== null) this.#o.mailer.send({ ...resetLetter(url, MAILED_MINUTES), to: user.email, userId: user.id });
  }

  async #keep(userId: string, kept: KeptLink): Promise<void> {
    const nowMs = this.#o.clock.nowMs();
    await this.#o.records.change((draft) => {
      const record = draft.get(userId);
      if (record === undefined) return;
      const resets = record.links.filter((link) => link.kind === 'reset' && isLive(link, nowMs));
      const others = record.links.filter(({ kind }) => kind !== 'reset');
      const links = [...others, ...resets.slice(1 - MAX_LINKS), { ...kept, kind: 'reset' as const }];
      draft.put({ ...record, links });
    });
  }

  #holds({ status, links }: UserRecord, digest: string): boolean {
    const link = links.find((candidate) => candidate.kind === 'reset' && candidate.digest === digest);
    return status !== 'disabled' && link !== undefined && isLive(link, this.#o.clock.nowMs());
  }
}
