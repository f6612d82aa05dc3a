import * as z from 'zod';
import { OrganizationId, oneLine, Page, pageOf, Timestamp, WorkspaceId } from './fields.js';

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

/** The credential, and the model of it, that answers questions which name none. */
export const DefaultProvider = z.strictObject({
  /** Of a credential in the same workspace. */
  credentialId: z.string().min(1).max(200),
  /** `null`: the usual one of the credential's type. */
  model: oneLine(200).nullable(),
});
export type DefaultProvider = z.infer<typeof DefaultProvider>;

export const WorkspaceView = z.strictObject({
  id: WorkspaceId,
  /** `null`: of none yet; operators assign it. */
  organizationId: OrganizationId.nullable(),
  defaultProvider: DefaultProvider.nullable(),
  index: IndexView,
});
export type WorkspaceView = z.infer<typeof WorkspaceView>;

export const WorkspaceOnly = z.strictObject({ workspace: WorkspaceView });

/** A folder that is not a workspace, and why. */
export const SkippedFolder = z.strictObject({ name: z.string(), reason: z.string() });
export type SkippedFolder = z.infer<typeof SkippedFolder>;

export const UpdateWorkspace = z
  .strictObject({
    /** Operators only. */
    organizationId: OrganizationId.optional(),
    /** Serves everyone who may ask in the workspace; `null`: the files alone. Its `credentialId` may be a name. */
    defaultProvider: z
      .strictObject({ ...DefaultProvider.shape, model: DefaultProvider.shape.model.default(null) })
      .nullable()
      .optional(),
  })
  .refine((patch) => Object.keys(patch).length === 1, {
    error: 'name one thing to change: organizationId or defaultProvider',
  });
export type UpdateWorkspace = z.infer<typeof UpdateWorkspace>;

export const ListWorkspaces = z.strictObject({ ...Page.shape, organizationId: OrganizationId.optional() });
export const WorkspaceList = z.strictObject({
  ...pageOf(WorkspaceView).shape,
  /** Shown to operators only. */
  skipped: z.array(SkippedFolder).optional(),
});
export type WorkspaceList = z.infer<typeof WorkspaceList>;
