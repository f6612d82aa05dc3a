import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ErrorCode } from '../../src/contract/codes.js';
import { ROLE_SCOPES, ROLES, type Role } from '../../src/contract/roles.js';
import { ROUTES, type RouteId, type RouteSpec } from '../../src/contract/routes.js';
import { CLIENT_PRESET, SCOPES } from '../../src/contract/scopes.js';
import { LOCAL } from '../../src/kernel/principal.js';
import { missingScopes } from '../../src/kernel/scopes.js';
import { TAR, tarOf } from '../support/archives.js';
import { SoftPasskey } from '../support/authenticator.js';
import { MINUTE } from '../support/clock.js';
import { ADMIN_KEY, type CallOptions, type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import {
  confirmIdentity,
  createUser,
  OTHER_PASSWORD,
  PASSWORD,
  secretOf,
  signIn,
  tokensOf,
} from '../support/people.js';
import { expectProblem } from './problem.js';

const WHO: Readonly<Record<string, string>> = {
  public: 'public',
  'api_key jwt service_role': 'k',
  'api_key jwt mcp service_role': 'k+mcp',
  'jwt service_role': 'trusted',
  'api_key service_role': 'key',
  jwt: 'user',
};

/**
 * The route table once more, by hand: who may call what. `k`: API keys, env keys and operators; `+mcp`: MCP tokens too;
 * `operator`: operators only; `trusted`: people, operators and service keys; `key`: whoever shows a key; `user`: people; `public`: anybody. A route that is not here, or is more open than it says here, fails.
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
  showKeyUsage: 'GET /api/keys/:id/usage k keys:read',
  updateKey: 'PATCH /api/keys/:id k keys:write',
  rotateKey: 'POST /api/keys/:id/rotate k keys:write',
  revokeKey: 'POST /api/keys/:id/revoke k keys:write',
  deleteKey: 'DELETE /api/keys/:id k keys:write',
  listServiceKeys: 'GET /api/service-keys trusted keys:read',
  createServiceKey: 'POST /api/service-keys trusted keys:write',
  showServiceKey: 'GET /api/service-keys/:id trusted keys:read',
  showServiceKeyUsage: 'GET /api/service-keys/:id/usage trusted keys:read',
  updateServiceKey: 'PATCH /api/service-keys/:id trusted keys:write',
  rotateServiceKey: 'POST /api/service-keys/:id/rotate trusted keys:write',
  revokeServiceKey: 'POST /api/service-keys/:id/revoke trusted keys:write',
  deleteServiceKey: 'DELETE /api/service-keys/:id trusted keys:write',
  listMcpTokens: 'GET /api/mcp-tokens trusted keys:read',
  createMcpToken: 'POST /api/mcp-tokens trusted keys:write',
  showMcpToken: 'GET /api/mcp-tokens/:id trusted keys:read',
  showMcpTokenUsage: 'GET /api/mcp-tokens/:id/usage trusted keys:read',
  updateMcpToken: 'PATCH /api/mcp-tokens/:id trusted keys:write',
  rotateMcpToken: 'POST /api/mcp-tokens/:id/rotate trusted keys:write',
  revokeMcpToken: 'POST /api/mcp-tokens/:id/revoke trusted keys:write',
  deleteMcpToken: 'DELETE /api/mcp-tokens/:id trusted keys:write',
  explain: 'POST /api/explain k',
  showUsage: 'GET /api/usage k keys:read',
  listenEvents: 'GET /api/events user',
  listRequests: 'GET /api/requests k keys:read',
  listNames: 'GET /api/names k',
  showOverview: 'GET /api/overview k keys:read',
  showKeysUsage: 'GET /api/usage/keys k keys:read',
  listEnvKeys: 'GET /api/env-keys operator keys:read',
  adoptEnvKey: 'POST /api/env-keys/:fingerprint/adopt operator keys:write',
  listOrganizations: 'GET /api/organizations k',
  createOrganization: 'POST /api/organizations operator members:write',
  showOrganization: 'GET /api/organizations/:organizationId k members:read',
  renameOrganization: 'PATCH /api/organizations/:organizationId k members:write',
  showEntitlements: 'GET /api/organizations/:organizationId/entitlements k members:read',
  setEntitlements: 'PUT /api/organizations/:organizationId/entitlements operator members:write',
  listMembers: 'GET /api/organizations/:organizationId/members k members:read',
  changeRole: 'PATCH /api/organizations/:organizationId/members/:userId k members:write',
  removeMember: 'DELETE /api/organizations/:organizationId/members/:userId k members:write',
  leaveOrganization: 'POST /api/organizations/:organizationId/leave user',
  listInvites: 'GET /api/organizations/:organizationId/invites k members:read',
  createInvite: 'POST /api/organizations/:organizationId/invites k members:write',
  withdrawInvite: 'DELETE /api/organizations/:organizationId/invites/:inviteId k members:write',
  listWorkspaces: 'GET /api/workspaces k projects:read',
  showWorkspace: 'GET /api/workspaces/:workspaceId k projects:read',
  updateWorkspace: 'PATCH /api/workspaces/:workspaceId k projects:write',
  indexWorkspace: 'POST /api/workspaces/:workspaceId/index k projects:write',
  createWorkspace: 'POST /api/workspaces k projects:write',
  deleteWorkspace: 'DELETE /api/workspaces/:workspaceId k projects:write secrets:write',
  listFiles: 'GET /api/workspaces/:workspaceId/files k projects:read',
  uploadArchive: 'POST /api/workspaces/:workspaceId/files k projects:write',
  readFile: 'GET /api/workspaces/:workspaceId/file k projects:read',
  writeFile: 'PUT /api/workspaces/:workspaceId/file k projects:write',
  deleteFile: 'DELETE /api/workspaces/:workspaceId/file k projects:write',
  listPrompts: 'GET /api/prompts k agents:read',
  createPrompt: 'POST /api/prompts k agents:write',
  showPrompt: 'GET /api/prompts/:prompt k agents:read',
  showPromptVersion: 'GET /api/prompts/:prompt/versions/:version k agents:read',
  replacePrompt: 'PUT /api/prompts/:prompt k agents:write',
  deletePrompt: 'DELETE /api/prompts/:prompt k agents:write',
  listModels: 'GET /api/models k agents:read',
  ask: 'POST /api/ask k ask:run',
  listJobs: 'GET /api/jobs k jobs:read',
  showJob: 'GET /api/jobs/:id k jobs:read',
  jobEvents: 'GET /api/jobs/:id/events k jobs:read',
  cancelJob: 'POST /api/jobs/:id/cancel k jobs:write',
  retryJob: 'POST /api/jobs/:id/retry k jobs:write',
  listCredentialTypes: 'GET /api/credential-types k secrets:read',
  listCredentials: 'GET /api/workspaces/:workspaceId/credentials k secrets:read',
  createCredential: 'POST /api/workspaces/:workspaceId/credentials k secrets:write',
  tryCredential: 'POST /api/workspaces/:workspaceId/credentials/try k secrets:write',
  tryReplacement: 'POST /api/workspaces/:workspaceId/credentials/:credential/try k secrets:write',
  showCredential: 'GET /api/workspaces/:workspaceId/credentials/:credential k secrets:read',
  replaceCredential: 'PUT /api/workspaces/:workspaceId/credentials/:credential k secrets:write',
  updateCredential: 'PATCH /api/workspaces/:workspaceId/credentials/:credential k secrets:write',
  deleteCredential: 'DELETE /api/workspaces/:workspaceId/credentials/:credential k secrets:write',
  testCredential: 'POST /api/workspaces/:workspaceId/credentials/:credential/test k secrets:write',
  listSecrets: 'GET /api/workspaces/:workspaceId/secrets k secrets:read',
  showSecret: 'GET /api/workspaces/:workspaceId/secrets/:name k secrets:read',
  setSecret: 'PUT /api/workspaces/:workspaceId/secrets/:name k secrets:write',
  deleteSecret: 'DELETE /api/workspaces/:workspaceId/secrets/:name k secrets:write',
  listVariables: 'GET /api/workspaces/:workspaceId/variables k projects:read',
  setVariable: 'PUT /api/workspaces/:workspaceId/variables/:name k projects:write',
  deleteVariable: 'DELETE /api/workspaces/:workspaceId/variables/:name k projects:write',
  listSecretKeys: 'GET /api/settings/secret-keys operator settings:read',
  rotateSecretKey: 'POST /api/settings/secret-keys/rotate operator settings:write',
  addOldSecretKey: 'POST /api/settings/secret-keys/old operator settings:write',
  listLanTargets: 'GET /api/settings/lan-targets operator settings:read',
  setLanTargets: 'PUT /api/settings/lan-targets/:workspaceId operator settings:write',
  startOverSecretKey: 'POST /api/settings/secret-keys/start-over operator settings:write',
  authOptions: 'GET /api/auth/options public',
  checkSetup: 'POST /api/auth/setup/check public',
  setup: 'POST /api/auth/setup public',
  signup: 'POST /api/auth/signup public',
  confirmEmail: 'POST /api/auth/email/confirm public',
  login: 'POST /api/auth/login public',
  refresh: 'POST /api/auth/refresh public',
  showInvite: 'POST /api/auth/invites/show public',
  acceptInvite: 'POST /api/auth/invites/accept public',
  forgotPassword: 'POST /api/auth/password/forgot public',
  resetPassword: 'POST /api/auth/password/reset public',
  confirmIdentity: 'POST /api/auth/confirm user',
  confirmOptions: 'POST /api/auth/confirm/options user',
  logout: 'POST /api/auth/logout user',
  listSessions: 'GET /api/auth/sessions user',
  endSessions: 'DELETE /api/auth/sessions user',
  endSession: 'DELETE /api/auth/sessions/:id user',
  showProfile: 'GET /api/auth/profile user',
  updateProfile: 'PATCH /api/auth/profile user',
  changePassword: 'POST /api/auth/profile/password user',
  startTotp: 'POST /api/auth/profile/totp user',
  confirmTotp: 'POST /api/auth/profile/totp/confirm user',
  stopTotp: 'POST /api/auth/profile/totp/stop user',
  listPasskeys: 'GET /api/auth/passkeys user',
  passkeyOptions: 'POST /api/auth/passkeys/options user',
  addPasskey: 'POST /api/auth/passkeys user',
  renamePasskey: 'PATCH /api/auth/passkeys/:id user',
  removePasskey: 'DELETE /api/auth/passkeys/:id user',
  passkeySignInOptions: 'POST /api/auth/passkeys/sign-in/options public',
  passkeySignIn: 'POST /api/auth/passkeys/sign-in public',
  listUsers: 'GET /api/users operator members:read',
  createUser: 'POST /api/users operator members:write',
  showUser: 'GET /api/users/:id operator members:read',
  updateUser: 'PATCH /api/users/:id operator members:write',
  deleteUser: 'DELETE /api/users/:id operator members:write',
  makeResetLink: 'POST /api/users/:id/reset-password operator members:write',
  listUserSessions: 'GET /api/users/:id/sessions operator members:read',
  endUserSessions: 'DELETE /api/users/:id/sessions operator members:write',
  endUserSession: 'DELETE /api/users/:id/sessions/:sessionId operator members:write',
  prepareSetup: 'POST /api/settings/setup operator members:write',
  listAudit: 'GET /api/audit k audit:read',
  summarizeAudit: 'GET /api/audit/summary k audit:read',
  verifyAudit: 'GET /api/audit/verify operator audit:read',
  showNetwork: 'GET /api/settings/network operator settings:read',
  showOwnAddress: 'GET /api/settings/network/me operator settings:read',
  setNetwork: 'PUT /api/settings/network operator settings:write',
  confirmNetwork: 'POST /api/settings/network/confirm operator settings:write',
  showRoutes: 'GET /api/settings/routes operator settings:read',
  setRoutes: 'PUT /api/settings/routes operator settings:write',
  testRoute: 'POST /api/settings/routes/test operator settings:read',
  showScopes: 'GET /api/settings/scopes operator settings:read',
  setScopes: 'PUT /api/settings/scopes operator settings:write',
  showSystem: 'GET /api/system operator settings:read',
  listLog: 'GET /api/system/log operator settings:read',
};

const CLIENT_KEY = 'c1ient-c1ient-c1ient-c1ient-c1ient-c1ient';
const SPARE_KEYS = ['one', 'two', 'three'].map((name) => `spare-${name}-`.repeat(4));

const ORG = '/api/organizations/org_default';
const PUBLIC_URL = 'http://localhost:3000';
const PASSKEYS = '/api/auth/passkeys';

interface Sample {
  readonly path: string;
  readonly options: CallOptions;
  /** What it answers to whoever may ask, where there is nothing here to succeed on. */
  readonly refusal?: ErrorCode;
}

