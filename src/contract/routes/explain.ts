import { Explain, Explanation } from '../explain.js';
import { base, K, type RouteSpec } from '../route-spec.js';

/** Why a request would be let in or not. */
export const explainRoutes = {
  explain: {
    ...base,
    method: 'POST',
    path: '/api/explain',
    summary:
      'Why a request would be let in or refused, step by step. Without `keys:read` about the caller itself only.',
    authModes: K,
    body: Explain,
    answer: Explanation,
  },
} as const satisfies Record<string, RouteSpec>;
