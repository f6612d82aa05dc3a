import type { WorkspaceView } from '../../contract/workspaces.js';
import type { Gatehouse } from '../../gatehouse.js';
import { GatehouseError } from '../../kernel/errors.js';
import type { Handlers } from '../handler.js';

type WorkspaceRoutes = Pick<
  Handlers,
  'listWorkspaces' | 'showWorkspace' | 'assignWorkspace' | 'createWorkspace' | 'deleteWorkspace'
>;

export function workspaceHandlers({ workspaces, ownership, workspaceLife, ask }: Gatehouse): WorkspaceRoutes {
  const view = (id: string): WorkspaceView => ({
    id,
    organizationId: workspaces.ownerOf(id) ?? null,
    index: ask.indexOf(id),
  });
  const show = (id: string): { workspace: WorkspaceView } => {
    // The guard has checked the id; the folder may have gone since.
    if (workspaces.get(id) === undefined) throw new GatehouseError('NOT_FOUND', 'There is no such workspace.');
    return { workspace: view(id) };
  };
  return {
    async listWorkspaces({ caller, query }) {
      await workspaces.refresh();
      const after = query.cursor ?? '';
      const isWanted = (id: string) =>
        id > after &&
        caller.bounds.seesWorkspace(id) &&
        (query.organizationId === undefined || workspaces.ownerOf(id) === query.organizationId);
      const seen = workspaces.list().filter(({ id }) => isWanted(id));
      const data = seen.slice(0, query.limit).map(({ id }) => view(id));
      return {
        data,
        nextCursor: seen.length > data.length ? (data[data.length - 1]?.id ?? null) : null,
        ...(caller.principal.operator ? { skipped: [...workspaces.skipped()] } : {}),
      };
    },
    async createWorkspace({ caller, body }) {
      await workspaceLife.create(caller, body);
      return show(body.id);
    },
    deleteWorkspace: ({ caller, params, query }) =>
      workspaceLife.remove(caller, params['workspaceId'] ?? '', query.confirm),
    showWorkspace: ({ params }) => show(params['workspaceId'] ?? ''),
    async assignWorkspace({ caller, params, body }) {
      const id = params['workspaceId'] ?? '';
      await ownership.assign(caller, id, body.organizationId, (listed) => workspaces.get(listed) !== undefined);
      return show(id);
    },
  };
}
