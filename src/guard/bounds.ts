import { GatehouseError } from '../kernel/errors.js';
import {
  type Bounds,
  DEFAULT_ORGANIZATION,
  type NamedIds,
  NO_ORGANIZATION,
  type Principal,
} from '../kernel/principal.js';
import type { CredentialOwners, Organizations, WorkspaceOwners } from './lookups.js';
import type { Trace } from './trace.js';

export interface BoundsLookups {
  readonly organizations: Organizations;
  readonly workspaces: WorkspaceOwners;
  readonly credentials: CredentialOwners;
}

/** What a principal may reach: the one check for ids, wherever they arrive (path, query or body). */
export function boundsFor(principal: Principal, lookups: BoundsLookups, trace?: Trace): Bounds {
  return {
    principal,
    seesWorkspace: (id) => seesWorkspace(principal, lookups, id),
    seesCredential: (id) => seesCredential(principal, lookups, id),
    require({ organizationId, workspaceId, credentialId }: NamedIds) {
      // A foreign organization and one that does not exist are refused in the same words, so neither can be probed.
      if (
        organizationId !== undefined &&
        !(reaches(principal, organizationId) && lookups.organizations.has(organizationId))
      ) {
        trace?.add('bounds', 'fail', `organization ${organizationId} is not the caller's`);
        throw new GatehouseError('FORBIDDEN', 'organizationId: this credential does not act in that organization.');
      }
      if (workspaceId !== undefined && !seesWorkspace(principal, lookups, workspaceId, organizationId)) {
        trace?.add('bounds', 'fail', `workspace ${workspaceId} is unknown or outside the caller's bounds`);
        throw new GatehouseError(
          'NOT_FOUND',
          'There is no such workspace. GET /api/workspaces lists those this credential may use.',
        );
      }
      if (credentialId !== undefined && !seesCredential(principal, lookups, credentialId)) {
        trace?.add('bounds', 'fail', 'the credential is unknown or outside the bounds of the caller');
        throw new GatehouseError(
          'NOT_FOUND',
          'credentialId: there is no such credential among those this caller may use.',
        );
      }
      const own = organizationId ?? principal.organizationId;
      if (own !== null) return { organizationId: own };
      if (!principal.operator)
        throw new GatehouseError('FORBIDDEN', 'organizationId: this account belongs to no organization.');
      if (workspaceId === undefined) return { organizationId: DEFAULT_ORGANIZATION };
      return { organizationId: lookups.workspaces.ownerOf(workspaceId) ?? NO_ORGANIZATION };
    },
  };
}

// Functions of their own, and not made anew for each request: every one that is let in gets its bounds.

function reaches(principal: Principal, organizationId: string): boolean {
  return principal.operator || principal.organizationId === organizationId;
}

/** @param within - the organization it must belong to; left out: any that the principal reaches */
function seesWorkspace(principal: Principal, { workspaces }: BoundsLookups, id: string, within?: string): boolean {
  const owner = workspaces.ownerOf(id);
  if (owner === undefined || (within !== undefined && owner !== within)) return false;
  return (owner === null ? principal.operator : reaches(principal, owner)) && isOneOf(id, principal.workspaceIds);
}

/** A credential is never nearer than its workspace: a key of one workspace must not use what lies in another. */
function seesCredential(principal: Principal, lookups: BoundsLookups, id: string): boolean {
  const workspaceId = lookups.credentials.workspaceOf(id);
  if (workspaceId === null || !seesWorkspace(principal, lookups, workspaceId)) return false;
  return isOneOf(id, principal.credentialIds);
}

function isOneOf(id: string, bound: readonly string[] | null): boolean {
  return bound === null || bound.includes(id);
}
