import type { Environment, RateLimit } from '../contract/fields.js';
import type { Role } from '../contract/roles.js';
import type { AuthMode } from '../contract/routes.js';
import type { PrincipalKind } from '../contract/whoami.js';
import type { ScopeSet } from './scopes.js';

/** The organization that exists from first run. */
export const DEFAULT_ORGANIZATION = 'org_default';

/** Where operators act on a workspace of nobody: an organization that is none, so that no member of one sees it. */
export const NO_ORGANIZATION = 'org_unassigned';

/**
 * Who a checked caller is, with every bound the credential carries.
 * Made once for a credential and shared by all its requests, so nobody may change it.
 */
export interface Principal {
  readonly kind: PrincipalKind;
  /** Stable: the key's id, the user's id, `env:<fingerprint>`, `local`, or `anonymous`. */
  readonly id: string;
  /** `null`: every organization for operators; for others none, until the guard knows in which one they act. */
  readonly organizationId: string | null;
  /** Rules the instance: network lists, routes, signing and instance keys. Organization roles and keys never do. */
  readonly operator: boolean;
  /** Users: what they are in `organizationId`. */
  readonly role: Role | null;
  /** Users: who they are in each organization, so that the guard can place a request. */
  readonly person: Person | null;
  readonly scopes: ScopeSet;
  /** `null`: all of the organization's. */
  readonly workspaceIds: readonly string[] | null;
  /** `null`: all of the organization's; `[]`: none. */
  readonly credentialIds: readonly string[] | null;
  /** Addresses the credential is good from; empty: any. */
  readonly allowedIps: readonly string[];
  /** Origins of the pages whose scripts may send it, as browsers name them; empty: any, and none. */
  readonly allowedOrigins: readonly string[];
  readonly environment: Environment | null;
  readonly expiresAtMs: number | null;
  readonly rateLimit: RateLimit | null;
  readonly keyId: string | null;
  /** It came as a JWT that was traded from the key: it cannot be traded again. */
  readonly traded: boolean;
}

/** A user as the guard knows one: a principal for each organization, since a role holds in one only. */
export interface Person {
  /** The session this request came with: a cookie's, or the one its access token belongs to. */
  readonly sessionId: string;
  /** By organization id. */
  readonly memberships: ReadonlyMap<string, Principal>;
  /** On routes of the instance; `null`: this user rules nothing there. */
  readonly instance: Principal | null;
}

const MODES: Readonly<Record<PrincipalKind, readonly AuthMode[]>> = {
  user: ['jwt'],
  api_key: ['api_key'],
  env_client: ['api_key'],
  // service_role passes api_key routes too.
  service_key: ['service_role', 'api_key'],
  env_admin: ['service_role', 'api_key'],
  local: ['service_role', 'api_key'],
  mcp_token: ['mcp'],
  anonymous: [],
};

/** The auth modes a principal satisfies; `public` is satisfied by everybody. */
export function modesOf(principal: Principal): readonly AuthMode[] {
  return MODES[principal.kind];
}

/**
 * Whether somebody may know of a credential and what it holds: itself always, others within its own organization and
 * workspaces. Environment keys and people are the operators' to see; service keys and MCP tokens not API keys' either,
 * which cannot list them.
 */
export function knowsOf(
  asker: Principal,
  subject: Pick<Principal, 'kind' | 'id' | 'organizationId' | 'workspaceIds'>,
): boolean {
  if (asker.operator || asker.id === subject.id) return true;
  const { kind, organizationId, workspaceIds } = subject;
  const isKey = kind === 'api_key' || kind === 'service_key' || kind === 'mcp_token';
  if (!isKey || organizationId === null || organizationId !== asker.organizationId) return false;
  if (kind !== 'api_key' && !modesOf(asker).some((mode) => mode === 'jwt' || mode === 'service_role')) return false;
  const within = asker.workspaceIds;
  return within === null || (workspaceIds?.every((id) => within.includes(id)) ?? false);
}

const unbounded = {
  organizationId: null,
  operator: false,
  role: null,
  person: null,
  workspaceIds: null,
  credentialIds: null,
  allowedIps: [],
  allowedOrigins: [],
  environment: null,
  expiresAtMs: null,
  rateLimit: null,
  keyId: null,
  traded: false,
} as const;

/** The owner of the files, through the socket. */
export const LOCAL: Principal = { ...unbounded, kind: 'local', id: 'local', operator: true, scopes: new Set(['*']) };

export const ANONYMOUS: Principal = {
  ...unbounded,
  kind: 'anonymous',
  id: 'anonymous',
  scopes: new Set(),
  workspaceIds: [],
  credentialIds: [],
};

/** Ids that a request names, in its path, query or body. */
export interface NamedIds {
  readonly organizationId?: string | undefined;
  readonly workspaceId?: string | undefined;
  readonly credentialId?: string | undefined;
}

/** What a principal may reach. `guard` makes it; every room method that takes an id takes one. */
export interface Bounds {
  readonly principal: Principal;
  /**
   * Checks every named id and answers the organization the call acts in: for those who reach several, the one that is
   * named, or whose workspace is. A workspace that is named with an
   * organization must belong to it, also for those who reach every organization.
   * @throws GatehouseError `FORBIDDEN` for a foreign or unknown organization, alike;
   *   `NOT_FOUND` for a foreign or unknown workspace or credential, alike
   */
  require(named: NamedIds): { organizationId: string };
  /** For lists: whether the workspace may be seen. */
  seesWorkspace(workspaceId: string): boolean;
  /** For lists and names: whether the credential may be seen. */
  seesCredential(credentialId: string): boolean;
}

/** Who makes a change, as rooms and the audit see them. */
export interface Actor {
  readonly bounds: Bounds;
  readonly address: string;
  readonly requestId: string;
}
