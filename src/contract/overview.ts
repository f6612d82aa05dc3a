import * as z from 'zod';
import { OrganizationId } from './fields.js';

/** What deserves a look, each with a stable code that pages have their own words and links for. */
export const ATTENTION_CODES = [
  'VAULT_LOCKED',
  'SETTINGS_FAULT',
  'DATA_FOLDER',
  'FILE_MODES',
  'DISK',
  'CLOCK',
  'KEYS_UNUSED',
  'KEYS_WITHOUT_EXPIRY',
  'KEYS_EXPIRING',
  'KEYS_OLD_SECRET_USED',
  'ENV_KEYS_WEAK',
  'ENV_KEYS_SET',
  'OPEN_TO_EVERY_ADDRESS',
  'UNTRUSTED_FORWARDING',
  'PUBLIC_URL',
  'PROXY',
  'SETTING',
] as const;

export const KEYS_UNUSED_DAYS = 90;
export const KEYS_EXPIRING_DAYS = 14;

export const AttentionItem = z.strictObject({
  code: z.enum(ATTENTION_CODES),
  /** `problem`: something does not work now. `warning`: it works and is probably not meant. `notice`: worth knowing. */
  severity: z.enum(['problem', 'warning', 'notice']),
  words: z.string(),
  /** A page of the dashboard, without the base path. */
  link: z.string().nullable(),
  /** How many keys, addresses … it is about; `null`: it is not counted. */
  count: z.int().nullable(),
  /** The first five of them, each with its own page where it has one. */
  subjects: z.array(z.strictObject({ id: z.string(), name: z.string(), link: z.string().nullable() })),
});
export type AttentionItem = z.infer<typeof AttentionItem>;

export const ShowOverview = z.strictObject({ organizationId: OrganizationId.optional() });
export type ShowOverview = z.infer<typeof ShowOverview>;

export const Overview = z.strictObject({
  tiles: z.strictObject({
    requests24h: z.int(),
    /** From 0 to 1; `null`: there was no request. */
    deniedShare: z.number().nullable(),
    /** API keys, service keys and MCP tokens that work now. */
    activeKeys: z.int(),
    expiring14d: z.int(),
    /** `null`: the asker may not read jobs. */
    jobsQueued: z.int().nullable(),
    jobsRunning: z.int().nullable(),
  }),
  /** The worst first. */
  attention: z.array(AttentionItem),
});
export type Overview = z.infer<typeof Overview>;