let gate: RunningGatehouse;
let spares: string[];
/** Credentials that keys are made with. */
let bound: string[] = [];

beforeAll(async () => {
  gate = await startGatehouse({
    ADMIN_API_KEY: ADMIN_KEY,
    VALID_API_KEYS: [CLIENT_KEY, ...SPARE_KEYS].join(','),
    API_RATE_LIMIT: 'off',
    SIGNUP: 'open',
    // Where there are passkeys: by an address of numbers there are none.
    PUBLIC_URL,
  });
  // So that no other owner is the last one.
  await createUser(gate, 'owner@example.com', { role: 'owner' });
  const { json } = await gate.local('/api/env-keys');
  const fingerprints = json.data.map(({ fingerprint }: { fingerprint: string }) => fingerprint);
  expect(fingerprints).toHaveLength(5);
  spares = fingerprints.slice(2);
});
afterAll(() => gate[Symbol.asyncDispose]());

let people = 0;
const nextName = (kind: string) => `${kind}-${++people}`;
const nextEmail = () => `person-${++people}@example.com`;
const BAD_TOKEN = 'no-such-token-no-such-token';

/** Where a workspace is already, nothing changes and nothing is told: so this one comes from elsewhere. */
async function assignmentFromElsewhere(): Promise<Sample> {
  const path = '/api/workspaces/movable';
  const to = (organizationId: string): CallOptions => ({ method: 'PATCH', body: { organizationId } });
  await mkdir(join(gate.gatehouse.folder.path, 'movable'), { recursive: true });
  await gate.local('/api/workspaces');
  const { json } = await gate.local('/api/organizations', { method: 'POST', body: { name: 'elsewhere' } });
  expect((await gate.local(path, to(json.organization.id))).status).toBe(200);
  return { path, options: to('org_default') };
}

