import type { WorkspaceView } from '../../contract/workspaces.js';
import type { Gatehouse } from '../../gatehouse.js';
import { GatehouseError } from '../../kernel/errors.js';
import type { Handlers } from '../handler.js';

export function workspaceHandlers({ workspaces, ask }: Gatehouse): Pick<Handlers, 'listWorkspaces' | 'showWorkspace'> {
  const view = (id: string, organizationId: string): WorkspaceView => ({ id, organizationId, index: ask.indexOf(id) });
  return {
    async listWorkspaces({ caller, query }) {
      await workspaces.refresh();
      const after = query.cursor ?? '';
      const seen = workspaces.list().filter(({ id }) => id > after && caller.bounds.seesWorkspace(id));
      const data = seen.slice(0, query.limit).map(({ id, organizationId }) => view(id, organizationId));
      return {
        data,
        nextCursor: seen.length > data.length ? (data[data.length - 1]?.id ?? null) : null,
        ...(caller.principal.operator ? { skipped: [...workspaces.skipped()] } : {}),
      };
    },
    showWorkspace({ params }) {
      const workspace = workspaces.get(params['workspaceId'] ?? '');
      // The guard has checked the id; the folder may have gone since.
      if (workspace === undefined) throw new GatehouseError('NOT_FOUND', 'There is no such workspace.');
      return { workspace: view(workspace.id, workspace.organizationId) };
    },
  };
}
