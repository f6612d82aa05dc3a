import { audited } from '../../audit/audited.js';
import type { ConfirmIdentity, IdentityConfirmed } from '../../contract/auth.js';
import { FRESH_SECONDS } from '../../contract/fresh.js';
import type { PasskeySite } from '../../contract/passkeys.js';
import { toIso } from '../../kernel/clock.js';
import { GatehouseError } from '../../kernel/errors.js';
import type { Actor, Principal } from '../../kernel/principal.js';
import { own, requirePassword, sessionOf } from './own.js';
import type { PasskeyConfirm } from './passkeys-confirm.js';
import type { People } from './people.js';
import type { UserRecord } from './record.js';
import type { SecondFactor } from './second-factor.js';
import { wrongCode } from './totp.js';

/** What somebody proves with who they are. */
export type Proof = 'password' | 'code' | 'passkey';

/** Whether whoever sits at a signed-in page proved lately that they are its person. */
export class FreshProof {
  readonly #o: Pick<People, 'index' | 'passwords' | 'sessions' | 'audit' | 'clock'>;
  readonly #secondFactor: SecondFactor;
  readonly #passkeys: PasskeyConfirm;

  constructor(people: People, secondFactor: SecondFactor, passkeys: PasskeyConfirm) {
    this.#o = people;
    this.#secondFactor = secondFactor;
    this.#passkeys = passkeys;
  }

  /** Until when a caller may do what needs a fresh proof; `null`: nobody asks this caller, who is no person. */
  freshUntilMs({ person }: Principal): number | null {
    if (person === null) return null;
    const provenAtMs = this.#o.sessions.provenAtMs(person.sessionId);
    return provenAtMs === undefined ? 0 : provenAtMs + FRESH_SECONDS * 1000;
  }

  /** @throws GatehouseError `FRESH_PROOF_REQUIRED` for a person whose session has no proof of the last ten minutes */
  require(principal: Principal): void {
    const untilMs = this.freshUntilMs(principal);
    if (untilMs === null) return;
    const leftMs = untilMs - this.#o.clock.nowMs();
    // A clock that was set back must not make a proof last longer.
    if (leftMs > 0 && leftMs <= FRESH_SECONDS * 1000) return;
    const record = this.#o.index.get(principal.id);
    const code = record !== undefined && hasCode(record) ? ', or the code of your authenticator app' : '';
    const passkey = record?.passkeys === undefined ? '' : ', or a passkey';
    throw new GatehouseError(
      'FRESH_PROOF_REQUIRED',
      `Send your password${code}${passkey} to POST /api/auth/confirm, and the same request again within ${FRESH_SECONDS / 60} minutes.`,
    );
  }

  /**
   * Takes a password, a code or a passkey as a fresh proof for the session that the request came with, and no other.
   * @throws GatehouseError `FORBIDDEN` naming the field: 401 would say that the session is over
   */
  async confirm(by: Actor, site: PasskeySite, proof: ConfirmIdentity): Promise<IdentityConfirmed> {
    const { password, code, passkey } = proof;
    const user = own(this.#o, by);
    if (passkey !== undefined) {
      await this.#check(by, 'wrong passkey', () => this.#passkeys.require(by, site, passkey));
      return this.accept(by, 'passkey');
    }
    if (code === undefined) {
      await this.#check(by, 'wrong password', () => requirePassword(this.#o, user, 'password', password ?? ''));
      return this.accept(by, 'password');
    }
    await this.#check(by, 'wrong code', () => this.#requireCode(user, code));
    return this.accept(by, 'code');
  }

  /** Notes a proof that was checked. */
  async accept(by: Actor, proof: Proof): Promise<IdentityConfirmed> {
    const sessionId = sessionOf(by) ?? '';
    const provenAt = await audited(
      this.#o.audit,
      by,
      { action: 'session.confirm', target: sessionId, detail: { by: proof } },
      () => this.#o.sessions.prove(sessionId),
    );
    if (provenAt === undefined) throw new GatehouseError('UNAUTHORIZED', 'This session has ended. Sign in again.');
    return { provenAt, freshUntil: toIso(Date.parse(provenAt) + FRESH_SECONDS * 1000) };
  }

  async #requireCode(user: UserRecord, code: string): Promise<void> {
    if (!hasCode(user))
      throw new GatehouseError('CONFLICT', 'code: no authenticator app is in use. Send your password instead.');
    if (!(await this.#secondFactor.spend(user, code))) throw wrongCode();
  }

  /** What is refused is on record too; it is throttled, so it cannot push other lines out. */
  async #check(by: Actor, reason: string, check: () => Promise<void>): Promise<void> {
    try {
      await check();
    } catch (error) {
      const { id, organizationId } = by.bounds.principal;
      const who = {
        actor: id,
        organizationId,
        target: sessionOf(by) ?? null,
        address: by.address,
        requestId: by.requestId,
      };
      await this.#o.audit
        .record({ action: 'session.confirm', outcome: 'refused', ...who, detail: { reason } })
        .catch(() => {});
      throw error;
    }
  }
}

function hasCode({ totp }: UserRecord): boolean {
  return totp !== null && totp.confirmedAt !== null;
}