/** A request that succeeds for whoever may make it. */
async function sampleOf(id: RouteId, headers: Record<string, string> = {}): Promise<Sample> {
  bound = [];
  const family = ROUTES[id].path.startsWith('/api/service-keys')
    ? '/api/service-keys'
    : ROUTES[id].path.startsWith('/api/mcp-tokens')
      ? '/api/mcp-tokens'
      : '/api/keys';
  const target = async (): Promise<string> =>
    (await gate.local(family, { method: 'POST', body: { name: 'target', scopes: [] } })).json.key.id;
  const post = (path: string, body: unknown): Sample => ({ path, options: { method: 'POST', body } });
  const ofUser = async (method = 'GET', body?: unknown): Promise<Sample> => ({
    path: ROUTES[id].path.replace(':id', await createUser(gate, nextEmail(), { password: undefined })),
    options: { method, ...(body === undefined ? {} : { body }) },
  });
  switch (id) {
    case 'signup':
      return post(ROUTES[id].path, { email: nextEmail(), password: PASSWORD });
    case 'setup':
    case 'checkSetup':
    case 'confirmEmail':
      return {
        ...post(ROUTES[id].path, {
          token: BAD_TOKEN,
          ...(id === 'setup' ? { email: nextEmail(), password: PASSWORD } : {}),
        }),
        refusal: 'FORBIDDEN',
      };
    case 'showInvite':
    case 'acceptInvite':
      return {
        ...post(ROUTES[id].path, { token: BAD_TOKEN, ...(id === 'acceptInvite' ? { password: PASSWORD } : {}) }),
        refusal: 'FORBIDDEN',
      };
    case 'login': {
      const email = nextEmail();
      await createUser(gate, email);
      return post(ROUTES[id].path, { email, password: PASSWORD });
    }
    case 'refresh': {
      const email = nextEmail();
      await createUser(gate, email);
      return post(ROUTES[id].path, { refresh_token: (await tokensOf(gate, email)).refresh_token });
    }
    case 'forgotPassword':
      return post(ROUTES[id].path, { email: nextEmail() });
    case 'resetPassword': {
      const userId = await createUser(gate, nextEmail(), { password: undefined });
      const link = await gate.local(`/api/users/${userId}/reset-password`, { method: 'POST' });
      return post(ROUTES[id].path, { token: secretOf(link.json), password: OTHER_PASSWORD });
    }
    case 'logout':
      return { path: ROUTES[id].path, options: { method: 'POST' } };
    case 'endSessions':
      return { path: ROUTES[id].path, options: { method: 'DELETE' } };
    case 'endSession': {
      const mine = await gate.call('/api/auth/sessions', { headers });
      const path = ROUTES[id].path.replace(':id', mine.json.data?.[0].id ?? 'ses_0000000000000000000000');
      return { path, options: { method: 'DELETE' } };
    }
    case 'updateProfile':
      return { path: ROUTES[id].path, options: { method: 'PATCH', body: { name: 'Somebody' } } };
    case 'confirmIdentity':
      return post(ROUTES[id].path, { password: PASSWORD });
    case 'changePassword':
      return post(ROUTES[id].path, { currentPassword: PASSWORD, newPassword: OTHER_PASSWORD });
    case 'startTotp':
      return post(ROUTES[id].path, { password: PASSWORD });
    case 'confirmTotp':
      return { ...post(ROUTES[id].path, { code: '123456' }), refusal: 'CONFLICT' };
    case 'stopTotp':
      return { ...post(ROUTES[id].path, { password: PASSWORD, code: '123456' }), refusal: 'CONFLICT' };
    case 'confirmOptions':
      if (headers['cookie'] !== undefined) await newPasskey(headers, true);
      return { path: ROUTES[id].path, options: { method: 'POST' } };
    case 'passkeyOptions':
    case 'passkeySignInOptions':
      return { path: ROUTES[id].path, options: { method: 'POST' } };
    case 'addPasskey':
      return post(PASSKEYS, { credential: (await newPasskey(headers)).credential });
    case 'renamePasskey':
      return { path: await passkeyPath(headers), options: { method: 'PATCH', body: { name: 'Laptop' } } };
    case 'removePasskey':
      return { path: await passkeyPath(headers), options: { method: 'DELETE' } };
    case 'passkeySignIn': {
      const email = nextEmail();
      await createUser(gate, email);
      const { passkey, credential } = await newPasskey((await signIn(gate, email)).headers, true);
      expect(credential.id).toBe(passkey.id);
      const { json } = await gate.call(`${PASSKEYS}/sign-in/options`, { method: 'POST' });
      return post(ROUTES[id].path, { credential: passkey.get(json, { origin: PUBLIC_URL }) });
    }
    case 'createUser':
      return post(ROUTES[id].path, { email: nextEmail() });
    case 'showUser':
    case 'listUserSessions':
      return ofUser();
    case 'updateUser':
      return ofUser('PATCH', { name: 'Somebody' });
    case 'deleteUser':
    case 'endUserSessions':
      return ofUser('DELETE');
    case 'endUserSession': {
      const email = nextEmail();
      const userId = await createUser(gate, email);
      await signIn(gate, email);
      const [session] = (await gate.local(`/api/users/${userId}/sessions`)).json.data;
      return { path: `/api/users/${userId}/sessions/${session.id}`, options: { method: 'DELETE' } };
    }
    case 'makeResetLink':
      return ofUser('POST');
    case 'prepareSetup':
      return { ...post(ROUTES[id].path, {}), refusal: 'CONFLICT' };
    case 'createKey':
    case 'createServiceKey':
    case 'createMcpToken':
      return post(family, { name: 'made', scopes: [] });
    case 'tradeKey':
    case 'rotateSigningKey':
      return { path: ROUTES[id].path, options: { method: 'POST' } };
    case 'verifyKey':
      return post('/api/keys/verify', { token: 'gate_sdk_test_nothing' });
    case 'explain':
      return post('/api/explain', { method: 'GET', path: '/api/keys' });
    case 'showKey':
    case 'showServiceKey':
    case 'showMcpToken':
      return { path: `${family}/${await target()}`, options: {} };
    case 'showKeysUsage':
      return { path: `/api/usage/keys?ids=${await target()}`, options: {} };
    case 'showKeyUsage':
    case 'showServiceKeyUsage':
    case 'showMcpTokenUsage':
      return { path: `${family}/${await target()}/usage`, options: {} };
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
    case 'setLanTargets':
      return { path: '/api/settings/lan-targets/example', options: { method: 'PUT', body: { targets: ['10.0.0.7'] } } };
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
    case 'listenEvents':
      return { path: ROUTES[id].path, options: { headOnly: true } };
    case 'ask':
      return post('/api/ask', { workspaceId: 'example', question: 'How are fines calculated?' });
    case 'showJob':
    case 'jobEvents':
    case 'cancelJob':
    case 'retryJob':
      return { path: ROUTES[id].path.replace(':id', await jobFor(id)), options: { method: ROUTES[id].method } };
    case 'showWorkspace':
      return { path: '/api/workspaces/example', options: {} };
    case 'indexWorkspace':
      return post('/api/workspaces/example/index', undefined);
    case 'createWorkspace':
      return post('/api/workspaces', { id: nextName('made') });
    case 'deleteWorkspace': {
      const name = nextName('doomed');
      await gate.local('/api/workspaces', { body: { id: name } });
      return { path: `/api/workspaces/${name}?confirm=${name}`, options: { method: 'DELETE' } };
    }
    case 'uploadArchive': {
      const options = { method: 'POST', body: await tarOf({ 'a.txt': 'a' }), headers: TAR };
      return { path: '/api/workspaces/example/files', options };
    }
    case 'readFile':
      return { path: '/api/workspaces/example/file?path=server/fines.ts', options: {} };
    case 'writeFile':
    case 'deleteFile': {
      const path = `/api/workspaces/example/file?path=${nextName('file')}.txt`;
      const write = { method: 'PUT', body: 'text', headers: { 'content-type': 'text/plain' } };
      if (id === 'writeFile') return { path, options: write };
      await gate.local(path, write);
      return { path, options: { method: 'DELETE' } };
    }
    case 'createPrompt':
      return post('/api/prompts', { name: nextName('made'), text: 'Be brief.' });
    case 'showPrompt':
    case 'showPromptVersion':
    case 'replacePrompt':
    case 'deletePrompt': {
      const name = nextName('prompt');
      await gate.local('/api/prompts', { body: { name, text: 'Be brief.' } });
      const path = `${ROUTES[id].path.replace(':prompt', name).replace(':version', '1')}?organizationId=org_default`;
      const body = id === 'replacePrompt' ? { body: { name, text: 'Be briefer.' } } : {};
      return { path, options: { method: ROUTES[id].method, ...body } };
    }
    case 'createCredential':
      return post('/api/workspaces/example/credentials', credential());
    case 'tryCredential':
      // Nobody is asked for it, so nothing holds back the next one.
      return post('/api/workspaces/example/credentials/try', credential());
    case 'tryReplacement':
      return post(`${await credentialPath()}/try`, { fields: credential().fields });
    case 'showCredential':
      return { path: await credentialPath(), options: {} };
    case 'replaceCredential':
      return { path: await credentialPath(), options: { method: 'PUT', body: { fields: credential().fields } } };
    case 'updateCredential':
      return { path: await credentialPath(), options: { method: 'PATCH', body: { note: 'changed' } } };
    case 'deleteCredential':
      return { path: `${await credentialPath()}?force=true`, options: { method: 'DELETE' } };
    case 'testCredential':
      return post(`${await credentialPath()}/test`, undefined);
    case 'setSecret':
    case 'setVariable':
    case 'showSecret':
    case 'deleteSecret':
    case 'deleteVariable': {
      const kind = id.endsWith('Variable') ? 'variables' : 'secrets';
      const path = `/api/workspaces/example/${kind}/NAME`;
      const options = { method: 'PUT', body: kind === 'secrets' ? { value: 'v', hosts: [] } : { value: 'v' } };
      if (id.startsWith('set')) return { path, options };
      await gate.local(path, options);
      return { path, options: { method: id.startsWith('delete') ? 'DELETE' : 'GET' } };
    }
    case 'startOverSecretKey':
      return post(ROUTES[id].path, { wanted: '0123456789abcdef' });
    case 'rotateSecretKey':
      return post(ROUTES[id].path, { workspaceId: 'example' });
    case 'addOldSecretKey':
      return post(ROUTES[id].path, { workspaceId: 'example', key: randomBytes(32).toString('hex') });
    case 'updateWorkspace':
      return {
        path: '/api/workspaces/example',
        options: { method: 'PATCH', body: { defaultProvider: null } },
      };
    case 'createOrganization':
      return post('/api/organizations', { name: 'made' });
    case 'renameOrganization':
      return { path: ORG, options: { method: 'PATCH', body: { name: 'Renamed' } } };
    case 'setEntitlements':
      return {
        path: `${ORG}/entitlements`,
        options: { method: 'PUT', body: { keys: null, workspaces: null, members: null, requestsPerHour: null } },
      };
    case 'changeRole':
    case 'removeMember': {
      const userId = await createUser(gate, nextEmail(), { password: undefined });
      const options = id === 'changeRole' ? { method: 'PATCH', body: { role: 'viewer' } } : { method: 'DELETE' };
      return { path: `${ORG}/members/${userId}`, options };
    }
    case 'listNames':
      return { path: '/api/names?ids=org_default', options: {} };
    case 'leaveOrganization':
      return { path: `${ORG}/leave`, options: { method: 'POST' } };
    case 'createInvite':
      return post(`${ORG}/invites`, { email: nextEmail(), role: 'viewer' });
    case 'withdrawInvite': {
      const body = { email: nextEmail(), role: 'viewer' };
      const { invite } = (await gate.local(`${ORG}/invites`, { body })).json;
      return { path: `${ORG}/invites/${invite.id}`, options: { method: 'DELETE' } };
    }
    default:
      return {
        path: ROUTES[id].path.replace(':organizationId', 'org_default').replace(':workspaceId', 'example'),
        options: {},
      };
  }
}

