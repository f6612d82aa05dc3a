import { base, change, K, type RouteSpec } from '../route-spec.js';
import {
  ARCHIVE_TYPES,
  ArchiveWritten,
  CreateWorkspace,
  DeleteWorkspace,
  FileDeleted,
  FileLines,
  FileList,
  FileWritten,
  ListFiles,
  NameFile,
  ReadFile,
  UPLOAD_LIMITS,
  WorkspaceDeleted,
} from '../workspace-files.js';
import { WorkspaceOnly } from '../workspaces.js';

const read = { ...base, authModes: K, scopes: ['projects:read'] } as const;
const write = { ...change, authModes: K, scopes: ['projects:write'] } as const;
// A path is a parameter and no part of the URL's own: proxies and routers on the way have their own minds about `%2f`
// and dots in one.
const file = '/api/workspaces/:workspaceId/file';

/** Workspaces made and deleted, and the files in them. */
export const workspaceFileRoutes = {
  createWorkspace: {
    ...write,
    method: 'POST',
    path: '/api/workspaces',
    summary: 'Make a workspace: an empty folder.',
    reach: 'either',
    body: CreateWorkspace,
    status: 201,
    answer: WorkspaceOnly,
  },
  deleteWorkspace: {
    ...write,
    method: 'DELETE',
    path: '/api/workspaces/:workspaceId',
    summary: 'Delete a workspace with its files, credentials, secrets and variables; `confirm` is its name once more.',
    // What is sealed in it goes too.
    scopes: ['projects:write', 'secrets:write'],
    fresh: true,
    query: DeleteWorkspace,
    answer: WorkspaceDeleted,
  },
  listFiles: {
    ...read,
    method: 'GET',
    path: '/api/workspaces/:workspaceId/files',
    summary: 'Its files by path, and which of them answer questions.',
    query: ListFiles,
    answer: FileList,
  },
  uploadArchive: {
    ...write,
    method: 'POST',
    path: '/api/workspaces/:workspaceId/files',
    summary: 'Write the files of a tar archive, plain or with gzip: all of them, or none.',
    stream: { types: ARCHIVE_TYPES, limitBytes: UPLOAD_LIMITS.uploadBytes },
    answer: ArchiveWritten,
  },
  readFile: {
    ...read,
    method: 'GET',
    path: file,
    summary: 'Lines of a text file.',
    query: ReadFile,
    answer: FileLines,
  },
  writeFile: {
    ...write,
    method: 'PUT',
    path: file,
    summary: 'Write one file: the body is what it holds, of any type.',
    query: NameFile,
    stream: { types: null, limitBytes: UPLOAD_LIMITS.fileBytes },
    answer: FileWritten,
  },
  deleteFile: {
    ...write,
    method: 'DELETE',
    path: file,
    summary: 'Delete one file, and the folders that are empty without it.',
    query: NameFile,
    answer: FileDeleted,
  },
} as const satisfies Record<string, RouteSpec>;
