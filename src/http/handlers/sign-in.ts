import type { SignedIn } from '../../contract/auth.js';
import type { Gatehouse } from '../../gatehouse.js';
import type { Handlers } from '../handler.js';
import type { CookieJar } from '../session-cookie.js';
import { passkeySiteOf } from './passkeys.js';

type SignInRoutes = Pick<
  Handlers,
  | 'authOptions'
  | 'checkSetup'
  | 'setup'
  | 'signup'
  | 'confirmEmail'
  | 'login'
  | 'passkeySignInOptions'
  | 'passkeySignIn'
  | 'refresh'
  | 'showInvite'
  | 'acceptInvite'
  | 'forgotPassword'
  | 'resetPassword'
>;

interface Opened {
  readonly answer: SignedIn;
  readonly cookie: { readonly value: string; readonly maxAgeSeconds: number } | null;
}

export function signInHandlers(gatehouse: Gatehouse): SignInRoutes {
  const { firstRun, signIn, passkeySignIn, signup, invites, recovery, config, sendsMail } = gatehouse;
  const siteOf = passkeySiteOf(gatehouse);
  return {
    authOptions: ({ arrived }) => ({
      setupOpen: firstRun.isOpen,
      signup: config.signup,
      recoveryByMail: sendsMail,
      environment: config.environment,
      passkeys: siteOf(arrived),
    }),
    checkSetup: ({ body }) => firstRun.check(body.token),
    setup: async ({ visitor, body, cookie }) => withCookie(await firstRun.claim(visitor, body), cookie),
    signup: ({ visitor, body }) => signup.signUp(visitor, body),
    async confirmEmail({ visitor, body }) {
      await signup.confirm(visitor, body.token);
      return { status: 'accepted' };
    },
    login: async ({ visitor, body, cookie }) => withCookie(await signIn.login(visitor, body), cookie),
    passkeySignInOptions: ({ arrived }) => passkeySignIn.options(siteOf(arrived)),
    passkeySignIn: async ({ visitor, body, arrived, cookie }) =>
      withCookie(await passkeySignIn.signIn(visitor, siteOf(arrived), body), cookie),
    refresh: ({ visitor, body }) => signIn.refresh(visitor, body.refresh_token),
    showInvite: ({ body }) => invites.show(body.token),
    acceptInvite: async ({ visitor, body, cookie }) => withCookie(await invites.accept(visitor, body), cookie),
    async forgotPassword({ visitor, body }) {
      await recovery.forgot(visitor, body.email);
      return { status: 'accepted' };
    },
    async resetPassword({ visitor, body }) {
      await recovery.reset(visitor, body.token, body.password);
      return { status: 'accepted' };
    },
  };
}

function withCookie({ answer, cookie }: Opened, jar: CookieJar): SignedIn {
  if (cookie !== null) jar.set(cookie.value, cookie.maxAgeSeconds);
  return answer;
}