/** A job that the command line started: one that is done, or, to be run again, one that failed. */
async function jobFor(id: RouteId): Promise<string> {
  const question = { workspaceId: 'example', question: 'How are fines calculated?' };
  if (id !== 'retryJob') return (await gate.local('/api/ask', { method: 'POST', body: question })).json.jobId;
  const by = { bounds: gate.gatehouse.guard.boundsFor(LOCAL), address: 'socket', requestId: 'req_test' };
  const job = await gate.gatehouse.jobs.submit(by, {
    kind: 'ask',
    organizationId: 'org_default',
    workspaceId: null,
    title: 'gone',
    input: { ...question, workspaceId: 'gone' },
  });
  for await (const _event of gate.gatehouse.jobs.events(by.bounds, job.id, 0, new AbortController().signal));
  return job.id;
}

/** One that was made for whoever is signed in, and kept if asked; for nobody, one that nobody asked for. */
async function newPasskey(headers: Record<string, string>, isKept = false) {
  const passkey = new SoftPasskey();
  const { status, json } = await gate.call(`${PASSKEYS}/options`, { method: 'POST', headers });
  const nobodys = {
    rp: { id: 'localhost', name: '' },
    user: { id: 'AAAA', name: '', displayName: '' },
    challenge: 'AA',
  };
  const credential = passkey.create(status === 200 ? json : nobodys, { origin: PUBLIC_URL });
  if (isKept) expect((await gate.call(PASSKEYS, { headers, body: { credential } })).status).toBe(201);
  return { passkey, credential };
}

