import type { PasskeySignIn as Asked, PasskeySite, RequestOptions } from '../../contract/passkeys.js';
import { GatehouseError, isGatehouseError } from '../../kernel/errors.js';
import { requestOptions } from '../users/passkeys.js';
import type { Challenges } from '../users/passkeys-challenges.js';
import type { PasskeyProof } from '../users/passkeys-proof.js';
import { requireSite } from '../users/passkeys-site.js';
import type { People, Visitor } from '../users/people.js';
import { CHALLENGE, type Opened, refuseSignIn, type SignIn } from './sign-in.js';

const PURPOSE = 'sign-in';

/** Signing in with a passkey alone: the device is what one has, and it asks for what one knows or is. */
export class PasskeySignIn {
  readonly #o: People;
  readonly #signIn: SignIn;
  readonly #challenges: Challenges;
  readonly #proof: PasskeyProof;

  constructor(people: People, signIn: SignIn, challenges: Challenges, proof: PasskeyProof) {
    this.#o = people;
    this.#signIn = signIn;
    this.#challenges = challenges;
    this.#proof = proof;
  }

  /** The same for everybody: which accounts there are is not told. */
  options(site: PasskeySite): RequestOptions {
    const { rpId } = requireSite(site);
    return requestOptions(this.#challenges.issue(PURPOSE, this.#o.clock.nowMs()), rpId);
  }

  /** @throws GatehouseError `UNAUTHORIZED` in the same words whatever was wrong with it; `BAD_REQUEST` for its challenge */
  async signIn(by: Visitor, site: PasskeySite, { credential, use }: Asked): Promise<Opened> {
    const usable = requireSite(site);
    try {
      const proof = await this.#proof.check(by, credential, usable, PURPOSE, null);
      if (proof.ok) return await this.#signIn.open(by, proof.user, use, 'passkey');
      throw refuseSignIn(this.#o, by, 'passkeySignIn', proof.user, proof.reason, wrongPasskey());
    } catch (error) {
      if (isGatehouseError(error) && error.code === 'BAD_REQUEST')
        throw refuseSignIn(this.#o, by, 'passkeySignIn', undefined, 'challenge of a passkey is over', error);
      throw error;
    }
  }
}

function wrongPasskey(): GatehouseError {
  return new GatehouseError(
    'UNAUTHORIZED',
    'This passkey opens no account here, or not any more. Sign in with your password.',
    { headers: CHALLENGE },
  );
}
