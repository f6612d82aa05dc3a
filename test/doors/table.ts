import type { UpstreamRoutes } from '../../src/contract/upstream-routes.js';

const any = ['jwt', 'api_key', 'service_role'] as const;
const write = { authModes: [...any], scopes: ['billing:write'] };

/** The billing table of G6, as documented, and a route of each other kind. */
export const ROUTES: UpstreamRoutes = {
  routes: [
    { methods: ['POST'], path: '/billing/gift-cards/redeem', ...write },
    { methods: ['POST'], path: '/billing/credits/purchase', ...write },
    { methods: ['POST'], path: '/billing/subscription/create', ...write },
    { methods: ['POST'], path: '/billing/portal', ...write },
    { methods: ['GET'], path: '/billing/summary', authModes: [...any], scopes: [] },
    { methods: ['GET'], path: '/billing/invoices', authModes: [...any], scopes: [] },
    { methods: ['GET'], path: '/trusted', authModes: ['service_role'], scopes: [] },
    { methods: ['GET'], path: '/people', authModes: ['jwt'], scopes: [] },
    { methods: ['GET'], path: '/agents', authModes: ['mcp'], scopes: [] },
    { methods: ['GET', 'POST'], path: '/open', authModes: ['public'], scopes: [] },
    { methods: ['GET'], path: '/own-header', authModes: ['api_key'], scopes: [], slots: ['x-api-key'] },
    {
      methods: ['GET'],
      path: '/tight',
      authModes: ['api_key'],
      scopes: [],
      rateLimit: { requests: 2, windowSeconds: 3600 },
    },
    { methods: ['GET'], path: '/users/:id', authModes: ['api_key'], scopes: ['projects:read', 'members:read'] },
    { methods: ['GET'], path: '/files/*', authModes: ['api_key'], scopes: ['projects:read'] },
  ],
};

/** Who calls; each door has credentials of its own, so that none spends another's limit. */
export type Credential =
  | 'plain'
  | 'payer'
  | 'all'
  | 'nothing'
  | 'service'
  | 'mcp'
  | 'admin'
  | 'client'
  | 'revoked'
  | 'expired'
  | 'rotated'
  | 'staging'
  | 'elsewhere'
  | 'web'
  | 'bounded'
  | 'jwt'
  | 'jwt of nothing'
  | 'jwt of web';

/** What some doors have no notion of. */
export type Needs = 'paths' | 'environment keys' | 'jwt' | 'forwarding' | 'two Authorization lines';

export interface Row {
  readonly method: string;
  readonly path: string;
  /** `<plain>` stands for that credential. */
  readonly headers: readonly (readonly [string, string])[];
  /** `allow` and who, or the code of the refusal. */
  readonly verdict: string;
  readonly needs: readonly Needs[];
  /** About the credential alone: our own Express door is asked about it at a route of its own. */
  readonly anywhere: boolean;
}

const SUMMARY = 'GET /billing/summary';

const row = (line: string, headers: Row['headers'], verdict: string, ...needs: Needs[]): Row => {
  const [method = '', path = ''] = line.split(' ');
  return {
    method,
    path,
    headers,
    verdict,
    needs,
    anywhere: line === SUMMARY && !headers.some(([, value]) => value === '<mcp>'),
  };
};
const key = (name: Credential): Row['headers'] => [['x-api-key', `<${name}>`]];
const bearer = (text: string): Row['headers'] => [['authorization', text]];