async function passkeyPath(headers: Record<string, string>): Promise<string> {
  const isSomebody = headers['cookie'] !== undefined;
  if (isSomebody) await newPasskey(headers, true);
  const { json } = isSomebody ? await gate.call(PASSKEYS, { headers }) : { json: { data: [] } };
  return `${PASSKEYS}/${json.data[0]?.id ?? 'pky_0000000000000000000000'}`;
}

let count = 0;
const credential = () => {
  count += 1;
  return { name: `c${count}`, type: 'custom', fields: { values: { A: 'value' } } };
};

/** A credential of its own, which every key that is made from now on is bound to. */
async function credentialPath(): Promise<string> {
  const { json } = await gate.local('/api/workspaces/example/credentials', { method: 'POST', body: credential() });
  bound = [json.credential.id];
  return `/api/workspaces/example/credentials/${json.credential.id}`;
}

interface CallerCase {
  readonly name: string;
  /** `null`: sends none. */
  key(route: RouteSpec): Promise<string | null>;
  /** Signs somebody in and answers the headers of their requests. */
  headers?(route: RouteSpec): Promise<Record<string, string>>;
  /** What the credential is: nobody, an API key with scopes, a service key, an MCP token, an operator, or a person. */
  readonly is:
    | 'nobody'
    | 'operator'
    | 'trusted'
    | 'mcp'
    | Role
    | 'instance'
    | ((route: RouteSpec) => readonly string[]);
}

