import { CONTRACT } from '../../api/contract.js';
import type { Session } from '../../api/session.js';

/** Keys that are made, listed and ended together; the screens are the same for all three. */
export interface Family {
  readonly id: 'api' | 'service' | 'mcp';
  readonly list: 'listKeys' | 'listServiceKeys' | 'listMcpTokens';
  readonly create: 'createKey' | 'createServiceKey' | 'createMcpToken';
  readonly show: 'showKey' | 'showServiceKey' | 'showMcpToken';
  readonly usage: 'showKeyUsage' | 'showServiceKeyUsage' | 'showMcpTokenUsage';
  readonly update: 'updateKey' | 'updateServiceKey' | 'updateMcpToken';
  readonly rotate: 'rotateKey' | 'rotateServiceKey' | 'rotateMcpToken';
  readonly revoke: 'revokeKey' | 'revokeServiceKey' | 'revokeMcpToken';
  /** Its name on the command line. */
  readonly command: string;
  /** Where programs look for it, by convention. */
  readonly variable: string;
  /** What it may do unless somebody says otherwise. */
  readonly preset: readonly string[];
  /** Where its list is. */
  path(session: Session): string;
}

export const API_KEYS: Family = {
  id: 'api',
  list: 'listKeys',
  create: 'createKey',
  show: 'showKey',
  usage: 'showKeyUsage',
  update: 'updateKey',
  rotate: 'rotateKey',
  revoke: 'revokeKey',
  command: 'keys',
  variable: 'GATEHOUSE_API_KEY',
  preset: CONTRACT.clientPreset,
  path: () => '/settings/api-keys',
};

export const SERVICE_KEYS: Family = {
  id: 'service',
  list: 'listServiceKeys',
  create: 'createServiceKey',
  show: 'showServiceKey',
  usage: 'showServiceKeyUsage',
  update: 'updateServiceKey',
  rotate: 'rotateServiceKey',
  revoke: 'revokeServiceKey',
  command: 'service-keys',
  variable: 'GATEHOUSE_SERVICE_KEY',
  preset: CONTRACT.adminScopes,
  path: () => '/settings/service-keys',
};

export const MCP_TOKENS: Family = {
  id: 'mcp',
  list: 'listMcpTokens',
  create: 'createMcpToken',
  show: 'showMcpToken',
  usage: 'showMcpTokenUsage',
  update: 'updateMcpToken',
  rotate: 'rotateMcpToken',
  revoke: 'revokeMcpToken',
  command: 'mcp-tokens',
  variable: 'GATEHOUSE_MCP_TOKEN',
  preset: CONTRACT.mcpPreset,
  path: ({ organizationId }) => `/${organizationId}/mcp/tokens`,
};
