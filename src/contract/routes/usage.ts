import { base, K, type RouteSpec } from '../route-spec.js';
import { KeysUsage, KeysUsageQuery, UsageQuery, UsageReport } from '../usage.js';

/** Who sent how much. */
export const usageRoutes = {
  showUsage: {
    ...base,
    method: 'GET',
    path: '/api/usage',
    summary: 'Requests by hour or day, by outcome, key and route.',
    authModes: K,
    // Refused for their address, requests belong to no organization: operators who name none see those, too.
    reach: 'either',
    scopes: ['keys:read'],
    query: UsageQuery,
    answer: UsageReport,
  },
  showKeysUsage: {
    ...base,
    method: 'GET',
    path: '/api/usage/keys',
    summary: 'What each of many keys sent in the last 24 hours, by hour: for small lines in a list.',
    authModes: K,
    scopes: ['keys:read'],
    query: KeysUsageQuery,
    answer: KeysUsage,
  },
} as const satisfies Record<string, RouteSpec>;
