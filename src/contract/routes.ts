import { Ask, AskAnswer } from './ask.js';
import { AuditList, AuditVerification, ListAudit } from './audit.js';
import { keyRoutes } from './key-routes.js';
import {
  AdoptEnvKey,
  CreateKey,
  CreateMcpToken,
  CreateServiceKey,
  EnvKeyList,
  KeyOnly,
  UpdateKey,
  UpdateMcpToken,
  VerifyAnswer,
  VerifyKey,
} from './keys.js';
import { ANYONE, base, change, health, K, type RouteSpec, TRUSTED } from './route-spec.js';
import { AccessToken, Jwks, SigningKeyRotated, TradeKey } from './tokens.js';
import { Whoami } from './whoami.js';
import { ListWorkspaces, WorkspaceList, WorkspaceOnly } from './workspaces.js';

export { AUTH_MODES, type AuthMode, type RouteSpec } from './route-spec.js';

const apiKeys = keyRoutes('/api/keys', 'an API key', 'API keys', K, CreateKey, UpdateKey);
const serviceKeys = keyRoutes(
  '/api/service-keys',
  'a service key',
  'service keys',
  TRUSTED,
  CreateServiceKey,
  UpdateKey,
);
const mcpTokens = keyRoutes('/api/mcp-tokens', 'an MCP token', 'MCP tokens', TRUSTED, CreateMcpToken, UpdateMcpToken);

/** The route table: guard policies, handlers, docs, the command line and the access-matrix test derive from it. */
export const ROUTES = {
  healthz: { ...health, method: 'GET', path: '/healthz', summary: 'The process runs.' },
  readyz: { ...health, method: 'GET', path: '/readyz', summary: 'Requests can be decided and changes saved.' },
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
    answer: SigningKeyRotated,
  },

  listKeys: apiKeys.list,
  createKey: apiKeys.create,
  verifyKey: {
    ...base,
    method: 'POST',
    path: '/api/keys/verify',
    summary: 'Say whether a token is valid and, if not, why. Counts for nobody.',
    authModes: K,
    scopes: ['keys:read'],
    counted: false,
    body: VerifyKey,
    answer: VerifyAnswer,
  },
  showKey: apiKeys.show,
  updateKey: apiKeys.update,
  rotateKey: apiKeys.rotate,
  revokeKey: apiKeys.revoke,
  deleteKey: apiKeys.delete,

  listServiceKeys: serviceKeys.list,
  createServiceKey: serviceKeys.create,
  showServiceKey: serviceKeys.show,
  updateServiceKey: serviceKeys.update,
  rotateServiceKey: serviceKeys.rotate,
  revokeServiceKey: serviceKeys.revoke,
  deleteServiceKey: serviceKeys.delete,

  listMcpTokens: mcpTokens.list,
  createMcpToken: mcpTokens.create,
  showMcpToken: mcpTokens.show,
  updateMcpToken: mcpTokens.update,
  rotateMcpToken: mcpTokens.rotate,
  revokeMcpToken: mcpTokens.revoke,
  deleteMcpToken: mcpTokens.delete,

  listEnvKeys: {
    ...base,
    method: 'GET',
    path: '/api/env-keys',
    summary: 'Keys that the environment configures, by fingerprint.',
    authModes: K,
    scopes: ['keys:read'],
    reach: 'instance',
    answer: EnvKeyList,
  },
  adoptEnvKey: {
    ...change,
    method: 'POST',
    path: '/api/env-keys/:fingerprint/adopt',
    summary: 'Take an environment key into api-keys.json with the same value.',
    authModes: K,
    scopes: ['keys:write'],
    reach: 'instance',
    body: AdoptEnvKey,
    status: 201,
    answer: KeyOnly,
  },

  listWorkspaces: {
    ...base,
    method: 'GET',
    path: '/api/workspaces',
    summary: 'The workspaces this caller may see, and how far their indexes are.',
    authModes: K,
    scopes: ['projects:read'],
    query: ListWorkspaces,
    answer: WorkspaceList,
  },
  showWorkspace: {
    ...base,
    method: 'GET',
    path: '/api/workspaces/:workspaceId',
    summary: 'One workspace.',
    authModes: K,
    scopes: ['projects:read'],
    answer: WorkspaceOnly,
  },
  ask: {
    ...base,
    method: 'POST',
    path: '/api/ask',
    summary: 'Ask a question about the files of a workspace.',
    authModes: K,
    scopes: ['ask:run'],
    body: Ask,
    bodyLimitBytes: 262_144,
    answer: AskAnswer,
  },

  listAudit: {
    ...base,
    method: 'GET',
    path: '/api/audit',
    summary: 'The audit log, newest first.',
    authModes: K,
    scopes: ['audit:read'],
    reach: 'instance',
    query: ListAudit,
    answer: AuditList,
  },
  verifyAudit: {
    ...base,
    method: 'GET',
    path: '/api/audit/verify',
    summary: 'Walk the whole audit chain and say where it breaks, if it does.',
    authModes: K,
    scopes: ['audit:read'],
    reach: 'instance',
    answer: AuditVerification,
  },
} as const satisfies Record<string, RouteSpec>;

export type RouteId = keyof typeof ROUTES;
