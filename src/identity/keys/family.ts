import type { KeyType } from '../../contract/keys.js';
import { API_KEY_TYPES } from '../../contract/keys.js';
import { ADMIN_SCOPES, MCP_PRESET } from '../../contract/scopes.js';

/**
 * Keys that are made, listed and ended together. All lie in `api-keys.json` and are found by the same look-up;
 * one family's routes answer 404 for another's ids.
 */
export interface KeyFamily {
  readonly types: readonly KeyType[];
  /** In sentences for people. */
  readonly noun: string;
  /** Before the act in audit lines: `key.create`. */
  readonly action: string;
  /** Where its list is, for "there is no such". */
  readonly path: string;
  /** Of those made without any. */
  readonly defaultScopes: readonly string[];
}

/** @param clientScopes - `CLIENT_SCOPES` */
export function apiKeys(clientScopes: readonly string[]): KeyFamily {
  return { types: API_KEY_TYPES, noun: 'key', action: 'key', path: '/api/keys', defaultScopes: clientScopes };
}

export const SERVICE_KEYS: KeyFamily = {
  types: ['svc'],
  noun: 'service key',
  action: 'service-key',
  path: '/api/service-keys',
  defaultScopes: ADMIN_SCOPES,
};

export const MCP_TOKENS: KeyFamily = {
  types: ['mcp'],
  noun: 'MCP token',
  action: 'mcp-token',
  path: '/api/mcp-tokens',
  defaultScopes: MCP_PRESET,
};
