import type { PasskeySite, RequestOptions, ShownCredential } from '../../contract/passkeys.js';
import { GatehouseError } from '../../kernel/errors.js';
import type { Actor } from '../../kernel/principal.js';
import { own, sessionOf } from './own.js';
import { requestOptions } from './passkeys.js';
import type { Challenges } from './passkeys-challenges.js';
import type { PasskeyProof } from './passkeys-proof.js';
import { requireSite } from './passkeys-site.js';
import type { People } from './people.js';

/** A passkey as a fresh proof of whoever is signed in. */
export class PasskeyConfirm {
  readonly #o: People;
  readonly #challenges: Challenges;
  readonly #proof: PasskeyProof;

  constructor(people: People, challenges: Challenges, proof: PasskeyProof) {
    this.#o = people;
    this.#challenges = challenges;
    this.#proof = proof;
  }

  /** @throws GatehouseError `CONFLICT` for those who have none that works here */
  options(by: Actor, site: PasskeySite): RequestOptions {
    const { rpId } = requireSite(site);
    const passkeys = (own(this.#o, by).passkeys ?? []).filter((passkey) => passkey.rpId === rpId);
    if (passkeys.length === 0)
      throw new GatehouseError('CONFLICT', `You have no passkey for ${rpId}. Send your password instead.`);
    return requestOptions(this.#challenges.issue(purposeOf(by), this.#o.clock.nowMs()), rpId, passkeys);
  }

  /** @throws GatehouseError `FORBIDDEN`; `BAD_REQUEST` for its challenge */
  async require(by: Actor, site: PasskeySite, passkey: ShownCredential): Promise<void> {
    const proof = await this.#proof.check(by, passkey, requireSite(site), purposeOf(by), own(this.#o, by).id);
    if (!proof.ok)
      throw new GatehouseError('FORBIDDEN', 'passkey: is none of yours, or does not work here. Send your password.');
  }
}

/** For the session that asked and no other: it is no proof at another browser. */
function purposeOf(by: Actor): string {
  return `confirm ${by.bounds.principal.id} ${sessionOf(by) ?? ''}`;
}
