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
} from '../keys.js';
import { base, change, K, type RouteSpec, TRUSTED } from '../route-spec.js';
import { keyRoutes } from './key-family.js';

const apiKeys = keyRoutes('/api/keys', 'an API key', 'API keys', K, CreateKey, UpdateKey);
const serviceKeys = keyRoutes(
  '/api/service-keys',
  'a service key',
  'service keys',
  TRUSTED,
  CreateServiceKey,
  UpdateKey,
  ['scopesOrAll'],
);
const mcpTokens = keyRoutes('/api/mcp-tokens', 'an MCP token', 'MCP tokens', TRUSTED, CreateMcpToken, UpdateMcpToken);

/** API keys, service keys, MCP tokens and the keys of the environment. */
export const allKeyRoutes = {
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
  showKeyUsage: apiKeys.usage,
  updateKey: apiKeys.update,
  rotateKey: apiKeys.rotate,
  revokeKey: apiKeys.revoke,
  deleteKey: apiKeys.delete,

  listServiceKeys: serviceKeys.list,
  createServiceKey: serviceKeys.create,
  showServiceKey: serviceKeys.show,
  showServiceKeyUsage: serviceKeys.usage,
  updateServiceKey: serviceKeys.update,
  rotateServiceKey: serviceKeys.rotate,
  revokeServiceKey: serviceKeys.revoke,
  deleteServiceKey: serviceKeys.delete,

  listMcpTokens: mcpTokens.list,
  createMcpToken: mcpTokens.create,
  showMcpToken: mcpTokens.show,
  showMcpTokenUsage: mcpTokens.usage,
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
    fresh: ['scopes'],
    body: AdoptEnvKey,
    status: 201,
    answer: KeyOnly,
  },
} as const satisfies Record<string, RouteSpec>;