export const TABLE: readonly Row[] = [
  // Who is calling, and where the credential may be.
  row(SUMMARY, [], 'UNAUTHORIZED'),
  row(SUMMARY, key('plain'), 'allow plain'),
  row(SUMMARY, bearer('Bearer <plain>'), 'allow plain'),
  row(SUMMARY, bearer('bEARER   <plain>'), 'allow plain'),
  row(SUMMARY, bearer('Basic <plain>'), 'UNAUTHORIZED'),
  row(SUMMARY, bearer('<plain>'), 'UNAUTHORIZED'),
  row(SUMMARY, [...key('plain'), ...bearer('Bearer <plain>')], 'allow plain'),
  row(SUMMARY, [...key('plain'), ...bearer('Basic x')], 'allow plain'),
  row(SUMMARY, [...key('plain'), ...bearer('Bearer <payer>')], 'AMBIGUOUS_CREDENTIALS'),
  row(SUMMARY, [...key('plain'), ...key('plain')], 'AMBIGUOUS_CREDENTIALS'),
  row(
    SUMMARY,
    [...bearer('Bearer <plain>'), ...bearer('Bearer <plain>')],
    'AMBIGUOUS_CREDENTIALS',
    'two Authorization lines',
  ),
  row(SUMMARY, [['x-api-key', '']], 'UNAUTHORIZED'),
  row(SUMMARY, [['x-api-key', 'two words']], 'UNAUTHORIZED'),
  row(SUMMARY, [['x-api-key', 'unknown']], 'UNAUTHORIZED'),
  row(SUMMARY, [['x-api-key', '<plain>x']], 'UNAUTHORIZED'),
  row(SUMMARY, [['x_api_key', '<plain>']], 'UNAUTHORIZED'),
  row(SUMMARY, [['cookie', 'x-api-key=<plain>']], 'UNAUTHORIZED'),
  row(SUMMARY, key('revoked'), 'UNAUTHORIZED'),
  row(SUMMARY, key('expired'), 'UNAUTHORIZED'),
  row(SUMMARY, key('rotated'), 'allow rotated'),
  row(SUMMARY, key('client'), 'allow client', 'environment keys'),
  row(SUMMARY, key('admin'), 'allow admin', 'environment keys'),
  row(SUMMARY, bearer('Bearer <jwt>'), 'allow plain', 'jwt'),
  row(SUMMARY, key('jwt'), 'allow plain', 'jwt'),
  row(SUMMARY, bearer('Bearer <jwt>x'), 'UNAUTHORIZED', 'jwt'),
  // Whoever forges an identity is who they are.
  row(
    SUMMARY,
    [...key('plain'), ['X-Gatehouse-Subject', 'key_forged'], ['X_Gatehouse_Type', 'env_admin']],
    'allow plain',
  ),
  row(
    SUMMARY,
    [
      ['X-Gatehouse-Subject', 'key_forged'],
      ['X-Gatehouse-Type', 'env_admin'],
    ],
    'UNAUTHORIZED',
  ),
  // Bounds of the key.
  row(SUMMARY, key('staging'), 'FORBIDDEN'),
  row(SUMMARY, key('elsewhere'), 'FORBIDDEN'),
  row(SUMMARY, [...key('elsewhere'), ['x-forwarded-for', '192.0.2.7']], 'allow elsewhere', 'forwarding'),
  row(SUMMARY, [...key('elsewhere'), ['x-forwarded-for', '192.0.2.7, 127.0.0.1']], 'allow elsewhere', 'forwarding'),
  row(SUMMARY, [...key('elsewhere'), ['x-forwarded-for', '192.0.2.7, 198.51.100.1']], 'FORBIDDEN', 'forwarding'),
  row(SUMMARY, [...key('plain'), ['x-forwarded-for', '203.0.113.66']], 'IP_NOT_ALLOWED', 'forwarding'),
  row(SUMMARY, [...key('plain'), ['x-forwarded-for', '::ffff:203.0.113.66']], 'IP_NOT_ALLOWED', 'forwarding'),
  row(SUMMARY, [...key('plain'), ['x-forwarded-for', 'nonsense']], 'BAD_REQUEST', 'forwarding'),
  // A key of pages: exact, once, and of a page at all.
  row(SUMMARY, [...key('web'), ['origin', 'https://app.example.com']], 'allow web'),
  row(SUMMARY, [...bearer('Bearer <web>'), ['Origin', 'http://localhost:5173']], 'allow web'),
  row(SUMMARY, key('web'), 'ORIGIN_NOT_ALLOWED'),
  row(SUMMARY, [...key('web'), ['origin', 'https://app.example.com.evil.example']], 'ORIGIN_NOT_ALLOWED'),
  row(SUMMARY, [...key('web'), ['origin', 'http://app.example.com']], 'ORIGIN_NOT_ALLOWED'),
  row(SUMMARY, [...key('web'), ['origin', 'https://app.example.com:8443']], 'ORIGIN_NOT_ALLOWED'),
  row(SUMMARY, [...key('web'), ['origin', 'null']], 'ORIGIN_NOT_ALLOWED'),
  row(SUMMARY, [...key('web'), ['referer', 'https://app.example.com/']], 'ORIGIN_NOT_ALLOWED'),
  row(SUMMARY, [...key('plain'), ['origin', 'https://evil.example']], 'allow plain'),
  row(SUMMARY, [...bearer('Bearer <jwt of web>'), ['origin', 'https://app.example.com']], 'allow web', 'jwt'),
  row(SUMMARY, bearer('Bearer <jwt of web>'), 'ORIGIN_NOT_ALLOWED', 'jwt'),
  row('GET /open', key('web'), 'ORIGIN_NOT_ALLOWED'),
  // Modes.
  row(SUMMARY, key('mcp'), 'FORBIDDEN'),
  row('GET /agents', key('mcp'), 'allow mcp'),
  row('GET /agents', key('plain'), 'FORBIDDEN'),
  row('GET /trusted', key('plain'), 'FORBIDDEN'),
  row('GET /trusted', key('service'), 'allow service'),
  row('GET /trusted', key('admin'), 'allow admin', 'environment keys'),
  row('GET /people', key('plain'), 'FORBIDDEN'),
  row('GET /people', bearer('Bearer <jwt>'), 'FORBIDDEN', 'jwt'),
  row(SUMMARY, key('service'), 'allow service'),
  // What is public.
  row('GET /open', [], 'allow nobody'),
  row('POST /open', [], 'allow nobody'),
  row('GET /open', key('plain'), 'allow plain'),
  row('GET /open', key('revoked'), 'allow nobody'),
  row('GET /open', key('staging'), 'FORBIDDEN'),
  // Slots.
  row('GET /own-header', [...key('plain'), ...bearer('Bearer of-the-app')], 'allow plain'),
  row('GET /own-header', bearer('Bearer <plain>'), 'UNAUTHORIZED'),
  // G6: the billing table.
  row('POST /billing/gift-cards/redeem', key('payer'), 'allow payer'),
  row('POST /billing/credits/purchase', key('payer'), 'allow payer'),
  row('POST /billing/subscription/create', key('all'), 'allow all'),
  row('POST /billing/portal', key('service'), 'allow service'),
  row('POST /billing/gift-cards/redeem', key('plain'), 'FORBIDDEN'),
  row('POST /billing/credits/purchase', key('nothing'), 'FORBIDDEN'),
  row('POST /billing/subscription/create', [], 'UNAUTHORIZED'),
  row('POST /billing/portal', bearer('Bearer <jwt of nothing>'), 'FORBIDDEN', 'jwt'),
  row('GET /billing/summary', key('nothing'), 'allow nothing'),
  row('GET /billing/invoices', key('plain'), 'allow plain'),
  row('GET /billing/invoices', [], 'UNAUTHORIZED'),
  // Several scopes, parameters, what follows a path.
  row('GET /users/7', key('plain'), 'FORBIDDEN'),
  row('GET /users/7', key('all'), 'allow all'),
  row('GET /files/a/b.txt?x=/../y', key('plain'), 'allow plain'),
  row('HEAD /files/a', key('plain'), 'allow plain'),
  // What no route fits.
  row('GET /billing/portal', key('all'), 'FORBIDDEN', 'paths'),
  row('POST /billing/summary', key('all'), 'FORBIDDEN', 'paths'),
  row('DELETE /files/a', key('all'), 'FORBIDDEN', 'paths'),
  row('GET /elsewhere', key('all'), 'FORBIDDEN', 'paths'),
  row('GET /elsewhere', [], 'UNAUTHORIZED', 'paths'),
  // What two readers read differently.
  row('GET /files/%2fopen', key('all'), 'BAD_REQUEST', 'paths'),
  row('GET /open/%2e%2e/trusted', key('plain'), 'BAD_REQUEST', 'paths'),
  row('GET /files;/a', key('all'), 'BAD_REQUEST', 'paths'),
  row('GET /TRUSTED', key('plain'), 'BAD_REQUEST', 'paths'),
  row('GET /trusted/', key('service'), 'allow service'),
  // Limits: the route's, then the key's own.
  row('GET /tight', key('all'), 'allow all'),
  row('GET /tight', key('all'), 'allow all'),
  row('GET /tight', key('all'), 'RATE_LIMITED'),
  row('GET /files/a', key('bounded'), 'allow bounded'),
  row('GET /files/a', key('bounded'), 'allow bounded'),
  row('GET /files/a', key('bounded'), 'RATE_LIMITED'),
];
