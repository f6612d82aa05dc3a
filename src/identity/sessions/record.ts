import * as z from 'zod';
import { SessionId, UserId } from '../../contract/auth.js';
import { Timestamp } from '../../contract/fields.js';

const Digest = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

/** One line of `.gatehouse/sessions.json`. Secrets as base64url SHA-256 only. */
export const SessionRecord = z.strictObject({
  id: SessionId,
  userId: UserId,
  kind: z.enum(['cookie', 'token']),
  /** Of the cookie's value, or of the secret of the refresh token that is good now. */
  digest: Digest,
  /** Of the secret that all refresh tokens of the session share: whoever shows it once had one of them. */
  family: Digest.nullable(),
  createdAt: Timestamp,
  lastSeenAt: Timestamp,
  /** When its person last proved who they are; left out: when they signed in. */
  provenAt: Timestamp.optional(),
  /** Its end at the latest, however much it is used. */
  expiresAt: Timestamp,
  address: z.string().max(64),
  device: z.string().max(100),
});
export type SessionRecord = z.infer<typeof SessionRecord>;
