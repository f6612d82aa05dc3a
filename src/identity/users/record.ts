import * as z from 'zod';
import { UserId } from '../../contract/auth.js';
import { OrganizationId, Timestamp } from '../../contract/fields.js';
import { CredentialId, MAX_PASSKEYS, PasskeyId } from '../../contract/passkeys.js';
import { GrantedRole, Role } from '../../contract/roles.js';

/** A one-time link: only its digest is kept. */
const Link = z.strictObject({
  /** base64url SHA-256 of the secret in the link. */
  digest: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  createdAt: Timestamp,
  expiresAt: Timestamp,
});

/** An invitation into one organization that was not accepted yet. Its holder proves that the address is theirs. */
export const Invite = z.strictObject({
  ...Link.shape,
  id: z.string().regex(/^inv_[0-9A-Za-z]{22}$/),
  organizationId: OrganizationId,
  role: GrantedRole,
  createdBy: z.string(),
});
export type Invite = z.infer<typeof Invite>;

/** A key pair of somebody's device or password manager; the private half never leaves it. */
export const PasskeyRecord = z.strictObject({
  id: PasskeyId,
  name: z.string(),
  /** What the authenticator calls it. */
  credentialId: CredentialId,
  /** COSE (RFC 9052 §7), as base64url. */
  publicKey: z.string().regex(/^[A-Za-z0-9_-]+$/),
  /** Of the signatures it made; many never count, and stay at 0. */
  counter: z.int().min(0),
  transports: z.array(z.string()),
  /** The host name it is bound to. */
  rpId: z.string(),
  backedUp: z.boolean(),
  createdAt: Timestamp,
  lastUsedAt: Timestamp.nullable(),
});
export type PasskeyRecord = z.infer<typeof PasskeyRecord>;

/** One line of `.gatehouse/users.json`. Invites and links stand in it, so that redeeming one is one change of one file. */
export const UserRecord = z.strictObject({
  id: UserId,
  /** As typed, for letters to them. */
  email: z.string().min(3).max(254),
  /** The address in its one spelling: what accounts are found by and unique in. */
  emailKey: z.string().min(3).max(400),
  name: z.string().max(100),
  /** `invited`: no password yet. `unconfirmed`: signed up, the address not proved. */
  status: z.enum(['invited', 'unconfirmed', 'active', 'disabled']),
  /** argon2id in PHC form. */
  passwordHash: z.string().nullable(),
  memberships: z.array(z.strictObject({ organizationId: OrganizationId, role: Role, since: Timestamp })),
  invites: z.array(Invite),
  /** Links that reset the password, or confirm the address. */
  links: z.array(z.strictObject({ ...Link.shape, kind: z.enum(['reset', 'confirm']) })),
  instanceOperator: z.boolean(),
  totp: z
    .strictObject({
      /** The secret as a Fernet token under the instance key. */
      sealedSecret: z.string(),
      /** `null`: begun, and not asked for at login. */
      confirmedAt: Timestamp.nullable(),
      /** The newest time step that was used: a code works once (RFC 6238 §5.2). */
      lastStep: z.int(),
      /** Digests of recovery codes that were not used yet. */
      recovery: z.array(z.string()),
    })
    .nullable(),
  /** Left out where there is none. */
  passkeys: z.array(PasskeyRecord).max(MAX_PASSKEYS).optional(),
  createdAt: Timestamp,
  createdBy: z.string(),
});
export type UserRecord = z.infer<typeof UserRecord>;
