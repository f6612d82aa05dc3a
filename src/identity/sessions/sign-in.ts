import { audited } from '../../audit/audited.js';
import type { Login, SignedIn } from '../../contract/auth.js';
import { HEADER } from '../../contract/headers.js';
import { parseEmail } from '../../kernel/email.js';
import { GatehouseError, isGatehouseError } from '../../kernel/errors.js';
import { newId } from '../../kernel/ids.js';
import type { AccessTokens } from '../tokens/access-tokens.js';
import { maySignIn, type People, profileOf, type Visitor } from '../users/people.js';
import type { UserRecord } from '../users/record.js';
import type { SecondFactor } from '../users/second-factor.js';
import { describeDevice } from './device.js';
import type { SessionRecord } from './record.js';
import { ABSOLUTE_MS } from './sessions.js';

/** Somebody who is signed in now. */
export interface Opened {
  readonly answer: SignedIn;
  /** For a browser on a page of ours; `null`: the answer holds tokens instead. */
  readonly cookie: { readonly value: string; readonly maxAgeSeconds: number } | null;
}

export const CHALLENGE = { [HEADER.wwwAuthenticate]: 'Bearer realm="gatehouse"' };

/** Proves who somebody is, and opens sessions. */
export class SignIn {
  readonly #o: People;
  readonly #secondFactor: SecondFactor;
  readonly #accessTokens: AccessTokens;

  constructor(people: People, secondFactor: SecondFactor, accessTokens: AccessTokens) {
    this.#o = people;
    this.#secondFactor = secondFactor;
    this.#accessTokens = accessTokens;
  }

  /**
   * @throws GatehouseError `UNAUTHORIZED`, in the same words and the same time for an unknown account, a wrong password
   *   and an account that may not sign in; `TOTP_REQUIRED` behind the right password
   */
  async login(by: Visitor, { email, password, totp, use }: Login): Promise<Opened> {
    const user = this.#o.index.byEmail(parseEmail(email).key);
    const isRight = await this.#o.passwords.matches(password, user?.passwordHash ?? null);
    if (user === undefined || !isRight || !maySignIn(user, this.#o.mailer)) {
      const reason = user === undefined ? 'unknown account' : isRight ? `account ${user.status}` : 'wrong password';
      throw refuseSignIn(this.#o, by, 'login', user, reason, wrongLogin());
    }
    await this.proveSecond(by, user, totp);
    return this.open(by, user, use);
  }

  /** @throws GatehouseError `TOTP_REQUIRED`, on record like every sign-in that failed */
  async proveSecond(by: Visitor, user: UserRecord, totp: string | undefined): Promise<void> {
    try {
      await this.#secondFactor.require(user, totp);
    } catch (error) {
      if (!isGatehouseError(error) || error.code !== 'TOTP_REQUIRED' || totp === undefined) throw error;
      throw refuseSignIn(this.#o, by, 'login', user, 'wrong code', error);
    }
  }

  /**
   * Opens a session for somebody whose proof was checked.
   * @param user - as it was checked: when the password changed meanwhile, or a passkey was removed, nothing opens
   */
  async open(
    by: Visitor,
    user: UserRecord,
    use: SessionRecord['kind'],
    how: 'password' | 'passkey' = 'password',
  ): Promise<Opened> {
    // What cannot be signed opens no session that nobody could use.
    if (use === 'token') await this.#accessTokens.requireSigner();
    const { address } = by;
    const device = describeDevice(by.userAgent);
    const id = newId('ses');
    const started = await audited(
      this.#o.audit,
      by,
      { action: 'session.start', actor: user.id, target: id, detail: { kind: use, device, how } },
      async () => {
        const opened = await this.#o.sessions.start(id, user, use, { address, device });
        if (opened === undefined) throw wrongLogin();
        return opened;
      },
    );
    const { record, secret } = started;
    if (use === 'token') return { answer: await this.#withTokens(user, record, secret), cookie: null };
    const answer = { user: profileOf(user, this.#o.organizations) };
    return { answer, cookie: { value: secret, maxAgeSeconds: ABSOLUTE_MS / 1000 } };
  }

  /** @throws GatehouseError `UNAUTHORIZED`: unknown, over, or spent, and then the session has ended */
  async refresh(by: Visitor, refreshToken: string): Promise<SignedIn> {
    await this.#accessTokens.requireSigner();
    const rotation = await this.#o.sessions.rotate(refreshToken, by.address);
    if (rotation.kind === 'rotated') {
      const user = this.#o.index.get(rotation.record.userId);
      if (user !== undefined) return this.#withTokens(user, rotation.record, rotation.refreshToken);
    }
    if (rotation.kind === 'replayed') {
      // The session has ended already: a log that cannot be written must not keep a stolen one alive.
      await this.#o.audit.record({
        action: 'session.replay',
        outcome: 'refused',
        actor: rotation.record.userId,
        target: rotation.record.id,
        address: by.address,
        requestId: by.requestId,
      });
    }
    throw new GatehouseError(
      'UNAUTHORIZED',
      'refresh_token: is unknown, over, or was used before; then its session has ended. Sign in again.',
      { headers: CHALLENGE },
    );
  }

  async #withTokens(user: UserRecord, session: SessionRecord, refreshToken: string): Promise<SignedIn> {
    const principal = this.#o.sessions.principalOf(session.id, user.id);
    if (principal === undefined) throw wrongLogin();
    const minted = await this.#accessTokens.mintForUser(principal, session);
    return {
      user: profileOf(user, this.#o.organizations),
      access_token: minted.token,
      token_type: 'Bearer',
      expires_in: minted.expiresInSeconds,
      scope: minted.scopes.join(' '),
      refresh_token: refreshToken,
    };
  }
}

/** Counted like the refusals of the guard, so that guessing cannot push changes out of the audit log. @returns `error` */
export function refuseSignIn(
  { audit }: Pick<People, 'audit'>,
  by: Visitor,
  route: 'login' | 'passkeySignIn',
  user: UserRecord | undefined,
  reason: string,
  error: GatehouseError,
): GatehouseError {
  audit.refuse({
    code: error.code,
    reason: `sign-in: ${reason}`,
    actor: user?.id ?? 'unknown',
    address: by.address,
    requestId: by.requestId,
    method: 'POST',
    route,
  });
  return error;
}

function wrongLogin(): GatehouseError {
  return new GatehouseError(
    'UNAUTHORIZED',
    'E-mail or password is wrong, or the account is not to be used: not confirmed yet, or disabled.',
    { headers: CHALLENGE },
  );
}
