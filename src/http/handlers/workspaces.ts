import type { WorkspaceView } from '../../contract/workspaces.js';
import type { Gatehouse } from '../../gatehouse.js';
import { GatehouseError } from '../../kernel/errors.js';
import type { Handlers } from '../handler.js';

type WorkspaceRoutes = Pick<Handlers, 'listWorkspaces' | 'showWorkspace' | 'updateWorkspace' | 'indexWorkspace'>;

export function workspaceHandlers({ workspaces, ownership, ask }: Gatehouse): WorkspaceRoutes {
  const view = (id: string): WorkspaceView => ({
    id,
    organizationId: workspaces.ownerOf(id) ?? null,
    defaultProvider: ownership.defaultProviderOf(id),
    ...ownership.rulesOf(id),
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
    showWorkspace: ({ params }) => show(params['workspaceId'] ?? ''),
    async updateWorkspace({ caller, params, body: { organizationId, defaultProvider, include, exclude } }) {
      const id = params['workspaceId'] ?? '';
      if (organizationId !== undefined) {
        if (!caller.principal.operator)
          throw new GatehouseError('FORBIDDEN', 'organizationId: only an operator gives workspaces to organizations.');
        await ownership.assign(caller, id, organizationId, (listed) => workspaces.get(listed) !== undefined);
      }
      if (defaultProvider !== undefined) {
        const checked = defaultProvider && ask.checkDefaultProvider(caller.bounds, id, defaultProvider);
        await ownership.setDefaultProvider(caller, id, checked);
      }
      if (include !== undefined || exclude !== undefined) {
        await ownership.setRules(caller, id, { include, exclude });
        await ask.update(id);
      }
      return show(id);
    },
    async indexWorkspace({ params }) {
      const id = params['workspaceId'] ?? '';
      await ask.update(id);
      return show(id);
    },
  };
}
