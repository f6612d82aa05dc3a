import * as z from 'zod';
import { OrganizationId, Timestamp } from '../../contract/fields.js';

/** What an organization may have at most; `null`: no limit. Operators set it. */
export const Entitlements = z.strictObject({
  /** Keys that were not revoked, of every family together. */
  keys: z.int().min(0).nullable(),
  workspaces: z.int().min(0).nullable(),
  /** Members, and invites that were not accepted yet. */
  members: z.int().min(0).nullable(),
  /** Counted requests of all its callers together. */
  requestsPerHour: z.int().min(1).nullable(),
});
export type Entitlements = z.infer<typeof Entitlements>;

/** One line of `.gatehouse/organizations.json`. */
export const OrganizationRecord = z.strictObject({
  id: OrganizationId,
  name: z.string().min(1).max(100),
  entitlements: Entitlements,
  createdAt: Timestamp,
  createdBy: z.string(),
});
export type OrganizationRecord = z.infer<typeof OrganizationRecord>;
