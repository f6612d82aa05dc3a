import * as z from 'zod';
import { Environment, OrganizationId, oneLine, pageOf, Timestamp } from './fields.js';
import { PasskeySite, ShownCredential } from './passkeys.js';
import { GrantedRole, Role } from './roles.js';

export const UserId = z
  .string()
  .regex(/^usr_[0-9A-Za-z]{22}$/, { error: 'a user id looks like usr_ and 22 letters or digits' });
export const SessionId = z
  .string()
  .regex(/^ses_[0-9A-Za-z]{22}$/, { error: 'a session id looks like ses_ and 22 letters or digits' });

/** As typed; one address in several spellings is one account, and a strange spelling is refused (see docs/people.md). */
export const Email = z
  .string()
  .max(254, { error: 'at most 254 characters' })
  .refine((text) => text.includes('@') || text.includes('\uff20'), { error: 'is not an e-mail address' });

export const MIN_PASSWORD_CHARACTERS = 12;
/** argon2 takes any length; a megabyte of password is nobody's. */
export const MAX_PASSWORD_CHARACTERS = 256;
/** A new password. Whether it is a common one is checked when it is set. */
export const NewPassword = z
  .string()
  .min(MIN_PASSWORD_CHARACTERS, { error: `at least ${MIN_PASSWORD_CHARACTERS} characters` })
  .max(MAX_PASSWORD_CHARACTERS, { error: `at most ${MAX_PASSWORD_CHARACTERS} characters` });
/** A password to be compared: what was once allowed is not judged again. */
export const Password = z.string().min(1).max(MAX_PASSWORD_CHARACTERS);

/** Six digits of the authenticator app, or a recovery code. */
export const TotpCode = z.string().trim().min(6).max(32);

/** A secret of a link that was shown or mailed once; it travels behind `#`, so that no server sees it in a URL. */
export const LinkToken = z.string().min(20).max(100);

/** Such a link as an answer holds it. */
export const OneTimeLink = z.strictObject({
  /** `/invite#…`: below wherever this instance is reached. */
  path: z.string(),
  /** `null`: nobody set PUBLIC_URL, so only the caller knows what comes before the path. */
  url: z.string().nullable(),
  expiresAt: Timestamp,
});
export type OneTimeLink = z.infer<typeof OneTimeLink>;

const name = oneLine(100);
/** `cookie`: for pages of this instance, the answer holds no token. `token`: for apps and scripts. */
const use = z.enum(['cookie', 'token']).default('token');

export const CheckSetup = z.strictObject({ token: LinkToken });
export const SetupChecked = z.strictObject({ expiresAt: Timestamp });

export const Setup = z.strictObject({
  token: LinkToken,
  email: Email,
  password: NewPassword,
  name: name.optional(),
  use,
});
export type Setup = z.infer<typeof Setup>;

export const Signup = z.strictObject({ email: Email, password: NewPassword, name: name.optional() });
export type Signup = z.infer<typeof Signup>;
/** The same whether or not there was such an account. */
export const SignupAccepted = z.strictObject({
  status: z.literal('accepted'),
  /** Whether a link was mailed that has to be opened before the first login. */
  confirmByMail: z.boolean(),
});
export type SignupAccepted = z.infer<typeof SignupAccepted>;

export const ConfirmEmail = z.strictObject({ token: LinkToken });
export type ConfirmEmail = z.infer<typeof ConfirmEmail>;

export const Login = z.strictObject({ email: Email, password: Password, totp: TotpCode.optional(), use });
export type Login = z.infer<typeof Login>;

export const Refresh = z.strictObject({ refresh_token: z.string().min(1).max(300) });
export type Refresh = z.infer<typeof Refresh>;

export const AcceptInvite = z.strictObject({
  token: LinkToken,
  password: Password,
  name: name.optional(),
  /** Where the account is there already and asks for one. */
  totp: TotpCode.optional(),
  use,
});
export type AcceptInvite = z.infer<typeof AcceptInvite>;
export const ShowInvite = z.strictObject({ token: LinkToken });
export type ShowInvite = z.infer<typeof ShowInvite>;
export const InviteShown = z.strictObject({
  organization: z.string(),
  email: z.string(),
  role: GrantedRole,
  /** The account is there already: its own password accepts the invite. */
  hasAccount: z.boolean(),
  expiresAt: Timestamp,
});
export type InviteShown = z.infer<typeof InviteShown>;

