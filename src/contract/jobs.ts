import * as z from 'zod';
import { AskResult } from './ask.js';
import { OrganizationId, Page, pageOf, Timestamp, WorkspaceId } from './fields.js';

export const JOB_STATUSES = ['queued', 'running', 'completed', 'failed', 'cancelled'] as const;
export const JobStatus = z.enum(JOB_STATUSES);
export type JobStatus = z.infer<typeof JobStatus>;

/** What a job runs. */
export const JOB_KINDS = ['ask'] as const;
export const JobKind = z.enum(JOB_KINDS);
export type JobKind = z.infer<typeof JobKind>;

export const JobId = z
  .string()
  .regex(/^job_[0-9A-Za-z]{22}$/, { error: 'a job id looks like job_ and 22 letters or digits' });

/** How far a running job is, where it can tell. */
export const JobProgress = z.strictObject({ step: z.string(), done: z.int(), total: z.int() });
export type JobProgress = z.infer<typeof JobProgress>;

/** Why a job failed: a code of the error table, and what to do. */
export const JobError = z.strictObject({ code: z.string(), detail: z.string() });
export type JobError = z.infer<typeof JobError>;

/** A job as lists show it. */
export const JobView = z.strictObject({
  id: JobId,
  kind: JobKind,
  status: JobStatus,
  organizationId: OrganizationId,
  workspaceId: WorkspaceId.nullable(),
  /** What it was asked, in one line of at most 200 characters. */
  title: z.string(),
  createdBy: z.string(),
  createdAt: Timestamp,
  startedAt: Timestamp.nullable(),
  finishedAt: Timestamp.nullable(),
  /** Runs so far: more than one after a crash or a retry. */
  attempts: z.int(),
  progress: JobProgress.nullable(),
  error: JobError.nullable(),
});
export type JobView = z.infer<typeof JobView>;

/** The result of a completed job; `null` before, and for others. */
export const JobShown = z.strictObject({ job: JobView, result: AskResult.nullable() });
export type JobShown = z.infer<typeof JobShown>;
export const JobOnly = z.strictObject({ job: JobView });
export const JobQueued = z.strictObject({ jobId: JobId, status: z.literal('queued') });
export type JobQueued = z.infer<typeof JobQueued>;

export const ListJobs = z.strictObject({
  ...Page.shape,
  organizationId: OrganizationId.optional(),
  workspaceId: WorkspaceId.optional(),
  status: JobStatus.optional(),
  kind: JobKind.optional(),
});
export type ListJobs = z.infer<typeof ListJobs>;
export const JobList = pageOf(JobView);
export type JobList = z.infer<typeof JobList>;
