import {
  Accepted,
  AcceptInvite,
  AuthOptions,
  CheckSetup,
  ConfirmEmail,
  ForgotPassword,
  InviteShown,
  Login,
  Refresh,
  ResetPassword,
  Setup,
  SetupChecked,
  ShowInvite,
  SignedIn,
  Signup,
  SignupAccepted,
} from '../auth.js';
import { PasskeySignIn, RequestOptions } from '../passkeys.js';
import { base, type RouteSpec, type Throttle } from '../route-spec.js';

const MINUTES = 60;
const HOURS = 3600;

const failures = (by: Throttle['by'], requests: number): Throttle => ({
  by,
  requests,
  windowSeconds: 10 * MINUTES,
  failuresOnly: true,
});
const tries = (by: Throttle['by'], requests: number, windowSeconds: number): Throttle => ({
  by,
  requests,
  windowSeconds,
  failuresOnly: false,
});
/** Passwords are guessed for one account from many addresses, or for many accounts from one. */
const guessing: readonly Throttle[] = [
  failures('address', 30),
  failures('account', 10),
  // A code has six digits: whoever has the password must not get through them.
  { by: 'account', requests: 10, windowSeconds: HOURS, failuresOnly: true, when: 'totp' },
];

/** Anybody may call it; its own throttles bound how often. */
const open = { ...base, method: 'POST', authModes: ['public'], counted: false, reach: 'none' } as const;

/** What people do before they are signed in. */
export const signInRoutes = {
  authOptions: {
    ...open,
    method: 'GET',
    path: '/api/auth/options',
    summary: 'What a sign-in page can offer here.',
    throttles: [tries('address', 600, MINUTES)],
    answer: AuthOptions,
  },
  checkSetup: {
    ...open,
    path: '/api/auth/setup/check',
    summary: 'Whether a link of the first start is still good; it is not used up.',
    throttles: [failures('address', 10)],
    body: CheckSetup,
    answer: SetupChecked,
  },
  setup: {
    ...open,
    path: '/api/auth/setup',
    summary: 'Make the first administrator, with the one-time link of the first start.',
    audited: true,
    throttles: [failures('address', 10)],
    signsIn: true,
    body: Setup,
    answer: SignedIn,
  },
  signup: {
    ...open,
    path: '/api/auth/signup',
    summary: 'Sign up, where SIGNUP allows it. The answer never tells whether there was such an account.',
    audited: true,
    throttles: [tries('address', 20, HOURS), tries('account', 5, HOURS)],
    body: Signup,
    status: 202,
    answer: SignupAccepted,
  },
  confirmEmail: {
    ...open,
    path: '/api/auth/email/confirm',
    summary: 'Prove an address with the link that was mailed to it.',
    audited: true,
    throttles: [failures('address', 20)],
    body: ConfirmEmail,
    answer: Accepted,
  },
  login: {
    ...open,
    path: '/api/auth/login',
    summary: 'Sign in: a cookie for pages of this instance, tokens for apps and scripts.',
    audited: true,
    throttles: guessing,
    signsIn: true,
    body: Login,
    answer: SignedIn,
  },
  passkeySignInOptions: {
    ...open,
    path: '/api/auth/passkeys/sign-in/options',
    summary: 'What a browser needs to show a passkey: the same for everybody.',
    throttles: [tries('address', 600, 10 * MINUTES)],
    answer: RequestOptions,
  },
  passkeySignIn: {
    ...open,
    path: '/api/auth/passkeys/sign-in',
    summary: 'Sign in with a passkey, in the place of address, password and code.',
    audited: true,
    throttles: [failures('address', 30)],
    signsIn: true,
    body: PasskeySignIn,
    answer: SignedIn,
  },
  refresh: {
    ...open,
    path: '/api/auth/refresh',
    summary:
      'Trade a refresh token for the next one and a new access token. A token that was traded before ends the session.',
    throttles: [failures('address', 60)],
    body: Refresh,
    answer: SignedIn,
  },
  showInvite: {
    ...open,
    path: '/api/auth/invites/show',
    summary: 'What an invite is for, for whoever holds it.',
    throttles: [failures('address', 20)],
    body: ShowInvite,
    answer: InviteShown,
  },
  acceptInvite: {
    ...open,
    path: '/api/auth/invites/accept',
    summary: 'Accept an invite and sign in: with a new password, or with the one that the account has.',
    audited: true,
    throttles: guessing,
    signsIn: true,
    body: AcceptInvite,
    answer: SignedIn,
  },
  forgotPassword: {
    ...open,
    path: '/api/auth/password/forgot',
    summary: 'Have a reset link mailed. The answer is the same whatever was found.',
    audited: true,
    throttles: [tries('address', 20, HOURS), tries('account', 3, HOURS)],
    body: ForgotPassword,
    status: 202,
    answer: Accepted,
  },
  resetPassword: {
    ...open,
    path: '/api/auth/password/reset',
    summary: 'Set a new password with a reset link. Every session ends.',
    audited: true,
    throttles: [failures('address', 20)],
    body: ResetPassword,
    answer: Accepted,
  },
} as const satisfies Record<string, RouteSpec>;
