import {
  Accepted,
  ChangePassword,
  ConfirmIdentity,
  ConfirmTotp,
  IdentityConfirmed,
  ProfileOnly,
  RecoveryCodes,
  SessionList,
  SessionsEnded,
  StartTotp,
  StopTotp,
  TotpSecret,
  UpdateProfile,
} from '../auth.js';
import { AddPasskey, CreationOptions, PasskeyList, PasskeyOnly, RenamePasskey, RequestOptions } from '../passkeys.js';
import { base, change, type RouteSpec, type Throttle } from '../route-spec.js';

const mine = { ...base, authModes: ['jwt'], reach: 'none' } as const;
const changeMine = { ...change, authModes: ['jwt'], reach: 'none' } as const;
/**
 * Whoever sits down at an open session must not find out the password or a code, by whichever of these routes. Apart
 * from the count of sign-ins: else a stranger who fails there would keep the person from what needs a proof.
 */
const proving: readonly Throttle[] = [
  { by: 'caller', requests: 10, windowSeconds: 600, failuresOnly: true, counter: 'own-proof' },
];

/** What signed-in people do about themselves. */
export const accountRoutes = {
  confirmIdentity: {
    ...changeMine,
    method: 'POST',
    path: '/api/auth/confirm',
    summary: 'Prove once more who I am, by password, code or passkey; for ten minutes this session is not asked again.',
    throttles: [
      ...proving,
      // As at sign-in: six digits are soon through.
      { by: 'caller', requests: 10, windowSeconds: 3600, failuresOnly: true, counter: 'own-code', when: 'code' },
    ],
    body: ConfirmIdentity,
    answer: IdentityConfirmed,
  },
  confirmOptions: {
    ...mine,
    method: 'POST',
    path: '/api/auth/confirm/options',
    summary: 'What a browser needs to show a passkey of mine as such a proof.',
    answer: RequestOptions,
  },
  logout: {
    ...changeMine,
    method: 'POST',
    path: '/api/auth/logout',
    summary: 'End this session.',
    answer: SessionsEnded,
  },
  listSessions: {
    ...mine,
    method: 'GET',
    path: '/api/auth/sessions',
    summary: 'Where I am signed in.',
    answer: SessionList,
  },
  endSessions: {
    ...changeMine,
    method: 'DELETE',
    path: '/api/auth/sessions',
    summary: 'Sign out everywhere, here too.',
    answer: SessionsEnded,
  },
  endSession: {
    ...changeMine,
    method: 'DELETE',
    path: '/api/auth/sessions/:id',
    summary: 'End one session of mine.',
    answer: SessionsEnded,
  },
  showProfile: {
    ...mine,
    method: 'GET',
    path: '/api/auth/profile',
    summary: 'Who I am, and in which organizations.',
    answer: ProfileOnly,
  },
  updateProfile: {
    ...changeMine,
    method: 'PATCH',
    path: '/api/auth/profile',
    summary: 'Change my name.',
    body: UpdateProfile,
    answer: ProfileOnly,
  },
  changePassword: {
    ...changeMine,
    method: 'POST',
    path: '/api/auth/profile/password',
    summary: 'Change my password. Every other session of mine ends.',
    throttles: proving,
    body: ChangePassword,
    answer: SessionsEnded,
  },
  startTotp: {
    ...changeMine,
    method: 'POST',
    path: '/api/auth/profile/totp',
    summary: 'Begin with a second factor: a secret for an authenticator app, shown once.',
    throttles: proving,
    body: StartTotp,
    answer: TotpSecret,
  },
  confirmTotp: {
    ...changeMine,
    method: 'POST',
    path: '/api/auth/profile/totp/confirm',
    summary: 'Show that the app gives the right code. From then on login asks for one.',
    throttles: proving,
    body: ConfirmTotp,
    answer: RecoveryCodes,
  },
  stopTotp: {
    ...changeMine,
    method: 'POST',
    path: '/api/auth/profile/totp/stop',
    summary: 'Sign in without a second factor again.',
    throttles: proving,
    body: StopTotp,
    answer: Accepted,
  },
  listPasskeys: {
    ...mine,
    method: 'GET',
    path: '/api/auth/passkeys',
    summary: 'My passkeys, oldest first.',
    answer: PasskeyList,
  },
  passkeyOptions: {
    ...mine,
    method: 'POST',
    path: '/api/auth/passkeys/options',
    summary: 'What a browser needs to make a passkey for me: good for five minutes.',
    fresh: true,
    answer: CreationOptions,
  },
  addPasskey: {
    ...changeMine,
    method: 'POST',
    path: '/api/auth/passkeys',
    summary: 'Keep a passkey that the browser made. From then on it signs me in.',
    fresh: true,
    body: AddPasskey,
    status: 201,
    answer: PasskeyOnly,
  },
  renamePasskey: {
    ...changeMine,
    method: 'PATCH',
    path: '/api/auth/passkeys/:id',
    summary: 'Give a passkey of mine another name.',
    body: RenamePasskey,
    answer: PasskeyOnly,
  },
  removePasskey: {
    ...changeMine,
    method: 'DELETE',
    path: '/api/auth/passkeys/:id',
    summary: 'Take a passkey of mine away: it signs nobody in any more.',
    fresh: true,
    answer: PasskeyOnly,
  },
} as const satisfies Record<string, RouteSpec>;
