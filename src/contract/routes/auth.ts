import { ANYONE, base, change, K, type RouteSpec } from '../route-spec.js';
import { AccessToken, Jwks, SigningKeyRotated, TradeKey } from '../tokens.js';
import { Whoami } from '../whoami.js';

/** Who a caller is, and tokens that stand for callers. */
export const authRoutes = {
  whoami: {
    ...base,
    method: 'GET',
    path: '/api/auth/whoami',
    summary: 'Who the presented credential is.',
    authModes: ANYONE,
    reach: 'none',
    answer: Whoami,
  },

  jwks: {
    ...base,
    method: 'GET',
    path: '/.well-known/jwks.json',
    summary: 'The public keys that our tokens can be checked with.',
    authModes: ['public'],
    counted: false,
    reach: 'none',
    cacheSeconds: 300,
    answer: Jwks,
  },
  tradeKey: {
    ...base,
    method: 'POST',
    path: '/api/auth/token',
    summary: 'Trade the presented key for a JWT of at most 15 minutes and at most its bounds.',
    authModes: ['api_key', 'service_role'],
    audited: true,
    reach: 'none',
    body: TradeKey,
    answer: AccessToken,
  },
  rotateSigningKey: {
    ...change,
    method: 'POST',
    path: '/api/settings/signing-keys/rotate',
    summary: 'Sign with a new key from now on; the old one stays published for a day.',
    authModes: K,
    scopes: ['settings:write'],
    reach: 'instance',
    fresh: true,
    answer: SigningKeyRotated,
  },
} as const satisfies Record<string, RouteSpec>;
