import type { RouteSpec } from './route-spec.js';
import { accountRoutes } from './routes/account.js';
import { auditRoutes } from './routes/audit.js';
import { authRoutes } from './routes/auth.js';
import { explainRoutes } from './routes/explain.js';
import { healthRoutes } from './routes/health.js';
import { jobRoutes } from './routes/jobs.js';
import { allKeyRoutes } from './routes/keys.js';
import { lanTargetRoutes } from './routes/lan-targets.js';
import { liveRoutes } from './routes/live.js';
import { organizationRoutes } from './routes/organizations.js';
import { promptRoutes } from './routes/prompts.js';
import { settingsRoutes } from './routes/settings.js';
import { signInRoutes } from './routes/sign-in.js';
import { systemRoutes } from './routes/system.js';
import { usageRoutes } from './routes/usage.js';
import { userRoutes } from './routes/users.js';
import { vaultRoutes } from './routes/vault.js';
import { workspaceFileRoutes } from './routes/workspace-files.js';
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
  ...explainRoutes,
  ...organizationRoutes,
  ...usageRoutes,
  ...liveRoutes,
  ...workspaceRoutes,
  ...workspaceFileRoutes,
  ...promptRoutes,
  ...jobRoutes,
  ...vaultRoutes,
  ...lanTargetRoutes,
  ...auditRoutes,
  ...settingsRoutes,
  ...systemRoutes,
} as const satisfies Record<string, RouteSpec>;

export type RouteId = keyof typeof ROUTES;
