import { health, type RouteSpec } from '../route-spec.js';

/** Whether the process runs and can do its work. */
export const healthRoutes = {
  healthz: { ...health, method: 'GET', path: '/healthz', summary: 'The process runs.' },
  readyz: { ...health, method: 'GET', path: '/readyz', summary: 'Requests can be decided and changes saved.' },
} as const satisfies Record<string, RouteSpec>;
