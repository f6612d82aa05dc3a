import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROUTES, type RouteId, type RouteSpec } from '../../src/contract/routes.js';
import { CLIENT_PRESET, SCOPES } from '../../src/contract/scopes.js';
import { missingScopes } from '../../src/kernel/scopes.js';
import { MINUTE } from '../support/clock.js';
import { ADMIN_KEY, type CallOptions, type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { expectProblem } from './problem.js';

const WHO: Readonly<Record<string, string>> = {
  public: 'public',
  'api_key jwt service_role': 'k',
  'api_key jwt mcp service_role': 'k+mcp',
  'jwt service_role': 'trusted',
  'api_key service_role': 'key',
};

/**
 * The route table once more, by hand: who may call what. `k`: API keys, env keys and operators; `+mcp`: MCP tokens too;
 * `operator`: operators only; `trusted`: operators and service keys; `key`: whoever shows a key; `public`: anybody. A route that is not here, or is more open than it says here, fails.
 */
const PROMISED: Readonly<Record<RouteId, string>> = {
  healthz: 'GET /healthz public',
  readyz: 'GET /readyz public',
  whoami: 'GET /api/auth/whoami k+mcp',
  jwks: 'GET /.well-known/jwks.json public',
  tradeKey: 'POST /api/auth/token key',
  rotateSigningKey: 'POST /api/settings/signing-keys/rotate operator settings:write',
  listKeys: 'GET /api/keys k keys:read',
  createKey: 'POST /api/keys k keys:write',
  verifyKey: 'POST /api/keys/verify k keys:read',
  showKey: 'GET /api/keys/:id k keys:read',
  updateKey: 'PATCH /api/keys/:id k keys:write',
  rotateKey: 'POST /api/keys/:id/rotate k keys:write',
  revokeKey: 'POST /api/keys/:id/revoke k keys:write',
  deleteKey: 'DELETE /api/keys/:id k keys:write',
  listServiceKeys: 'GET /api/service-keys trusted keys:read',
  createServiceKey: 'POST /api/service-keys trusted keys:write',
  showServiceKey: 'GET /api/service-keys/:id trusted keys:read',
  updateServiceKey: 'PATCH /api/service-keys/:id trusted keys:write',
  rotateServiceKey: 'POST /api/service-keys/:id/rotate trusted keys:write',
  revokeServiceKey: 'POST /api/service-keys/:id/revoke trusted keys:write',
  deleteServiceKey: 'DELETE /api/service-keys/:id trusted keys:write',
  listMcpTokens: 'GET /api/mcp-tokens trusted keys:read',
  createMcpToken: 'POST /api/mcp-tokens trusted keys:write',
  showMcpToken: 'GET /api/mcp-tokens/:id trusted keys:read',
  updateMcpToken: 'PATCH /api/mcp-tokens/:id trusted keys:write',
  rotateMcpToken: 'POST /api/mcp-tokens/:id/rotate trusted keys:write',
  revokeMcpToken: 'POST /api/mcp-tokens/:id/revoke trusted keys:write',
  deleteMcpToken: 'DELETE /api/mcp-tokens/:id trusted keys:write',
  listEnvKeys: 'GET /api/env-keys operator keys:read',
  adoptEnvKey: 'POST /api/env-keys/:fingerprint/adopt operator keys:write',
  listWorkspaces: 'GET /api/workspaces k projects:read',
  showWorkspace: 'GET /api/workspaces/:workspaceId k projects:read',
  ask: 'POST /api/ask k ask:run',
  listAudit: 'GET /api/audit operator audit:read',
  verifyAudit: 'GET /api/audit/verify operator audit:read',
  showNetwork: 'GET /api/settings/network operator settings:read',
  setNetwork: 'PUT /api/settings/network operator settings:write',
  confirmNetwork: 'POST /api/settings/network/confirm operator settings:write',
  showRoutes: 'GET /api/settings/routes operator settings:read',
  setRoutes: 'PUT /api/settings/routes operator settings:write',
  testRoute: 'POST /api/settings/routes/test operator settings:read',
  showScopes: 'GET /api/settings/scopes operator settings:read',
  setScopes: 'PUT /api/settings/scopes operator settings:write',
  showSystem: 'GET /api/system operator settings:read',
};

const CLIENT_KEY = 'c1ient-c1ient-c1ient-c1ient-c1ient-c1ient';
const SPARE_KEYS = ['spare-one-spare-one-spare-one-spare-one', 'spare-two-spare-two-spare-two-spare-two'];

interface Sample {
  readonly path: string;
  readonly options: CallOptions;
}

let gate: RunningGatehouse;
let spares: string[];

beforeAll(async () => {
  gate = await startGatehouse({
    ADMIN_API_KEY: ADMIN_KEY,
    VALID_API_KEYS: [CLIENT_KEY, ...SPARE_KEYS].join(','),
    API_RATE_LIMIT: 'off',
  });
  const { json } = await gate.local('/api/env-keys');
  const fingerprints = json.data.map(({ fingerprint }: { fingerprint: string }) => fingerprint);
  expect(fingerprints).toHaveLength(4);
  spares = fingerprints.slice(2);
});
afterAll(() => gate[Symbol.asyncDispose]());

/** A request that succeeds for whoever may make it. */
async function sampleOf(id: RouteId): Promise<Sample> {
  const family = ROUTES[id].path.startsWith('/api/service-keys')
    ? '/api/service-keys'
    : ROUTES[id].path.startsWith('/api/mcp-tokens')
      ? '/api/mcp-tokens'
      : '/api/keys';
  const target = async (): Promise<string> =>
    (await gate.local(family, { method: 'POST', body: { name: 'target', scopes: [] } })).json.key.id;
  const post = (path: string, body: unknown): Sample => ({ path, options: { method: 'POST', body } });
  switch (id) {
    case 'createKey':
    case 'createServiceKey':
    case 'createMcpToken':
      return post(family, { name: 'made', scopes: [] });
    case 'tradeKey':
    case 'rotateSigningKey':
      return { path: ROUTES[id].path, options: { method: 'POST' } };
    case 'verifyKey':
      return post('/api/keys/verify', { token: 'gate_sdk_test_nothing' });
    case 'showKey':
    case 'showServiceKey':
    case 'showMcpToken':
      return { path: `${family}/${await target()}`, options: {} };
    case 'updateKey':
    case 'updateServiceKey':
    case 'updateMcpToken':
      return { path: `${family}/${await target()}`, options: { method: 'PATCH', body: { note: 'changed' } } };
    case 'rotateKey':
    case 'revokeKey':
    case 'rotateServiceKey':
    case 'revokeServiceKey':
    case 'rotateMcpToken':
    case 'revokeMcpToken':
      return { path: ROUTES[id].path.replace(':id', await target()), options: { method: 'POST' } };
    case 'deleteKey':
    case 'deleteServiceKey':
    case 'deleteMcpToken':
      return { path: `${family}/${await target()}`, options: { method: 'DELETE' } };
    case 'adoptEnvKey':
      return post(`/api/env-keys/${spares[0]}/adopt`, { name: 'adopted' });
    case 'setNetwork':
      return { path: ROUTES[id].path, options: { method: 'PUT', body: { allowedIps: null } } };
    case 'confirmNetwork':
      await gate.local('/api/settings/network', {
        method: 'PUT',
        body: { allowedIps: ['0.0.0.0/0'], revertAfterSeconds: 300 },
      });
      return { path: ROUTES[id].path, options: { method: 'POST' } };
    case 'setRoutes':
      return { path: ROUTES[id].path, options: { method: 'PUT', body: { routes: [] } } };
    case 'testRoute':
      return post(ROUTES[id].path, { method: 'GET', path: '/' });
    case 'setScopes':
      return { path: ROUTES[id].path, options: { method: 'PUT', body: { declared: [{ scope: 'gifts:write' }] } } };
    case 'ask':
      return post('/api/ask', { workspaceId: 'example', question: 'How are fines calculated?' });
    case 'showWorkspace':
      return { path: '/api/workspaces/example', options: {} };
    default:
      return { path: ROUTES[id].path, options: {} };
  }
}

interface CallerCase {
  readonly name: string;
  /** `null`: sends none. */
  key(route: RouteSpec): Promise<string | null>;
  /** What the credential is: nobody, an API key with scopes, a service key, an MCP token, or an operator. */
  readonly is: 'nobody' | 'operator' | 'trusted' | 'mcp' | ((route: RouteSpec) => readonly string[]);
}

const made = async (request: Parameters<RunningGatehouse['createKey']>[0]) => gate.createKey(request);
const grantable = SCOPES.filter((scope) => !scope.startsWith('settings:'));
const allButOne = (route: RouteSpec) => grantable.filter((scope) => scope !== route.scopes[0]);

const CALLERS: readonly CallerCase[] = [
  { name: 'no key', is: 'nobody', key: async () => null },
  { name: 'an empty key', is: 'nobody', key: async () => '' },
  { name: 'a wrong key', is: 'nobody', key: async () => 'gate_sdk_test_0000000000000000000000000000000000000000000' },
  {
    name: 'an expired key',
    is: 'nobody',
    async key() {
      const expiresAt = new Date(gate.clock.nowMs() + MINUTE).toISOString();
      const { token } = await made({ scopes: ['*'], expiresAt });
      gate.clock.advance(MINUTE);
      return token;
    },
  },
  {
    name: 'a revoked key',
    is: 'nobody',
    async key() {
      const { key, token } = await made({ scopes: ['*'] });
      await gate.local(`/api/keys/${key.id}/revoke`, { method: 'POST' });
      return token;
    },
  },
  { name: 'a key with the client preset', is: () => CLIENT_PRESET, key: async () => (await made({})).token },
  {
    name: 'a key with exactly the scopes',
    is: (route) => route.scopes,
    key: async (route) =>
      (await made({ scopes: route.scopes.filter((scope) => !scope.startsWith('settings:')) })).token,
  },
  {
    name: 'a key with every scope but one that is needed',
    is: allButOne,
    key: async (route) => (await made({ scopes: allButOne(route) })).token,
  },
  { name: 'a key with *', is: () => ['*'], key: async () => (await made({ scopes: ['*'] })).token },
  {
    name: 'a service key with *',
    is: 'trusted',
    key: async () =>
      (await gate.local('/api/service-keys', { method: 'POST', body: { name: 's', scopes: ['*'] } })).json.token,
  },
  {
    name: 'an MCP token with *',
    is: 'mcp',
    key: async () =>
      (await gate.local('/api/mcp-tokens', { method: 'POST', body: { name: 'm', scopes: ['*'] } })).json.token,
  },
  { name: 'a client key of the environment', is: () => CLIENT_PRESET, key: async () => CLIENT_KEY },
  { name: 'the admin key of the environment', is: 'operator', key: async () => ADMIN_KEY },
];

/** The status that the table implies. */
function implied(route: RouteSpec, is: CallerCase['is']): { status: number; missing: readonly string[] } {
  if (route.authModes.includes('public') || is === 'operator') return { status: route.status, missing: [] };
  if (is === 'nobody') return { status: 401, missing: [] };
  if (is === 'mcp') return { status: route.authModes.includes('mcp') ? route.status : 403, missing: [] };
  if (is === 'trusted') {
    // A service key makes no service keys, and gets the secret of none but itself.
    const refused =
      route.reach === 'instance' ||
      (route.method === 'POST' && ['/api/service-keys', '/api/service-keys/:id/rotate'].includes(route.path));
    return { status: refused ? 403 : route.status, missing: [] };
  }
  if (route.reach === 'instance' || !route.authModes.includes('api_key')) return { status: 403, missing: [] };
  const missing = missingScopes(new Set(is(route)), route.scopes);
  return { status: missing.length > 0 ? 403 : route.status, missing };
}

test('G1: the route table asks exactly what is promised here, and no route is without a row', () => {
  const table = Object.entries<RouteSpec>(ROUTES).map(([id, { method, path, authModes, scopes, reach }]) => {
    const modes = [...authModes].sort().join(' ');
    const who = WHO[modes] === 'k' && reach === 'instance' ? 'operator' : (WHO[modes] ?? modes);
    return [id, [method, path, who, ...scopes].join(' ')];
  });
  expect(Object.fromEntries(table)).toEqual(PROMISED);
});

describe.each(Object.keys(PROMISED) as RouteId[])('%s', (id) => {
  const route: RouteSpec = ROUTES[id];

  test.each(CALLERS)('G1: answers $name as the table implies', async ({ key, is }) => {
    // Failures of the rows before must not throttle this one.
    gate.clock.advance(MINUTE);
    const sample = await sampleOf(id);
    const credential = await key(route);
    const answer = await gate.call(sample.path, {
      ...sample.options,
      ...(credential === null ? {} : { key: credential }),
    });
    const { status, missing } = implied(route, is);
    expect(answer.status, answer.text).toBe(status);
    if (status < 400) {
      route.answer.parse(answer.json);
      if (id === 'adoptEnvKey') spares.shift();
      return;
    }
    expectProblem(answer, status === 401 ? 'UNAUTHORIZED' : 'FORBIDDEN');
    for (const scope of missing) expect(answer.json.detail).toContain(scope);
    const challenge = answer.headers.get('www-authenticate') ?? '';
    if (status === 401) expect(challenge).toMatch(/^Bearer realm="gatehouse"/);
    if (missing.length > 0) expect(challenge).toContain('error="insufficient_scope"');
  });

  test('G1: answers the command socket, which is the owner of the files', async () => {
    // What shows no key has none to trade.
    if (id === 'tradeKey') return;
    const sample = await sampleOf(id);
    const answer = await gate.local(sample.path, sample.options);
    expect(answer.status, answer.text).toBe(route.status);
    route.answer.parse(answer.json);
  });
});
