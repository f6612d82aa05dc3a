import { audited } from '../../audit/audited.js';
import type { SignupAccepted, Signup as SignupRequest } from '../../contract/auth.js';
import { toIso } from '../../kernel/clock.js';
import { sha256 } from '../../kernel/digest.js';
import { parseEmail } from '../../kernel/email.js';
import { GatehouseError } from '../../kernel/errors.js';
import { confirmLetter, knownAddressLetter } from '../letters.js';
import { badLink } from './bad-link.js';
import { isLive, linkTo, newLink } from './links.js';
import { findByEmail, newUser } from './new-user.js';
import type { People, Visitor } from './people.js';
import type { UserRecord } from './record.js';

const CONFIRM_HOURS = 24;

export interface SignupSettings {
  readonly signup: 'off' | 'invite' | 'open';
  /** Whose guests people become. */
  readonly signupOrganization: string;
}

/** Open signup: whoever comes becomes a guest, and nothing tells them who was there before. */
export class Signup {
  readonly #o: People;
  readonly #settings: SignupSettings;

  constructor(people: People, settings: SignupSettings) {
    this.#o = people;
    this.#settings = settings;
  }

  /**
   * The same answer, after the same work, for an address that is new and for one that has an account. Where mail goes
   * out, whoever reads it learns which; where none does, the account is there at once.
   * @throws GatehouseError `FORBIDDEN` where people cannot sign up
   */
  async signUp(by: Visitor, { email, password, name }: SignupRequest): Promise<SignupAccepted> {
    this.#requireOpen();
    const address = parseEmail(email);
    const { passwords, mailer, clock, audit, records } = this.#o;
    await passwords.requireGood('password', password, address.key);
    const passwordHash = await passwords.hash(password);
    const nowMs = clock.nowMs();
    const { token, kept } = newLink(nowMs, CONFIRM_HOURS * 3_600_000);
    const links = mailer.available ? [{ ...kept, kind: 'confirm' as const }] : [];
    const organizationId = this.#settings.signupOrganization;
    const fresh = newUser(address, nowMs, 'signup', {
      name: name ?? '',
      status: 'unconfirmed',
      passwordHash,
      memberships: [{ organizationId, role: 'guest', since: toIso(nowMs) }],
      links,
    });
    const change = (): Promise<UserRecord> =>
      records.change((draft) => {
        const known = findByEmail(draft, address.key);
        // Nobody has proved the address yet, so what was signed up with last is what its letter confirms.
        const again = known?.status === 'unconfirmed' && mailer.available;
        const next = known === undefined ? fresh : again ? { ...known, name: fresh.name, passwordHash, links } : known;
        // A known account is saved as it is: so it takes as long.
        draft.put(next);
        return next;
      });
    const user = await audited(audit, by, { action: 'user.signup', target: null, detail: { organizationId } }, change);
    this.#tell(user, user.links.some(({ digest }) => digest === kept.digest) ? token : null, by);
    return { status: 'accepted', confirmByMail: mailer.available };
  }

  /** @throws GatehouseError `FORBIDDEN`, alike for what is unknown, over and used */
  async confirm(by: Visitor, token: string): Promise<void> {
    const digest = sha256(token);
    const user = this.#o.index.byLink(digest);
    if (user === undefined || !this.#holds(user, digest)) throw badLink('confirm');
    await audited(this.#o.audit, by, { action: 'user.confirm', actor: user.id, target: user.id }, () =>
      this.#o.records.change((draft) => {
        const record = draft.get(user.id);
        if (record === undefined || !this.#holds(record, digest)) throw badLink('confirm');
        draft.put({ ...record, status: 'active', links: record.links.filter(({ kind }) => kind !== 'confirm') });
      }),
    );
  }

  #holds({ status, links }: UserRecord, digest: string): boolean {
    const link = links.find((candidate) => candidate.kind === 'confirm' && candidate.digest === digest);
    return status === 'unconfirmed' && link !== undefined && isLive(link, this.#o.clock.nowMs());
  }

  #tell(user: UserRecord, token: string | null, { address }: Visitor): void {
    const { mailer, publicUrl } = this.#o;
    if (publicUrl === null) return;
    const to = { to: user.email, userId: user.id };
    if (token === null) mailer.send({ ...knownAddressLetter(`${publicUrl}/login`), ...to });
    else {
      const { url } = linkTo(publicUrl, 'confirm', token);
      mailer.send({ ...confirmLetter(url ?? '', CONFIRM_HOURS, address), ...to });
    }
  }

  #requireOpen(): void {
    const { signup, signupOrganization } = this.#settings;
    if (signup !== 'open')
      throw new GatehouseError('FORBIDDEN', 'Nobody signs up here by themselves. Ask for an invite.');
    if (this.#o.organizations.nameOf(signupOrganization) === null)
      throw new GatehouseError('FORBIDDEN', 'Signing up is closed: the organization it leads to is gone.');
  }
}