export const ForgotPassword = z.strictObject({ email: Email });
export type ForgotPassword = z.infer<typeof ForgotPassword>;
export const ResetPassword = z.strictObject({ token: LinkToken, password: NewPassword });
export type ResetPassword = z.infer<typeof ResetPassword>;
export const ChangePassword = z.strictObject({ currentPassword: Password, newPassword: NewPassword });
export type ChangePassword = z.infer<typeof ChangePassword>;
/** The same whatever was found. */
export const Accepted = z.strictObject({ status: z.literal('accepted') });
export type Accepted = z.infer<typeof Accepted>;

export const Membership = z.strictObject({
  organizationId: OrganizationId,
  organizationName: z.string(),
  role: Role,
});
export type Membership = z.infer<typeof Membership>;

/** A user as they see themselves. */
export const Profile = z.strictObject({
  id: UserId,
  email: z.string(),
  name: z.string(),
  instanceOperator: z.boolean(),
  totp: z.boolean(),
  createdAt: Timestamp,
  memberships: z.array(Membership),
});
export type Profile = z.infer<typeof Profile>;
export const ProfileOnly = z.strictObject({ user: Profile });
export const UpdateProfile = z
  .strictObject({ name: name.optional() })
  .refine((patch) => Object.keys(patch).length > 0, { error: 'name at least one field to change' });
export type UpdateProfile = z.infer<typeof UpdateProfile>;

/** What login, setup, refresh and accepting an invite answer. With `use: "cookie"` there is `user` alone. */
export const SignedIn = z.strictObject({
  user: Profile,
  access_token: z.string().optional(),
  token_type: z.literal('Bearer').optional(),
  expires_in: z.int().optional(),
  scope: z.string().optional(),
  refresh_token: z.string().optional(),
});
export type SignedIn = z.infer<typeof SignedIn>;

/**
 * One of the three. A recovery code is no proof here: they are few, lie on paper, and are for the day the app is lost.
 */
export const ConfirmIdentity = z
  .strictObject({
    password: Password.optional(),
    code: z
      .string()
      .trim()
      .regex(/^\d{6}$/, { error: 'the six digits that your authenticator app shows; a recovery code does not do here' })
      .optional(),
    /** For the options of `POST /api/auth/confirm/options`. */
    passkey: ShownCredential.optional(),
  })
  .refine((proofs) => Object.values(proofs).filter((proof) => proof !== undefined).length === 1, {
    error: 'send one of password, code and passkey',
  });
export type ConfirmIdentity = z.infer<typeof ConfirmIdentity>;
export const IdentityConfirmed = z.strictObject({
  provenAt: Timestamp,
  /** Until then this session may do what needs a fresh proof. */
  freshUntil: Timestamp,
});
export type IdentityConfirmed = z.infer<typeof IdentityConfirmed>;

export const StartTotp = z.strictObject({ password: Password });
export type StartTotp = z.infer<typeof StartTotp>;
/** Shown once, to be scanned or typed into an authenticator app. */
export const TotpSecret = z.strictObject({ secret: z.string(), uri: z.string() });
export type TotpSecret = z.infer<typeof TotpSecret>;
export const ConfirmTotp = z.strictObject({ code: TotpCode });
export type ConfirmTotp = z.infer<typeof ConfirmTotp>;
/** Each lets its holder in once without the app. Shown once. */
export const RecoveryCodes = z.strictObject({ recoveryCodes: z.array(z.string()) });
export type RecoveryCodes = z.infer<typeof RecoveryCodes>;
export const StopTotp = z.strictObject({ password: Password, code: TotpCode });
export type StopTotp = z.infer<typeof StopTotp>;

export const SessionView = z.strictObject({
  id: SessionId,
  kind: z.enum(['cookie', 'token']),
  createdAt: Timestamp,
  lastSeenAt: Timestamp,
  /** When its person last proved who they are. */
  provenAt: Timestamp,
  expiresAt: Timestamp,
  address: z.string(),
  /** In words, from the browser's own name: `Firefox on Linux`. */
  device: z.string(),
  current: z.boolean(),
});
export type SessionView = z.infer<typeof SessionView>;
/** All of them: there are never more than a page holds. */
export const SessionList = pageOf(SessionView);
export const SessionsEnded = z.strictObject({ ended: z.int() });
export type SessionsEnded = z.infer<typeof SessionsEnded>;

/** What a sign-in page needs to know before anybody signed in. */
export const AuthOptions = z.strictObject({
  /** Nobody has set this instance up yet: the link of its first start does. */
  setupOpen: z.boolean(),
  signup: z.enum(['off', 'invite', 'open']),
  /** Whether a forgotten password is recovered by mail; if not, on the host. */
  recoveryByMail: z.boolean(),
  /** `ENVIRONMENT`, for a label; `null`: it is not set. */
  environment: Environment.nullable(),
  passkeys: PasskeySite,
});
export type AuthOptions = z.infer<typeof AuthOptions>;
