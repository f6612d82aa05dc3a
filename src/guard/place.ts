import { GatehouseError } from '../kernel/errors.js';
import type { NamedIds, Principal } from '../kernel/principal.js';
import type { WorkspaceOwners } from './lookups.js';
import type { Policy } from './policy.js';
import type { Purpose, RequestFacts } from './verdict.js';

/**
 * In which organization a user acts: the one the request names, by its id or by a workspace of it, else their only
 * one. Everybody but users is in their place already.
 * @param named - ids of path and query, and of the body once it has arrived
 * @param pending - the body has not arrived and may still name one: judged now on all they hold anywhere, and again then
 * @throws GatehouseError `BAD_REQUEST` when they belong to several and named none
 */
export function placePrincipal(
  principal: Principal,
  named: NamedIds,
  { reach }: Pick<Policy, 'reach'>,
  workspaces: WorkspaceOwners,
  pending: boolean,
): Principal {
  const { person } = principal;
  if (person === null) return principal;
  if ((reach === 'instance' || reach === 'either') && person.instance !== null) return person.instance;
  // One that is not theirs leaves them unplaced; the bounds then refuse it in the words of foreign and unknown ones.
  if (named.organizationId !== undefined) return person.memberships.get(named.organizationId) ?? principal;
  if (reach === 'none') return principal;
  // A foreign workspace places nobody, just like one that does not exist.
  const owner = named.workspaceId === undefined ? null : (workspaces.ownerOf(named.workspaceId) ?? null);
  const byWorkspace = owner === null ? undefined : person.memberships.get(owner);
  if (byWorkspace !== undefined) return byWorkspace;
  // Refused whatever they name; which one of theirs it is makes no difference.
  if (reach === 'instance') return principal;
  const all = [...person.memberships.values()];
  if (all.length === 1) return all[0] ?? principal;
  if (all.length === 0) return principal;
  if (pending) return { ...principal, scopes: new Set(all.flatMap(({ scopes }) => [...scopes])) };
  throw new GatehouseError(
    'BAD_REQUEST',
    `organizationId: you belong to several organizations. Name one of ${[...person.memberships.keys()].join(', ')}.`,
  );
}

/**
 * Where the caller of one request acts.
 * @returns `byBody`: only the body says so, which the head's decision could not count for the organization
 */
export function placeRequest(
  principal: Principal,
  { named, inBody }: Pick<RequestFacts, 'named' | 'inBody'>,
  policy: Pick<Policy, 'operatorOnly' | 'reach' | 'readsBody'>,
  workspaces: WorkspaceOwners,
  purpose: Purpose,
): { placed: Principal; byBody: boolean } {
  const place = (organizationId: string | undefined, workspaceId: string | undefined, pending: boolean) =>
    placePrincipal(principal, { organizationId, workspaceId }, policy, workspaces, pending);
  const placed = place(
    named?.organizationId ?? inBody?.organizationId,
    named?.workspaceId ?? inBody?.workspaceId,
    policy.readsBody && purpose !== 'again',
  );
  const byBody = purpose === 'again' && place(named?.organizationId, named?.workspaceId, true).organizationId === null;
  return { placed, byBody };
}
