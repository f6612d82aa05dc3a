import * as z from 'zod';
import { OrganizationId, oneLine, Page, pageOf, Timestamp, WorkspaceId } from './fields.js';

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

/** The credential, and the model of it, that answers questions which name none. */
export const DefaultProvider = z.strictObject({
  /** Of a credential in the same workspace. */
  credentialId: z.string().min(1).max(200),
  /** `null`: the usual one of the credential's type. */
  model: oneLine(200).nullable(),
});
export type DefaultProvider = z.infer<typeof DefaultProvider>;

const PATTERN_CHARACTERS = 500;
const PATTERNS = 200;

/** Patterns in `.gitignore` syntax, relative to the workspace. */
const Patterns = z
  .array(
    oneLine(PATTERN_CHARACTERS)
      .refine((pattern) => !/^\s*(#.*)?$/.test(pattern), { error: 'an empty line or a comment matches nothing' })
      // Each star multiplies the worst case over a long name.
      .refine((pattern) => (pattern.replaceAll('**', '').match(/\*/g)?.length ?? 0) <= 5, {
        error: 'has more than five stars',
      })
      .refine((pattern) => !pattern.startsWith('!'), {
        error: 'leave the ! out: there are two lists, include and exclude',
      }),
  )
  .max(PATTERNS);

/** Which files of a workspace are indexed, on top of `.gitignore` and of what is never read. */
export const IndexRules = z.strictObject({
  /** When there are any, only files that one of them matches. */
  include: Patterns,
  /** Never files that one of these matches. */
  exclude: Patterns,
});
export type IndexRules = z.infer<typeof IndexRules>;

export const WorkspaceView = z.strictObject({
  id: WorkspaceId,
  /** `null`: of none yet; operators assign it. */
  organizationId: OrganizationId.nullable(),
  defaultProvider: DefaultProvider.nullable(),
  ...IndexRules.shape,
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
    include: Patterns.optional(),
    exclude: Patterns.optional(),
  })
  .refine(({ include, exclude, ...others }) => Object.keys(others).length === ((include ?? exclude) ? 0 : 1), {
    error: 'name one thing to change: organizationId, defaultProvider, or include and exclude',
  });
export type UpdateWorkspace = z.infer<typeof UpdateWorkspace>;

export const ListWorkspaces = z.strictObject({ ...Page.shape, organizationId: OrganizationId.optional() });
export const WorkspaceList = z.strictObject({
  ...pageOf(WorkspaceView).shape,
  /** Shown to operators only. */
  skipped: z.array(SkippedFolder).optional(),
});
export type WorkspaceList = z.infer<typeof WorkspaceList>;
