import { GatehouseError } from './errors.js';

/** What an organization may have at most, beside requests. */
export type Entitlement = 'keys' | 'workspaces' | 'members';

/** Where limits are asked; `identity` fits it. */
export interface EntitlementLimits {
  /** `null`: no limit, or no such organization. */
  limitOf(organizationId: string, what: Entitlement): number | null;
}

const NOUNS: Readonly<Record<Entitlement, readonly [one: string, many: string]>> = {
  keys: ['key', 'keys'],
  workspaces: ['workspace', 'workspaces'],
  members: ['member or open invite', 'members and open invites'],
};

/**
 * Asks whether one more fits. Called inside the change that adds it, so that two at once cannot both pass.
 * @param count - how many there are; asked only where there is a limit
 * @throws GatehouseError `ENTITLEMENT_REACHED` naming the limit, how many there are, and who can raise it
 */
export function requireRoomFor(
  limits: EntitlementLimits,
  organizationId: string,
  what: Entitlement,
  count: () => number,
): void {
  const limit = limits.limitOf(organizationId, what);
  if (limit === null) return;
  const held = count();
  if (held < limit) return;
  const noun = NOUNS[what][limit === 1 ? 0 : 1];
  throw new GatehouseError(
    'ENTITLEMENT_REACHED',
    `This organization may have ${limit} ${noun} and has ${held}. An operator can raise the limit.`,
  );
}
