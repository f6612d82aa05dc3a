import { audited } from '../../audit/audited.js';
import type { RecoveryCodes, TotpSecret } from '../../contract/auth.js';
import { toIso } from '../../kernel/clock.js';
import { GatehouseError } from '../../kernel/errors.js';
import type { Actor } from '../../kernel/principal.js';
import type { Resealed, Seal } from '../../seal/instance-key.js';
import { own, requirePassword } from './own.js';
import type { People } from './people.js';
import type { UserRecord } from './record.js';
import { loadOtp, newRecoveryCodes, newTotp, renewed, useCode, wrongCode } from './totp.js';

/** Codes of an authenticator app beside the password. */
export class SecondFactor {
  readonly #o: People;
  readonly #seal: Seal;

  constructor(people: People, seal: Seal) {
    this.#o = people;
    this.#seal = seal;
  }

  /**
   * Lets pass who has no second factor, or gives a code that is right and was not used. Of two that come at once with
   * one code, one passes.
   * @throws GatehouseError `TOTP_REQUIRED`: only those meet it who gave the right password
   */
  async require(user: UserRecord, code: string | undefined): Promise<void> {
    if (user.totp === null || user.totp.confirmedAt === null) return;
    if (code === undefined)
      throw new GatehouseError('TOTP_REQUIRED', 'totp: send the code of your authenticator app, or a recovery code.');
    const passed = await this.#use(user.id, code, (record, kept) => ({ ...record, totp: kept }));
    if (!passed)
      throw new GatehouseError('TOTP_REQUIRED', 'totp: is wrong, or was used before. Wait for the next one.');
  }

  /** Spends a code of the app in use. @returns whether it was good; a recovery code never is */
  async spend(user: UserRecord, code: string): Promise<boolean> {
    return /^\d{6}$/.test(code) && this.#use(user.id, code, (record, kept) => ({ ...record, totp: kept }));
  }

  /** A new secret, which counts for nothing until a code of it was confirmed. */
  async start(by: Actor, password: string): Promise<TotpSecret> {
    const user = own(this.#o, by);
    await requirePassword(this.#o, user, 'password', password);
    const issuer = this.#o.publicUrl === null ? 'Gatehouse' : `Gatehouse ${new URL(this.#o.publicUrl).host}`;
    const { kept, secret, uri } = newTotp(await loadOtp(), this.#seal, user, issuer);
    await audited(this.#o.audit, by, { action: 'totp.start', target: user.id }, () =>
      this.#o.records.change((draft) => {
        const record = draft.get(user.id);
        if (record === undefined) throw new GatehouseError('NOT_FOUND', 'This account is gone.');
        if (record.totp !== null && record.totp.confirmedAt !== null)
          throw new GatehouseError(
            'CONFLICT',
            'A second factor is in use already. Stop it before you begin with another.',
          );
        draft.put({ ...record, totp: kept });
      }),
    );
    return { secret, uri };
  }

  async confirm(by: Actor, code: string): Promise<RecoveryCodes> {
    const user = own(this.#o, by);
    if (user.totp === null || user.totp.confirmedAt !== null)
      throw new GatehouseError('CONFLICT', 'No second factor waits to be confirmed. Begin with one first.');
    const { codes, digests } = newRecoveryCodes();
    const confirmedAt = toIso(this.#o.clock.nowMs());
    await audited(this.#o.audit, by, { action: 'totp.confirm', target: user.id }, async () => {
      const done = await this.#use(user.id, code, (record, kept) => ({
        ...record,
        totp: { ...kept, confirmedAt, recovery: digests },
      }));
      if (!done) throw wrongCode();
    });
    return { recoveryCodes: codes };
  }

  async stop(by: Actor, password: string, code: string): Promise<void> {
    const user = own(this.#o, by);
    if (user.totp === null || user.totp.confirmedAt === null)
      throw new GatehouseError('CONFLICT', 'No second factor is in use.');
    await requirePassword(this.#o, user, 'password', password);
    await audited(this.#o.audit, by, { action: 'totp.stop', target: user.id }, async () => {
      if (!(await this.#use(user.id, code, (record) => ({ ...record, totp: null })))) throw wrongCode();
    });
  }

  /** Seals the secrets under the instance key that seals now. */
  renewSeals(): Promise<Resealed> {
    return this.#o.records.change((draft) => {
      let unreadable = 0;
      const fresh = [...draft.values()].flatMap((record) => {
        if (record.totp === null) return [];
        try {
          const totp = renewed(this.#seal, record.id, record.totp);
          return totp === null ? [] : [{ ...record, totp }];
        } catch {
          unreadable += 1;
          return [];
        }
      });
      for (const record of fresh) draft.put(record);
      return { renewed: fresh.length, unreadable };
    });
  }

  /** Spends a code in the change that goes with it. @returns whether it was good */
  async #use(
    userId: string,
    code: string,
    then: (record: UserRecord, kept: NonNullable<UserRecord['totp']>) => UserRecord,
  ): Promise<boolean> {
    const otp = await loadOtp();
    return this.#o.records.change((draft) => {
      const record = draft.get(userId);
      if (record === undefined || record.totp === null) return false;
      const kept = useCode(otp, this.#seal, userId, record.totp, code, this.#o.clock.nowMs());
      if (kept === null) return false;
      draft.put(then(record, kept));
      return true;
    });
  }
}
