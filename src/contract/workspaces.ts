import * as z from 'zod';
import { OrganizationId, Page, pageOf, Timestamp, WorkspaceId } from './fields.js';

/** How far the index over a workspace's files is. */
export const IndexView = z.strictObject({
  /** `full`: it does not fit into `ASK_MEMORY_MB`, and questions are refused. */
  state: z.enum(['pending', 'building', 'ready', 'failed', 'full']),
  /** What is wrong and what to do about it. */
  detail: z.string().nullable(),
  filesDone: z.int(),
  filesTotal: z.int(),
  bytesDone: z.int(),
  bytesTotal: z.int(),
  passages: z.int(),
  /** What it takes now; 0: it was let go, and the next question loads it again. */
  memoryBytes: z.int(),
  /** What it takes on disk; `null`: it is in memory only. */
  storedBytes: z.int().nullable(),
  /** Why files were left out, with counts: `{"binary": 3, "too large": 1}`. */
  skipped: z.record(z.string(), z.int()),
  builtAt: Timestamp.nullable(),
});
export type IndexView = z.infer<typeof IndexView>;

export const WorkspaceView = z.strictObject({
  id: WorkspaceId,
  /** `null`: of none yet; operators assign it. */
  organizationId: OrganizationId.nullable(),
  index: IndexView,
});
export type WorkspaceView = z.infer<typeof WorkspaceView>;

export const WorkspaceOnly = z.strictObject({ workspace: WorkspaceView });

/** A folder that is not a workspace, and why. */
export const SkippedFolder = z.strictObject({ name: z.string(), reason: z.string() });
export type SkippedFolder = z.infer<typeof SkippedFolder>;

export const AssignWorkspace = z.strictObject({ organizationId: OrganizationId });

export const ListWorkspaces = z.strictObject({ ...Page.shape, organizationId: OrganizationId.optional() });
export const WorkspaceList = z.strictObject({
  ...pageOf(WorkspaceView).shape,
  /** Shown to operators only. */
  skipped: z.array(SkippedFolder).optional(),
});
export type WorkspaceList = z.infer<typeof WorkspaceList>;
