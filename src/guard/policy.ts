import type { RateLimit } from '../contract/fields.js';
import { type AuthMode, ROUTES, type RouteId, type RouteSpec } from '../contract/routes.js';
import { SLOTS, type Slot } from '../contract/upstream-routes.js';
import type { GatehouseError } from '../kernel/errors.js';

export type { Slot } from '../contract/upstream-routes.js';

export const DEFAULT_SLOTS: readonly Slot[] = SLOTS;

/** Whoever shows a credential. */
export const ALL_MODES: readonly AuthMode[] = ['jwt', 'api_key', 'service_role', 'mcp'];

/** What one route asks of its callers. */
export interface Policy {
  /** Names the route in counters, the audit and logs; never a URL, which may hold anything. */
  readonly id: string;
  readonly authModes: readonly AuthMode[];
  /** All are needed. */
  readonly scopes: readonly string[];
  readonly slots: readonly Slot[];
  /** Operators only. */
  readonly operatorOnly: boolean;
  /** `none`: about the caller alone; a user need not say in which organization. */
  readonly reach: RouteSpec['reach'];
  /** The body may name the organization: who acts in which is settled when it has arrived. */
  readonly readsBody: boolean;
  readonly counted: boolean;
  /** The route's own limit; `null`: the instance's. */
  readonly rateLimit: RateLimit | null;
  /** Health checks skip the allowlist, the credential and the limits. */
  readonly health: boolean;
  /** A route of an app behind us: its own limit goes before the key's, and the instance's does not hold. */
  readonly upstream?: true;
  /** Nobody passes, whoever they are; makes the refusal. */
  readonly closed?: () => GatehouseError;
}

export function policyOf(id: string, route: RouteSpec): Policy {
  return {
    id,
    authModes: route.authModes,
    scopes: route.scopes,
    slots: DEFAULT_SLOTS,
    operatorOnly: route.reach === 'instance',
    reach: route.reach,
    readsBody: route.body !== undefined,
    counted: route.counted,
    rateLimit: null,
    health: route.health === true,
  };
}

const bare = {
  scopes: [],
  slots: DEFAULT_SLOTS,
  operatorOnly: false,
  reach: 'none',
  readsBody: false,
  rateLimit: null,
  health: false,
} as const;

/** Names a policy: a route of the table, or one of the two for what the table does not name. */
export type PolicyName = RouteId | 'unknown' | 'open';

export const POLICIES: Readonly<Record<PolicyName, Policy>> = {
  ...(Object.fromEntries(Object.entries<RouteSpec>(ROUTES).map(([id, route]) => [id, policyOf(id, route)])) as Record<
    RouteId,
    Policy
  >),
  /**
   * An unknown path under a guarded prefix: any valid credential. The answer is 404 then; without a credential it
   * is 401, so the table of routes cannot be read from outside.
   */
  unknown: { ...bare, id: 'unknown', authModes: ALL_MODES, counted: true },
  /** What anybody may call without a key: the allowlist holds, and express-rate-limit by address. */
  open: { ...bare, id: 'open', authModes: ['public'], counted: false },
};
