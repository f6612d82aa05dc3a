import { audited } from '../../audit/audited.js';
import { changesOf } from '../../audit/changes.js';
import {
  type AddPasskey,
  type CreationOptions,
  MAX_PASSKEYS,
  type PasskeySite,
  type PasskeyView,
  type RequestOptions,
} from '../../contract/passkeys.js';
import { toIso } from '../../kernel/clock.js';
import { GatehouseError } from '../../kernel/errors.js';
import { newId } from '../../kernel/ids.js';
import type { Actor } from '../../kernel/principal.js';
import { passkeyAddedLetter } from '../letters.js';
import { describeDevice } from '../sessions/device.js';
import { own } from './own.js';
import { CHALLENGE_MS, type Challenges } from './passkeys-challenges.js';
import { requireSite, siteOf } from './passkeys-site.js';
import { ALGORITHMS, challengeIn, checkNew } from './passkeys-webauthn.js';
import type { People, Visitor } from './people.js';
import type { PasskeyRecord, UserRecord } from './record.js';

/** The passkeys of whoever is signed in. */
export class Passkeys {
  readonly #o: People;
  readonly #challenges: Challenges;

  constructor(people: People, challenges: Challenges) {
    this.#o = people;
    this.#challenges = challenges;
  }

  /** @param calledAt - the origin that the request was sent to, as far as proxies are believed */
  site(calledAt: string): PasskeySite {
    return siteOf(this.#o.publicUrl, calledAt);
  }

  list(by: Actor): PasskeyView[] {
    return (own(this.#o, by).passkeys ?? []).map(viewOf);
  }

  /** What a browser needs to make one. */
  options(by: Actor, site: PasskeySite): CreationOptions {
    const user = own(this.#o, by);
    const { rpId } = requireSite(site);
    const passkeys = user.passkeys ?? [];
    requireRoom(passkeys);
    return {
      rp: { id: rpId, name: 'Gatehouse' },
      user: { id: handleOf(user.id), name: user.email, displayName: user.name || user.email },
      challenge: this.#challenges.issue(purposeOf(user.id), this.#o.clock.nowMs()),
      pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
      timeout: CHALLENGE_MS,
      excludeCredentials: descriptorsOf(passkeys, rpId),
      authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
      attestation: 'none',
    };
  }

  async add(by: Visitor, at: PasskeySite, { credential, name }: AddPasskey): Promise<PasskeyView> {
    const user = own(this.#o, by);
    const site = requireSite(at);
    const challenge = challengeIn(credential.response.clientDataJSON) ?? '';
    this.#challenges.require(challenge, purposeOf(user.id), this.#o.clock.nowMs());
    const made = await checkNew(credential, challenge, site);
    if (made === null)
      throw new GatehouseError(
        'FORBIDDEN',
        `credential: is not a passkey that was made for ${site.origin} just now, by somebody whom the device knows.`,
      );
    const nowMs = this.#o.clock.nowMs();
    this.#challenges.spend(challenge, nowMs);
    const passkey: PasskeyRecord = {
      id: newId('pky'),
      name: name ?? describeDevice(by.userAgent),
      ...made,
      transports: credential.response.transports ?? [],
      rpId: site.rpId,
      createdAt: toIso(nowMs),
      lastUsedAt: null,
    };
    await audited(this.#o.audit, by, eventOf('add', user, passkey), () => this.#keep(user.id, passkey));
    this.#o.mailer.send({ ...passkeyAddedLetter(passkey.name), to: user.email, userId: user.id });
    return viewOf(passkey);
  }

  async rename(by: Actor, id: string, name: string): Promise<PasskeyView> {
    const user = own(this.#o, by);
    const before = inOf(user, id);
    const passkey = { ...before, name };
    const event = { ...eventOf('rename', user, passkey), changes: changesOf({ name: before.name }, { name }) };
    await audited(this.#o.audit, by, event, () =>
      this.#o.records.change((draft) => {
        const record = draft.get(user.id);
        if (record !== undefined)
          draft.put(withPasskeys(record, (all) => all.map((one) => (one.id === id ? { ...one, name } : one))));
      }),
    );
    return viewOf(passkey);
  }

  /** Sessions that it opened go on: each can be ended by itself. */
  async remove(by: Actor, id: string): Promise<PasskeyView> {
    const user = own(this.#o, by);
    const passkey = inOf(user, id);
    await audited(this.#o.audit, by, eventOf('remove', user, passkey), () =>
      this.#o.records.change((draft) => {
        const record = draft.get(user.id);
        if (record !== undefined) draft.put(withPasskeys(record, (all) => all.filter((one) => one.id !== id)));
      }),
    );
    return viewOf(passkey);
  }

  async #keep(userId: string, passkey: PasskeyRecord): Promise<void> {
    await this.#o.records.change((draft) => {
      const record = draft.get(userId);
      if (record === undefined) throw new GatehouseError('UNAUTHORIZED', 'This account is gone.');
      requireRoom(record.passkeys ?? []);
      // Found by what it is called, so it is one person's only (WebAuthn §7.1). Authenticators draw these at random.
      for (const { passkeys = [] } of draft.values())
        if (passkeys.some(({ credentialId }) => credentialId === passkey.credentialId))
          throw new GatehouseError('CONFLICT', 'This passkey is there already.');
      draft.put(withPasskeys(record, (all) => [...all, passkey]));
    });
  }
}

/** What a browser needs to show one. @param passkeys - those that may be shown; empty: whichever there is */
export function requestOptions(
  challenge: string,
  rpId: string,
  passkeys: readonly PasskeyRecord[] = [],
): RequestOptions {
  const allowCredentials = descriptorsOf(passkeys, rpId);
  return { challenge, rpId, timeout: CHALLENGE_MS, allowCredentials, userVerification: 'required' };
}

/** With nothing in the file where there is none. */
export function withPasskeys(
  { passkeys = [], ...record }: UserRecord,
  change: (passkeys: readonly PasskeyRecord[]) => PasskeyRecord[],
): UserRecord {
  const after = change(passkeys);
  return after.length === 0 ? record : { ...record, passkeys: after };
}

/** Under which an authenticator keeps whose passkey it is: nothing about the person (WebAuthn §14.6.1). */
export function handleOf(userId: string): string {
  return Buffer.from(userId).toString('base64url');
}

const purposeOf = (userId: string) => `add ${userId}`;

const eventOf = (what: 'add' | 'rename' | 'remove', { id }: UserRecord, passkey: PasskeyRecord) => ({
  action: `user.passkey-${what}`,
  target: id,
  detail: { passkey: passkey.id, name: passkey.name },
});

function descriptorsOf(passkeys: readonly PasskeyRecord[], rpId: string): CreationOptions['excludeCredentials'] {
  return passkeys
    .filter((passkey) => passkey.rpId === rpId)
    .map(({ credentialId, transports }) => ({ type: 'public-key', id: credentialId, transports }));
}

function requireRoom(passkeys: readonly PasskeyRecord[]): void {
  if (passkeys.length >= MAX_PASSKEYS)
    throw new GatehouseError('CONFLICT', `You have ${MAX_PASSKEYS} passkeys, and no more fit. Remove one first.`);
}

function inOf({ passkeys = [] }: UserRecord, id: string): PasskeyRecord {
  const passkey = passkeys.find((one) => one.id === id);
  if (passkey === undefined)
    throw new GatehouseError('NOT_FOUND', 'You have no such passkey. GET /api/auth/passkeys lists them.');
  return passkey;
}

function viewOf({ publicKey: _, counter: __, transports: ___, ...view }: PasskeyRecord): PasskeyView {
  return view;
}
