import * as z from 'zod';
import { OrganizationId, Timestamp, WorkspaceId } from './fields.js';
import { filePathFault, MAX_PATH_BYTES } from './file-path.js';

/** What an upload may hold. */
export const UPLOAD_LIMITS = {
  /** Bytes of one file. */
  fileBytes: 25_000_000,
  /** Bytes of an archive as it comes, and of its files once it is unpacked. */
  uploadBytes: 500_000_000,
  uploadFiles: 50_000,
  /** Bytes and files of all of a workspace afterwards. */
  workspaceBytes: 2_000_000_000,
  workspaceFiles: 200_000,
} as const;

/** What an archive may be called. Whether it is compressed is seen by its first bytes. */
export const ARCHIVE_TYPES = [
  'application/x-tar',
  'application/gzip',
  'application/x-gzip',
  'application/x-gtar',
  'application/x-tgz',
] as const;

/** Lines of a file that are answered at once. */
export const MAX_LINES_SHOWN = 2000;

/** The path of a file in its workspace, as {@link filePathFault} has it. */
export const FilePath = z.string().superRefine((path, context) => {
  const fault = filePathFault(path);
  if (fault !== null) context.addIssue({ code: 'custom', message: fault });
});

export const CreateWorkspace = z.strictObject({ id: WorkspaceId, organizationId: OrganizationId.optional() });
export type CreateWorkspace = z.infer<typeof CreateWorkspace>;

/** `confirm` is the name once more, so that a slip deletes nothing. */
export const DeleteWorkspace = z.strictObject({ confirm: z.string().max(100) });

/** What went with the workspace. */
export const WorkspaceDeleted = z.strictObject({
  workspaceId: WorkspaceId,
  credentials: z.int(),
  secrets: z.int(),
  variables: z.int(),
  /** Keys that are bound to this workspace alone: they are left, and reach nothing any more. */
  keysLeft: z.int(),
});
export type WorkspaceDeleted = z.infer<typeof WorkspaceDeleted>;

export const ListFiles = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(MAX_PATH_BYTES).optional(),
  /** Only paths that begin so, such as `src/`. */
  prefix: z.string().max(MAX_PATH_BYTES).optional(),
});
export type ListFiles = z.infer<typeof ListFiles>;

export const FileView = z.strictObject({
  /** With `/`; a folder that is left out whole ends with one. */
  path: z.string(),
  bytes: z.int(),
  modifiedAt: Timestamp,
  /** Whether questions are answered from it. */
  indexed: z.boolean(),
  /** Why not: `binary`, `ignored by .gitignore`, `too large`, `secret` and the like. */
  reason: z.string().nullable(),
});
export type FileView = z.infer<typeof FileView>;

/** By path. */
export const FileList = z.strictObject({ data: z.array(FileView), nextCursor: z.string().nullable() });
export type FileList = z.infer<typeof FileList>;

const Line = z.coerce.number().int().min(1).max(10_000_000);

export const ReadFile = z.strictObject({ path: FilePath, startLine: Line.default(1), endLine: Line.optional() });
export type ReadFile = z.infer<typeof ReadFile>;

/** Lines of a text file, both ends included. Fewer than were asked for: there are no more, or no more at once. */
export const FileLines = z.strictObject({
  path: z.string(),
  startLine: z.int(),
  /** One less than `startLine`: there are no such lines. */
  endLine: z.int(),
  totalLines: z.int(),
  lines: z.array(z.string()),
});
export type FileLines = z.infer<typeof FileLines>;

export const NameFile = z.strictObject({ path: FilePath });

export const FileWritten = z.strictObject({
  workspaceId: WorkspaceId,
  path: z.string(),
  bytes: z.int(),
  /** Whether a file of that path was there before. */
  replaced: z.boolean(),
});
export type FileWritten = z.infer<typeof FileWritten>;

export const FileDeleted = z.strictObject({ workspaceId: WorkspaceId, path: z.string(), status: z.literal('deleted') });
export type FileDeleted = z.infer<typeof FileDeleted>;

export const MAX_PATHS_TOLD = 1000;
export const LeftOut = z.strictObject({ path: z.string(), reason: z.string() });
export type LeftOut = z.infer<typeof LeftOut>;

export const ArchiveWritten = z.strictObject({
  workspaceId: WorkspaceId,
  /** How many were written, and how many of them were there before. */
  files: z.int(),
  replaced: z.int(),
  bytes: z.int(),
  /** The first thousand of them, in the order of the archive. */
  paths: z.array(z.string()),
  /** Entries that a workspace does not take, such as secret files, `.git` and `node_modules`; the first thousand. */
  leftOut: z.array(LeftOut),
  leftOutCount: z.int(),
});
export type ArchiveWritten = z.infer<typeof ArchiveWritten>;
