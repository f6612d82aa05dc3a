import * as z from 'zod';
import { OrganizationId, Timestamp, WorkspaceId } from '../contract/fields.js';
import type { JobProgress } from '../contract/jobs.js';
import { JobError, JobId, JobKind, JobStatus, type JobView } from '../contract/jobs.js';

/** The first line of `.gatehouse/jobs/<id>.json`; input and result are the second. */
export const JobRecord = z.strictObject({
  id: JobId,
  kind: JobKind,
  status: JobStatus,
  organizationId: OrganizationId,
  workspaceId: WorkspaceId.nullable(),
  title: z.string().max(200),
  /** The principal that started it; what it may do is looked up again when it runs. */
  createdBy: z.string(),
  createdAt: Timestamp,
  startedAt: Timestamp.nullable(),
  finishedAt: Timestamp.nullable(),
  attempts: z.int(),
  error: JobError.nullable(),
});
export type JobRecord = z.infer<typeof JobRecord>;

export const isOver = ({ status }: Pick<JobRecord, 'status'>): boolean => status !== 'queued' && status !== 'running';

export function viewOf(record: JobRecord, progress: JobProgress | null): JobView {
  return { ...record, progress: isOver(record) ? null : progress };
}

const MAX_TITLE_CHARACTERS = 200;

/** The first line of a text, as a list shows it. */
export function titleOf(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= MAX_TITLE_CHARACTERS ? line : `${line.slice(0, MAX_TITLE_CHARACTERS - 1)}…`;
}
