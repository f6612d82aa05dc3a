import * as z from 'zod';
import { OrganizationId, Page, pageOf, Timestamp, WorkspaceId } from './fields.js';

/** How far the index over a workspace's files is. */
export const IndexView = z.strictObject({
  state: z.enum(['pending', 'building', 'ready', 'failed']),
  filesDone: z.int(),
  filesTotal: z.int(),
  passages: z.int(),
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
