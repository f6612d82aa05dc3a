import type { Caller } from './caller.js';
import type { ConfirmIdentity, IdentityConfirmed } from './proof-types.js';
import { type AuthChange, type Session, unlessEnded } from './session.js';
import type { CallOptions, Transport } from './transport.js';
import type { Accepted, AcceptInvite, ResetPassword, SignedIn, SignIn, SignUp, SignUpAccepted, User } from './types.js';

/** Signing users in and out: `/api/auth`. */
export interface Auth {
  /** Makes an account. Signing in is a step of its own, after the mailed link where `confirmByMail` says so. */
  signUp(account: SignUp, options?: CallOptions): Promise<SignUpAccepted>;
  /** @throws GatehouseError `TOTP_REQUIRED`: ask for a code and call again with `totp` */
  signIn(credentials: SignIn, options?: CallOptions): Promise<User>;
  /**
   * Signs out here and in the tabs that share the storage, then ends the session at the server. Rejects when the
   * server could not be told; the tokens are gone from here all the same.
   */
  signOut(): Promise<void>;
  /** Renews the tokens now; otherwise that happens when it is needed. `null`: nobody is signed in. */
  refresh(): Promise<User | null>;
  /** For the link of a mail that was sent to confirm an address. */
  confirmEmail(link: { token: string }, options?: CallOptions): Promise<void>;
  /** Sends a link, if there is such an account; the answer does not tell. */
  forgotPassword(account: { email: string }, options?: CallOptions): Promise<Accepted>;
  /** Ends all sessions of the account; sign in with the new password. */
  resetPassword(reset: ResetPassword, options?: CallOptions): Promise<void>;
  /** Joins an organization and signs in. */
  acceptInvite(invite: AcceptInvite, options?: CallOptions): Promise<User>;
  /**
   * Proves anew who is signed in, for what the error `FRESH_PROOF_REQUIRED` refused; then call that again.
   * @throws GatehouseError `FORBIDDEN` for a wrong password or code: the session goes on
   */
  confirm(proof: ConfirmIdentity, options?: CallOptions): Promise<IdentityConfirmed>;
  /** Asks the server who is signed in. `null`: nobody. */
  getUser(options?: CallOptions): Promise<User | null>;
  /** For calls of your own to an API behind Gatehouse: good for half a minute at least. `null`: nobody is signed in. */
  getAccessToken(): Promise<string | null>;
  /** Tells whenever somebody else, or nobody, is signed in. Answers how to stop listening. */
  onChange(listener: (change: AuthChange) => void): () => void;
}

export function authOf(transport: Transport, session: Session, call: Caller): Auth {
  // Without the credential of whoever is signed in: none of these is about them.
  const post = (path: string, body: object, options?: CallOptions) =>
    transport.send({ ...options, method: 'POST', path: `/api/auth/${path}`, body });
  const enter = async (path: string, body: object, options?: CallOptions) =>
    session.begin((await post(path, body, options)) as SignedIn);
  return {
    signUp: (account, options) => post('signup', account, options) as Promise<SignUpAccepted>,
    signIn: (credentials, options) => enter('login', credentials, options),
    signOut: () => session.end(),
    async refresh() {
      await unlessEnded(session.renew());
      return session.user;
    },
    async confirmEmail(link, options) {
      await post('email/confirm', link, options);
    },
    forgotPassword: (account, options) => post('password/forgot', account, options) as Promise<Accepted>,
    async resetPassword(reset, options) {
      await post('password/reset', reset, options);
    },
    acceptInvite: (invite, options) => enter('invites/accept', invite, options),
    confirm: (proof, options) => call('POST', '/api/auth/confirm', { ...options, body: proof }),
    async getUser(options) {
      if ((await unlessEnded(session.token())) === null) return null;
      const profile = call<{ user: User }>('GET', '/api/auth/profile', options);
      return (await unlessEnded(profile))?.user ?? null;
    },
    getAccessToken: () => unlessEnded(session.token()),
    onChange: (listener) => session.onChange(listener),
  };
}