const made = async (request: Parameters<RunningGatehouse['createKey']>[0]) =>
  gate.createKey({ credentialIds: bound, ...request });
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
  ...(['guest', 'viewer', 'member', 'admin', 'owner'] as const).map((role) => person(`a signed-in ${role}`, role)),
  person('a signed-in operator', 'instance'),
];

/** The status that the table implies; for jobs, which are seen by those who started them, in their turn. */
function implied(route: RouteSpec, is: CallerCase['is']): { status: number; missing: readonly string[] } {
  const { status, missing } = impliedByTable(route, is);
  if (status >= 400 || !route.path.startsWith('/api/jobs/:id')) return { status, missing };
  const held =
    typeof is === 'function' ? is(route) : isRole(is) ? ROLE_SCOPES[is] : is === 'instance' ? ROLE_SCOPES.viewer : [];
  const seesAll = is === 'operator' || is === 'trusted' || holdsAll(held);
  if (!seesAll) return { status: 404, missing };
  return { status: route.path.endsWith('/cancel') ? 409 : status, missing };
}

const holdsAll = (scopes: readonly string[]) => missingScopes(new Set(scopes), ['jobs:read_all']).length === 0;

const seated = new Map<Role | 'instance', Record<string, string>>();

function person(name: string, is: Role | 'instance'): CallerCase {
  return {
    name,
    is,
    key: async () => null,
    async headers({ path, fresh }) {
      const known = seated.get(is);
      // Routes about oneself end sessions and memberships, change passwords, or make one a member elsewhere.
      const isOnce = path.startsWith('/api/auth/') || path.endsWith('/leave') || path === '/api/organizations';
      if (known !== undefined && !isOnce) {
        // They signed in long ago, as the clock here has it.
        if (fresh !== undefined) await confirmIdentity(gate, known);
        return known;
      }
      const email = nextEmail();
      if (is === 'guest') await gate.local('/api/auth/signup', { body: { email, password: PASSWORD } });
      else await createUser(gate, email, is === 'instance' ? { role: 'viewer', instanceOperator: true } : { role: is });
      const headers = { ...(await signIn(gate, email)).headers };
      if (!isOnce) seated.set(is, headers);
      return headers;
    },
  };
}

