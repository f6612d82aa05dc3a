import type { ShownCredential } from '../../contract/passkeys.js';
import { toIso } from '../../kernel/clock.js';
import type { Actor } from '../../kernel/principal.js';
import { handleOf, withPasskeys } from './passkeys.js';
import type { Challenges } from './passkeys-challenges.js';
import type { UsableSite } from './passkeys-site.js';
import { challengeIn, checkShown, type Signed } from './passkeys-webauthn.js';
import { maySignIn, type People } from './people.js';
import type { PasskeyRecord, UserRecord } from './record.js';

/** Whose passkey was shown, as their record is after it; or why it proves nothing, for the audit alone. */
export type Proof =
  | { readonly ok: true; readonly user: UserRecord; readonly passkey: PasskeyRecord }
  | { readonly ok: false; readonly user: UserRecord | undefined; readonly reason: string };

/** Checks passkeys that are shown. */
export class PasskeyProof {
  readonly #o: People;
  readonly #challenges: Challenges;

  constructor(people: People, challenges: Challenges) {
    this.#o = people;
    this.#challenges = challenges;
  }

  /**
   * @param purpose - what its challenge was given for
   * @param userId - whose it has to be; `null`: whoever it says
   * @throws GatehouseError `BAD_REQUEST` for a challenge that is over, used, or was given for something else
   */
  async check(
    by: Actor,
    credential: ShownCredential,
    site: UsableSite,
    purpose: string,
    userId: string | null,
  ): Promise<Proof> {
    const challenge = challengeIn(credential.response.clientDataJSON) ?? '';
    this.#challenges.require(challenge, purpose, this.#o.clock.nowMs());
    const user = this.#o.index.byCredential(credential.id);
    const passkey = user?.passkeys?.find(({ credentialId }) => credentialId === credential.id);
    if (user === undefined || passkey === undefined) return { ok: false, user: undefined, reason: 'unknown passkey' };
    const no = (reason: string): Proof => ({ ok: false, user, reason });
    // Where nobody is known yet the authenticator has to say whose it takes it for (WebAuthn §7.2).
    const handle = credential.response.userHandle ?? (userId === null ? null : handleOf(userId));
    if (handle !== handleOf(user.id) || user.id !== (userId ?? user.id)) return no('passkey of another');
    if (passkey.rpId !== site.rpId) return no('passkey of another site');
    const signed = await checkShown(credential, challenge, site, passkey);
    if (signed === null) return no('wrong passkey');
    this.#challenges.spend(challenge, this.#o.clock.nowMs());
    if (!maySignIn(user, this.#o.mailer)) return no(`account ${user.status}`);
    const used = await this.#use(user.id, passkey.id, signed);
    if (used === 'gone') return no('passkey was removed');
    if (used !== 'copied') return { ok: true, user: used, passkey };
    await this.#o.audit.record({
      action: 'user.passkey-copied',
      outcome: 'refused',
      actor: user.id,
      target: user.id,
      detail: { passkey: passkey.id, name: passkey.name },
      address: by.address,
      requestId: by.requestId,
    });
    return no('passkey was copied');
  }

  /** Writes down that it was used, unless its counter went back: then two devices count, and one of them is a copy. */
  #use(userId: string, passkeyId: string, { counter, backedUp }: Signed): Promise<UserRecord | 'gone' | 'copied'> {
    const lastUsedAt = toIso(this.#o.clock.nowMs());
    return this.#o.records.change((draft) => {
      const record = draft.get(userId);
      const passkey = record?.passkeys?.find(({ id }) => id === passkeyId);
      if (record === undefined || passkey === undefined) return 'gone';
      // 0 and 0: it does not count (WebAuthn §6.1.1), as most that are synchronized.
      if ((counter > 0 || passkey.counter > 0) && counter <= passkey.counter) return 'copied';
      const used = { ...passkey, counter, backedUp, lastUsedAt };
      const after = withPasskeys(record, (all) => all.map((one) => (one.id === passkeyId ? used : one)));
      draft.put(after);
      return after;
    });
  }
}
