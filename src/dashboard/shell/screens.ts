import { type ComponentType, type LazyExoticComponent, lazy } from 'react';

type Loaded = Promise<{ default: ComponentType }>;
const screen = (load: () => Loaded): LazyExoticComponent<ComponentType> => lazy(load);

/** Every address of the app and what it shows, each loaded when it is first gone to. */
export const SCREENS: readonly (readonly [path: string, screen: LazyExoticComponent<ComponentType>])[] = [
  ['/', screen(() => import('../screens/overview/overview.js'))],
  ['/welcome', screen(() => import('../screens/welcome/welcome.js'))],

  ['/settings/api-keys', screen(() => import('../screens/keys/key-list.js'))],
  ['/settings/api-keys/new', screen(() => import('../screens/keys/create-key.js'))],
  ['/settings/api-keys/:id', screen(() => import('../screens/keys/key-detail.js'))],
  ['/settings/service-keys', screen(() => import('../screens/keys/service-key-list.js'))],
  ['/settings/service-keys/new', screen(() => import('../screens/keys/create-service-key.js'))],
  ['/settings/service-keys/:id', screen(() => import('../screens/keys/service-key-detail.js'))],
  ['/:organizationId/mcp/tokens', screen(() => import('../screens/keys/mcp-token-list.js'))],
  ['/:organizationId/mcp/tokens/new', screen(() => import('../screens/keys/create-mcp-token.js'))],
  ['/:organizationId/mcp/tokens/:id', screen(() => import('../screens/keys/mcp-token-detail.js'))],
  ['/usage', screen(() => import('../screens/usage/usage.js'))],
  ['/explain', screen(() => import('../screens/explain/explain.js'))],

  ['/credentials', screen(() => import('../screens/credentials/credential-grid.js'))],
  ['/credentials/configure/:type', screen(() => import('../screens/credentials/configure.js'))],
  ['/credentials/:workspaceId/:id', screen(() => import('../screens/credentials/credential-detail.js'))],
  ['/secrets', screen(() => import('../screens/secrets/secrets.js'))],

  ['/ask', screen(() => import('../screens/ask/ask.js'))],
  ['/jobs', screen(() => import('../screens/jobs/job-list.js'))],
  ['/jobs/:id', screen(() => import('../screens/jobs/job-detail.js'))],
  ['/workspaces', screen(() => import('../screens/workspaces/workspace-list.js'))],
  ['/workspaces/:workspaceId', screen(() => import('../screens/workspaces/workspace-detail.js'))],
  ['/prompts', screen(() => import('../screens/prompts/prompt-list.js'))],
  ['/prompts/:id', screen(() => import('../screens/prompts/prompt-detail.js'))],

  ['/people', screen(() => import('../screens/people/people.js'))],
  ['/people/organizations', screen(() => import('../screens/people/organizations.js'))],
  ['/people/users', screen(() => import('../screens/people/users.js'))],
  ['/account', screen(() => import('../screens/account/account.js'))],
  ['/settings/security/network', screen(() => import('../screens/network/network.js'))],
  ['/settings/routes', screen(() => import('../screens/routes/routes.js'))],
  ['/audit', screen(() => import('../screens/audit/audit.js'))],
  ['/settings/system', screen(() => import('../screens/system/system.js'))],
];

/** Other addresses that people were promised, and where they lead. `:organizationId` is where one acts. */
export const LED: readonly (readonly [from: string, to: string])[] = [
  ['/settings', '/settings/api-keys'],
  ['/settings/security', '/settings/security/network'],
  ['/settings/security/api-keys', '/settings/api-keys'],
  ['/mcp/tokens', '/:organizationId/mcp/tokens'],
];
