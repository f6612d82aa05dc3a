import type { RouteSpec } from './route-spec.js';
import { auditRoutes } from './routes/audit.js';
import { authRoutes } from './routes/auth.js';
import { explainRoutes } from './routes/explain.js';
import { healthRoutes } from './routes/health.js';
import { allKeyRoutes } from './routes/keys.js';
import { settingsRoutes } from './routes/settings.js';
import { usageRoutes } from './routes/usage.js';
import { workspaceRoutes } from './routes/workspaces.js';

export { AUTH_MODES, type AuthMode, type RouteSpec } from './route-spec.js';

/** The route table: guard policies, handlers, docs, the command line and the access-matrix test derive from it. */
export const ROUTES = {
  ...healthRoutes,
  ...authRoutes,
  ...allKeyRoutes,
  ...explainRoutes,
  ...usageRoutes,
  ...workspaceRoutes,
  ...auditRoutes,
  ...settingsRoutes,
} as const satisfies Record<string, RouteSpec>;

export type RouteId = keyof typeof ROUTES;
