import { base, K, type RouteSpec } from '../route-spec.js';
import { UsageQuery, UsageReport } from '../usage.js';

/** Who sent how much. */
export const usageRoutes = {
  showUsage: {
    ...base,
    method: 'GET',
    path: '/api/usage',
    summary: 'Requests by hour or day, by outcome, key and route.',
    authModes: K,
    scopes: ['keys:read'],
    query: UsageQuery,
    answer: UsageReport,
  },
} as const satisfies Record<string, RouteSpec>;
