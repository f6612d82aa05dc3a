import type { Collection } from '../store/collection.js';
import type { Stored } from './record.js';
import type { Uses } from './view.js';

/** What is kept for a workspace; the room `workspaces` asks for it where one is deleted. */
export interface KeptForWorkspace {
  readonly what: string;
  of(workspaceId: string): readonly string[];
  forget(workspaceId: string): Promise<void>;
}

interface OfWorkspace {
  readonly id: string;
  readonly workspaceId: string;
}

/**
 * Credentials, secrets and variables go before the keys that seal them: whatever is interrupted can be begun again.
 * Damaged lines go, too, as far as they say whose they are.
 */
export function keptForWorkspace(rooms: {
  readonly credentials: Collection<Stored>;
  readonly secrets: Collection<Stored>;
  readonly variables: Collection<OfWorkspace & { readonly name: string }>;
  readonly keys: Collection<OfWorkspace>;
  readonly uses: Uses;
}): KeptForWorkspace[] {
  const kept = <T extends { readonly id: string; readonly workspaceId?: unknown; readonly name?: unknown }>(
    what: string,
    records: Collection<T>,
    uses: (id: string) => string = (id) => id,
  ): KeptForWorkspace => {
    const idsOf = (workspaceId: string) =>
      [...records.values()].filter((record) => record.workspaceId === workspaceId).map(({ id }) => id);
    return {
      what,
      of: (workspaceId) =>
        idsOf(workspaceId).map((id) => {
          const name = records.get(id)?.name;
          return typeof name === 'string' ? name : id;
        }),
      async forget(workspaceId) {
        const ids = idsOf(workspaceId);
        if (ids.length === 0) return;
        await records.change((draft) => {
          for (const id of ids) draft.remove(id);
        });
        rooms.uses.forget(ids.map(uses));
      },
    };
  };
  return [
    kept('credentials', rooms.credentials),
    kept('secrets', rooms.secrets, (id) => `secret:${id}`),
    kept('variables', rooms.variables),
    kept('workspaceKeys', rooms.keys),
  ];
}
