import type { RouteSpec } from './route-spec.js';
import { auditRoutes } from './routes/audit.js';
import { authRoutes } from './routes/auth.js';
import { healthRoutes } from './routes/health.js';
import { allKeyRoutes } from './routes/keys.js';
import { settingsRoutes } from './routes/settings.js';
import { systemRoutes } from './routes/system.js';
import { workspaceRoutes } from './routes/workspaces.js';

export { AUTH_MODES, type AuthMode, type RouteSpec } from './route-spec.js';

/** The route table: guard policies, handlers, docs, the command line and the access-matrix test derive from it. */
export const ROUTES = {
  ...healthRoutes,
  ...authRoutes,
  ...allKeyRoutes,
  ...workspaceRoutes,
  ...auditRoutes,
  ...settingsRoutes,
  ...systemRoutes,
} as const satisfies Record<string, RouteSpec>;

export type RouteId = keyof typeof ROUTES;
