import { base, K, type RouteSpec } from '../route-spec.js';
import { SystemView } from '../system.js';

/** How this instance is. */
export const systemRoutes = {
  showSystem: {
    ...base,
    method: 'GET',
    path: '/api/system',
    summary: 'The version, and what a look at files, keys and settings finds.',
    authModes: K,
    scopes: ['settings:read'],
    reach: 'instance',
    answer: SystemView,
  },
} as const satisfies Record<string, RouteSpec>;
