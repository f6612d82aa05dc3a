import * as z from 'zod';

/** Every scope that ships. `resource:action`; upstream routes may declare others in settings. */
export const SCOPES = [
  'projects:read',
  'projects:write',
  'billing:read',
  'billing:write',
  'secrets:read',
  'secrets:write',
  'secrets:use',
  'credentials:use',
  'agents:read',
  'agents:write',
  'keys:read',
  'keys:write',
  'members:read',
  'members:write',
  'ask:run',
  'jobs:read',
  'jobs:write',
  'jobs:read_all',
  'endpoints:read',
  'endpoints:write',
  'endpoints:run',
  'audit:read',
  'metrics:read',
  'settings:read',
  'settings:write',
] as const;

export type Scope = (typeof SCOPES)[number];

/** What a key holds when its scopes are left out, and what `VALID_API_KEYS` hold (`CLIENT_SCOPES` changes it). */
export const CLIENT_PRESET: readonly Scope[] = ['ask:run', 'jobs:read', 'projects:read', 'endpoints:run'];

/** What an admin of an organization holds, and a service key made without scopes. */
export const ADMIN_SCOPES: readonly Scope[] = SCOPES.filter((scope) => !scope.startsWith('settings:'));

/** What an MCP token made without scopes holds. */
export const MCP_PRESET: readonly Scope[] = [
  'projects:read',
  'ask:run',
  'jobs:read',
  'endpoints:read',
  'endpoints:run',
];

/** The form of a scope, shipped or declared elsewhere. Blanks separate scopes in tokens, so none may hold one. */
export const ScopeName = z
  .string()
  .max(64)
  .regex(/^(\*|[a-z][a-z0-9_-]*:(\*|[a-z][a-z0-9_-]*))$/, {
    error: 'a scope looks like projects:read, projects:* or *',
  });

const RESOURCES = new Set(SCOPES.map((scope) => scope.slice(0, scope.indexOf(':'))));
const KNOWN = new Set<string>(SCOPES);

/** Whether a granted scope means something: a shipped scope, `*`, or `resource:*` of a shipped resource. */
export function isKnownScope(scope: string): boolean {
  return scope === '*' || KNOWN.has(scope) || (scope.endsWith(':*') && RESOURCES.has(scope.slice(0, -2)));
}

/** One scope as it may be granted to a key. Whether it means something is for the room to say: apps declare their own. */
export const GrantedScope = ScopeName.refine((scope) => !scope.startsWith('settings:'), {
  error: 'settings scopes are for operators and cannot be given to a key',
});

/** For sentences: what may be granted, without what apps declared. */
export const GRANTABLE = SCOPES.filter((scope) => !scope.startsWith('settings:')).join(', ');
