import { Ask, AskAnswer } from '../ask.js';
import { JobQueued } from '../jobs.js';
import { base, change, K, type RouteSpec } from '../route-spec.js';
import { ListWorkspaces, UpdateWorkspace, WorkspaceList, WorkspaceOnly } from '../workspaces.js';

/** Folders of files, and questions about them. */
export const workspaceRoutes = {
  listWorkspaces: {
    ...base,
    method: 'GET',
    path: '/api/workspaces',
    summary: 'The workspaces this caller may see, and how far their indexes are.',
    authModes: K,
    scopes: ['projects:read'],
    reach: 'either',
    query: ListWorkspaces,
    answer: WorkspaceList,
  },
  showWorkspace: {
    ...base,
    method: 'GET',
    path: '/api/workspaces/:workspaceId',
    summary: 'One workspace.',
    authModes: K,
    scopes: ['projects:read'],
    answer: WorkspaceOnly,
  },
  updateWorkspace: {
    ...change,
    method: 'PATCH',
    path: '/api/workspaces/:workspaceId',
    summary:
      'Set who answers questions that name nobody, or which files are indexed; for operators: give a workspace to an organization.',
    authModes: K,
    scopes: ['projects:write'],
    reach: 'either',
    body: UpdateWorkspace,
    answer: WorkspaceOnly,
  },
  indexWorkspace: {
    ...base,
    method: 'POST',
    path: '/api/workspaces/:workspaceId/index',
    summary: 'Bring the index up to date now; waited for two seconds at most.',
    authModes: K,
    scopes: ['projects:write'],
    status: 202,
    answer: WorkspaceOnly,
  },
  ask: {
    ...base,
    method: 'POST',
    path: '/api/ask',
    summary: 'Ask a question about the files of a workspace.',
    authModes: K,
    scopes: ['ask:run'],
    body: Ask,
    bodyLimitBytes: 262_144,
    answer: AskAnswer,
    streams: true,
    queued: JobQueued,
  },
} as const satisfies Record<string, RouteSpec>;
