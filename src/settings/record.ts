import * as z from 'zod';
import { Timestamp } from '../contract/fields.js';
import { ScopeName } from '../contract/scopes.js';
import { parseNetwork } from '../kernel/addresses.js';

const isNetwork = (text: string) => {
  try {
    parseNetwork(text);
    return true;
  } catch {
    return false;
  }
};

/** Addresses and ranges that may call; `null`: every address. */
const AllowedIps = z
  .array(z.string().refine(isNetwork, { error: 'is not an address or CIDR range' }))
  .min(1, { error: 'names no address; null lets every address in' })
  .nullable();

/** `.gatehouse/settings.json`: what operators change while it runs, but for the routes, which have a file of their own. */
export const SettingsRecord = z.strictObject({
  schemaVersion: z.literal(1),
  network: z.strictObject({
    allowedIps: AllowedIps,
    /** Set while a new list waits to be confirmed: what comes back, and when. */
    pending: z.strictObject({ previous: AllowedIps, revertsAt: Timestamp }).nullable(),
  }),
  /** Scopes of the apps behind Gatehouse, which keys can then be given. */
  scopes: z.array(z.strictObject({ scope: ScopeName, description: z.string() })),
});
export type SettingsRecord = z.infer<typeof SettingsRecord>;

export const FIRST_SETTINGS: SettingsRecord = {
  schemaVersion: 1,
  network: { allowedIps: null, pending: null },
  scopes: [],
};
