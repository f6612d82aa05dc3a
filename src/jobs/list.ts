import type { PageOf } from '../contract/fields.js';
import type { JobView, ListJobs } from '../contract/jobs.js';
import { GatehouseError } from '../kernel/errors.js';
import type { Bounds } from '../kernel/principal.js';
import { holdsScope } from '../kernel/scopes.js';
import type { JobRecord } from './record.js';

/** Callers see the jobs they started; with `jobs:read_all`, those of their organization; always within their workspaces. */
export function seesJob(by: Bounds, job: JobRecord): boolean {
  const { principal } = by;
  if (principal.operator) return true;
  if (principal.organizationId !== job.organizationId) return false;
  if (job.workspaceId !== null && principal.workspaceIds !== null && !principal.workspaceIds.includes(job.workspaceId))
    return false;
  return principal.id === job.createdBy || holdsScope(principal.scopes, 'jobs:read_all');
}

export function noSuchJob(): GatehouseError {
  return new GatehouseError('NOT_FOUND', 'There is no such job. GET /api/jobs lists those this credential may see.');
}

/** @param jobs - newest first; the cursor is the last id of the page before */
export function listJobs(
  jobs: readonly JobRecord[],
  by: Bounds,
  query: ListJobs,
  view: (job: JobRecord) => JobView,
): PageOf<JobView> {
  const { organizationId } = by.require({ organizationId: query.organizationId });
  const seen = jobs.filter((job) => seesJob(by, job));
  const from = query.cursor === undefined ? 0 : seen.findIndex(({ id }) => id === query.cursor) + 1;
  if (query.cursor !== undefined && from === 0)
    throw new GatehouseError('BAD_REQUEST', 'cursor: it names no job any more. Begin again without it.');
  const matching = seen
    .slice(from)
    .filter(
      (job) =>
        (query.organizationId === undefined || job.organizationId === organizationId) &&
        (query.status === undefined || job.status === query.status) &&
        (query.kind === undefined || job.kind === query.kind) &&
        (query.workspaceId === undefined || job.workspaceId === query.workspaceId),
    );
  const page = matching.slice(0, query.limit);
  return { data: page.map(view), nextCursor: matching.length > page.length ? (page.at(-1)?.id ?? null) : null };
}
