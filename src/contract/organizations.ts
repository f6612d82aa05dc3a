import * as z from 'zod';
import { Email, UserId } from './auth.js';
import { OrganizationId, oneLine, Page, pageOf, Timestamp } from './fields.js';
import { GrantedRole, Role } from './roles.js';

const name = oneLine(100).min(1, { error: 'must not be empty' });

export const OrganizationView = z.strictObject({
  id: OrganizationId,
  name: z.string(),
  createdAt: Timestamp,
  createdBy: z.string(),
});
export type OrganizationView = z.infer<typeof OrganizationView>;
export const OrganizationOnly = z.strictObject({ organization: OrganizationView });
export const OrganizationList = pageOf(OrganizationView);
export const CreateOrganization = z.strictObject({ name });
export const RenameOrganization = z.strictObject({ name });

/** What an organization may have at most; `null`: no limit. Operators set it. */
export const Entitlements = z.strictObject({
  /** Keys that were not revoked, of every family together. */
  keys: z.int().min(0).nullable(),
  workspaces: z.int().min(0).nullable(),
  /** Members, and invites that were not accepted yet. Guests, who signed up by themselves, do not count. */
  members: z.int().min(0).nullable(),
  /** Counted requests of all its callers together. */
  requestsPerHour: z.int().min(1).max(1_000_000_000).nullable(),
});
export type Entitlements = z.infer<typeof Entitlements>;

/** The limits, and what there is now. */
export const EntitlementsView = z.strictObject({
  entitlements: Entitlements,
  used: z.strictObject({ keys: z.int(), workspaces: z.int(), members: z.int() }),
});
export type EntitlementsView = z.infer<typeof EntitlementsView>;

export const MemberView = z.strictObject({
  userId: UserId,
  email: z.string(),
  name: z.string(),
  role: Role,
  /** A disabled account keeps its role and cannot act. */
  disabled: z.boolean(),
  since: Timestamp,
});
export type MemberView = z.infer<typeof MemberView>;
export const MemberOnly = z.strictObject({ member: MemberView });
export const MemberList = pageOf(MemberView);
export const ChangeRole = z.strictObject({ role: GrantedRole });
export const MembershipEnded = z.strictObject({ status: z.literal('ended') });

export const InviteView = z.strictObject({
  id: z.string(),
  email: z.string(),
  role: GrantedRole,
  createdAt: Timestamp,
  createdBy: z.string(),
  expiresAt: Timestamp,
});
export type InviteView = z.infer<typeof InviteView>;
export const InviteList = pageOf(InviteView);
export const CreateInvite = z.strictObject({ email: Email, role: GrantedRole });
export type CreateInvite = z.infer<typeof CreateInvite>;

/** The one answer that carries the link. */
export const InviteWithLink = z.strictObject({
  invite: InviteView,
  /** Behind the address of this instance; what follows `#` opens the invite, once. */
  path: z.string(),
  /** The whole link; `null`: `PUBLIC_URL` is not set, so only the caller knows what comes before the path. */
  url: z.string().nullable(),
  /** Whether it was handed to the mail server; if not, pass the link on yourself. */
  mailed: z.boolean(),
});
export type InviteWithLink = z.infer<typeof InviteWithLink>;
export const InviteWithdrawn = z.strictObject({ status: z.literal('withdrawn') });

/** Pages of lists under `/api/organizations/:organizationId`. */
export const ListInOrganization = Page;
export type ListInOrganization = Page;