/** The same for people: their role's scopes, and the instance for operators alone. */
function impliedForPerson(route: RouteSpec, is: Role | 'instance'): { status: number; missing: readonly string[] } {
  if (!route.authModes.includes('jwt')) return { status: 403, missing: [] };
  // A guest manages nothing, and is not told how what others manage decides.
  if (is === 'guest' && route === ROUTES.explain) return { status: 403, missing: [] };
  if (route.reach === 'instance') return { status: is === 'instance' ? route.status : 403, missing: [] };
  if (route.reach === 'either' && is === 'instance') return { status: route.status, missing: [] };
  const missing = missingScopes(new Set(scopesOf(is)), route.scopes);
  return { status: missing.length > 0 ? 403 : route.status, missing };
}

const scopesOf = (is: Role | 'instance') => ROLE_SCOPES[is === 'instance' ? 'viewer' : is];

const isRole = (is: CallerCase['is']): is is Role =>
  typeof is === 'string' && (ROLES as readonly string[]).includes(is);

/** The status that the table alone implies. */
function impliedByTable(route: RouteSpec, is: CallerCase['is']): { status: number; missing: readonly string[] } {
  if (route.authModes.includes('public')) return { status: route.status, missing: [] };
  if (is === 'operator') {
    // What belongs to a person is nobody else's, whatever they rule.
    return { status: route.authModes.join() === 'jwt' ? 403 : route.status, missing: [] };
  }
  if (is === 'nobody') return { status: 401, missing: [] };
  if (is === 'instance' || isRole(is)) return impliedForPerson(route, is);
  if (is === 'mcp') return { status: route.authModes.includes('mcp') ? route.status : 403, missing: [] };
  if (is === 'trusted') {
    // A service key makes no service keys, and gets the secret of none but itself.
    const refused =
      route.reach === 'instance' ||
      route.authModes.join() === 'jwt' ||
      (route.method === 'POST' && ['/api/service-keys', '/api/service-keys/:id/rotate'].includes(route.path));
    return { status: refused ? 403 : route.status, missing: [] };
  }
  if (route.reach === 'instance' || !route.authModes.includes('api_key')) return { status: 403, missing: [] };
  const held = new Set(is(route));
  const missing = missingScopes(held, route.scopes);
  // What gives a role asks for all that the role holds, too.
  const givesRole = route === ROUTES.createInvite || route === ROUTES.changeRole;
  const refused = missing.length > 0 || (givesRole && missingScopes(held, ROLE_SCOPES.viewer).length > 0);
  return { status: refused ? 403 : route.status, missing };
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

  test.each(CALLERS)('G1: answers $name as the table implies', async ({ key, headers, is }) => {
    // Failures of the rows before must not throttle this one.
    gate.clock.advance(MINUTE);
    const signedIn = (await headers?.(route)) ?? {};
    const sample = await sampleOf(id, signedIn);
    const credential = await key(route);
    const answer = await gate.call(sample.path, {
      ...sample.options,
      headers: { ...sample.options.headers, ...signedIn },
      ...(credential === null ? {} : { key: credential }),
    });
    const { status, missing } = implied(route, is);
    // An open vault has no lost key to give up: whoever may ask is told so.
    const refusal = sample.refusal ?? (id === 'startOverSecretKey' ? 'CONFLICT' : undefined);
    if (status < 400 && refusal !== undefined) {
      expectProblem(answer, refusal);
      return;
    }
    expect(answer.status, answer.text).toBe(status);
    if (status === 404 || status === 409) return expectProblem(answer, status === 404 ? 'NOT_FOUND' : 'CONFLICT');
    if (status < 400) {
      if (route.events !== true) route.answer.parse(answer.json);
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
    // What shows no key has none to trade, and is nobody who could be signed in.
    if (id === 'tradeKey' || id === 'startOverSecretKey') return;
    const sample = id === 'updateWorkspace' ? await assignmentFromElsewhere() : await sampleOf(id);
    const before = await newestAuditLine();
    const answer = await gate.local(sample.path, sample.options);
    if (route.authModes.join() === 'jwt') return expectProblem(answer, 'FORBIDDEN');
    if (sample.refusal !== undefined) return expectProblem(answer, sample.refusal);
    const { status } = implied(route, 'operator');
    expect(answer.status, answer.text).toBe(status);
    if (status >= 400) return;
    if (route.events !== true) route.answer.parse(answer.json);
    expect((await newestAuditLine()) > before, 'leaves a line in the audit log').toBe(route.audited);
  });
});

async function newestAuditLine(): Promise<number> {
  return (await gate.local('/api/audit?limit=1')).json.data[0].seq;
}
