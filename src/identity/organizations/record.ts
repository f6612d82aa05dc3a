import * as z from 'zod';
import { OrganizationId, Timestamp } from '../../contract/fields.js';
import { Entitlements } from '../../contract/organizations.js';

/** One line of `.gatehouse/organizations.json`. */
export const OrganizationRecord = z.strictObject({
  id: OrganizationId,
  name: z.string().min(1).max(100),
  entitlements: Entitlements,
  createdAt: Timestamp,
  createdBy: z.string(),
});
export type OrganizationRecord = z.infer<typeof OrganizationRecord>;
