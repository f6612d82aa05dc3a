import * as z from 'zod';
import { Email, NewPassword, OneTimeLink, Profile, SessionView } from './auth.js';
import { OrganizationId, oneLine, Page, pageOf, Timestamp } from './fields.js';
import { GrantedRole } from './roles.js';

/** A user as operators see them. */
export const UserView = z.strictObject({
  ...Profile.shape,
  /** `invited`: no password yet. `unconfirmed`: signed up, the address not proved. */
  status: z.enum(['invited', 'unconfirmed', 'active', 'disabled']),
  createdBy: z.string(),
  /** How many passkeys they may sign in with. */
  passkeys: z.int(),
  /** How many sessions are open. */
  sessions: z.int(),
  /** Of the sessions that are open; `null`: there is none. */
  lastSeenAt: Timestamp.nullable(),
});
export type UserView = z.infer<typeof UserView>;

export const UserList = pageOf(UserView);
export const UserOnly = z.strictObject({ user: UserView });

export const ListUsers = z.strictObject({
  ...Page.shape,
  status: UserView.shape.status.optional(),
  /** In name, address or id. */
  search: z.string().trim().min(1).max(100).optional(),
});
export type ListUsers = z.infer<typeof ListUsers>;

export const CreateUser = z.strictObject({
  email: Email,
  name: oneLine(100).optional(),
  /** Left out: the answer holds a link with which they choose one themselves. */
  password: NewPassword.optional(),
  role: GrantedRole.default('member'),
  /** Left out: org_default. */
  organizationId: OrganizationId.optional(),
  instanceOperator: z.boolean().default(false),
});
export type CreateUser = z.infer<typeof CreateUser>;

export const UserMade = z.strictObject({
  user: UserView,
  /** To be handed over; `null`: they have a password. */
  link: OneTimeLink.nullable(),
});
export type UserMade = z.infer<typeof UserMade>;

export const UpdateUser = z
  .strictObject({
    name: oneLine(100).optional(),
    status: z.enum(['active', 'disabled']).optional(),
    instanceOperator: z.boolean().optional(),
    /** Only `false`: lets somebody in whose authenticator app and recovery codes are lost. */
    totp: z.literal(false).optional(),
    /** Only `0`: takes them all away, when a device is lost or in wrong hands. */
    passkeys: z.literal(0).optional(),
  })
  .refine((patch) => Object.keys(patch).length > 0, { error: 'name at least one field to change' });
export type UpdateUser = z.infer<typeof UpdateUser>;

export const UserSessions = z.strictObject({ data: z.array(SessionView) });

/** First run, by whoever owns the host. */
export const PrepareSetup = z
  .strictObject({ email: Email.optional(), password: NewPassword.optional(), name: oneLine(100).optional() })
  .refine(({ email, password }) => (email === undefined) === (password === undefined), {
    error: 'email and password go together; without both, a new link is made',
  });
export type PrepareSetup = z.infer<typeof PrepareSetup>;

export const SetupPrepared = z.strictObject({
  /** The first administrator, when a password was given. */
  user: UserView.nullable(),
  /** Else the link that makes one. The one before it is over. */
  link: OneTimeLink.nullable(),
});
export type SetupPrepared = z.infer<typeof SetupPrepared>;
