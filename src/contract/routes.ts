import type { RouteSpec } from './route-spec.js';
import { accountRoutes } from './routes/account.js';
import { auditRoutes } from './routes/audit.js';
import { authRoutes } from './routes/auth.js';
import { healthRoutes } from './routes/health.js';
import { jobRoutes } from './routes/jobs.js';
import { allKeyRoutes } from './routes/keys.js';
import { organizationRoutes } from './routes/organizations.js';
import { signInRoutes } from './routes/sign-in.js';
import { userRoutes } from './routes/users.js';
import { workspaceRoutes } from './routes/workspaces.js';

export { AUTH_MODES, type AuthMode, type RouteSpec } from './route-spec.js';

/** The route table: guard policies, handlers, docs, the command line and the access-matrix test derive from it. */
export const ROUTES = {
  ...healthRoutes,
  ...authRoutes,
  ...signInRoutes,
  ...accountRoutes,
  ...userRoutes,
  ...allKeyRoutes,
  ...organizationRoutes,
  ...workspaceRoutes,
  ...jobRoutes,
  ...auditRoutes,
} as const satisfies Record<string, RouteSpec>;

export type RouteId = keyof typeof ROUTES;
