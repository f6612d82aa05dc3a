import * as z from 'zod';
import { OrganizationId } from './fields.js';

export const MAX_NAMES = 200;

/** Ids as lines of the audit log, jobs and other things name them, separated by commas. */
const Ids = z
  .string()
  .max(MAX_NAMES * 41)
  .transform((text) => [...new Set(text.split(',').filter((id) => id !== ''))])
  .pipe(z.array(z.string().max(100)).min(1).max(MAX_NAMES));

export const ListNames = z.strictObject({
  /** Up to 200 ids of keys, people, organizations, credentials and prompts. */
  ids: Ids,
  /** Where the asker acts; left out: the one they belong to. */
  organizationId: OrganizationId.optional(),
});
export type ListNames = z.infer<typeof ListNames>;

export const NameList = z.strictObject({
  /** By id, as they are called now. Left out: what is gone, and what the asker may not know of. */
  names: z.record(z.string(), z.string()),
});
export type NameList = z.infer<typeof NameList>;
