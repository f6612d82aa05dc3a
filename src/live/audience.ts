import type { Happening } from '../kernel/happening.js';
import { type Bounds, knowsOf } from '../kernel/principal.js';
import { holdsScope } from '../kernel/scopes.js';

/**
 * Whether somebody may hear of it: exactly those who may read what it is about, each with the scope that the route asks
 * which reads it.
 * @param only - the organization they listen to; `null`: all that are theirs
 */
export function hears(by: Bounds, only: string | null, happening: Happening): boolean {
  const asker = by.principal;
  const { organizationId } = happening.event;
  if (only !== null && organizationId !== null && organizationId !== only) return false;
  if (asker.operator) return true;
  const isOwn = organizationId !== null && organizationId === asker.organizationId;
  const holds = (scope: string) => holdsScope(asker.scopes, scope);
  const within = () => happening.workspaceId !== undefined && by.seesWorkspace(happening.workspaceId);
  switch (happening.event.type) {
    case 'key.changed':
    case 'key.first-used':
    case 'request':
      return holds('keys:read') && happening.key !== undefined && knowsOf(asker, happening.key);
    case 'credential.changed':
    case 'secret.changed':
      return isOwn && holds('secrets:read') && within();
    case 'variable.changed':
    case 'index.progress':
      return isOwn && holds('projects:read') && within();
    // It may be gone, or another's by now: then the list that is read again says so.
    case 'workspace.changed':
      return isOwn && holds('projects:read') && isAmong(asker.workspaceIds, happening.workspaceId);
    case 'job.changed':
      return isOwn && holds('jobs:read') && (asker.id === happening.startedBy || holds('jobs:read_all'));
    case 'organization.changed':
      return isOwn;
    case 'member.changed':
    case 'invite.changed':
      return isOwn && holds('members:read');
    case 'audit.appended':
      return isOwn && holds('audit:read');
    case 'session.changed':
    case 'user.changed':
      return happening.userId === asker.id;
    // Of the instance: operators alone.
    case 'settings.changed':
      return false;
  }
}

function isAmong(bound: readonly string[] | null, id: string | undefined): boolean {
  return bound === null || (id !== undefined && bound.includes(id));
}
