import { LanTargetsList, LanTargetsOnly, SetLanTargets } from '../lan-targets.js';
import { base, change, K, type RouteSpec } from '../route-spec.js';

/** What workspaces may call besides the public internet over TLS. */
export const lanTargetRoutes = {
  listLanTargets: {
    ...base,
    method: 'GET',
    path: '/api/settings/lan-targets',
    summary: 'What each workspace may call besides the public internet over TLS.',
    authModes: K,
    scopes: ['settings:read'],
    reach: 'instance',
    answer: LanTargetsList,
  },
  setLanTargets: {
    ...change,
    method: 'PUT',
    path: '/api/settings/lan-targets/:workspaceId',
    summary: 'Replace that list of one workspace.',
    authModes: K,
    scopes: ['settings:write'],
    reach: 'instance',
    body: SetLanTargets,
    answer: LanTargetsOnly,
  },
} as const satisfies Record<string, RouteSpec>;
