import type { Role } from '../../contract/roles.js';
import type { RouteId } from '../../contract/routes.js';

/** What of the contract the page needs while it runs; vite.config.ts takes it from there when the page is built. */
export interface Contract {
  readonly routes: Readonly<Record<RouteId, readonly [method: string, path: string]>>;
  readonly roleScopes: Readonly<Record<Role, readonly string[]>>;
  readonly scopes: readonly string[];
  readonly adminScopes: readonly string[];
  readonly clientPreset: readonly string[];
  readonly mcpPreset: readonly string[];
}

declare const __CONTRACT__: Contract;
export const CONTRACT = __CONTRACT__;
