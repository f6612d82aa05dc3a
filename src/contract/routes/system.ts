import { base, K, type RouteSpec } from '../route-spec.js';
import { ListLog, LogList, SystemView } from '../system.js';

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
  listLog: {
    ...base,
    method: 'GET',
    path: '/api/system/log',
    summary: 'The last lines that the program printed, newest first.',
    authModes: K,
    scopes: ['settings:read'],
    reach: 'instance',
    query: ListLog,
    answer: LogList,
  },
} as const satisfies Record<string, RouteSpec>;
