import * as z from 'zod';
import type { Audit } from '../audit/audit.js';
import { audited } from '../audit/audited.js';
import { changesOf } from '../audit/changes.js';
import type { PageOf } from '../contract/fields.js';
import { type ListValues, VariableView } from '../contract/secrets.js';
import { type Clock, toIso } from '../kernel/clock.js';
import { GatehouseError } from '../kernel/errors.js';
import type { Actor, Bounds } from '../kernel/principal.js';
import type { Collection } from '../store/collection.js';
import { pageOf } from './page.js';
import { idOf, requireName } from './secrets.js';

/** One line of `.gatehouse/variables.json`; its id is `<workspace>/<name>`. */
export const VariableRecord = z.strictObject({ id: z.string(), ...VariableView.shape });
export type VariableRecord = z.infer<typeof VariableRecord>;

export interface VariablesOptions {
  readonly records: Collection<VariableRecord>;
  readonly audit: Audit;
  readonly clock: Clock;
}

/** Public values of workspaces by name: plain on disk and readable by whoever may read the workspace. */
export class Variables {
  readonly #o: VariablesOptions;

  constructor(options: VariablesOptions) {
    this.#o = options;
  }

  list(by: Bounds, workspaceId: string, query: ListValues): PageOf<VariableView> {
    by.require({ workspaceId });
    const seen = [...this.#o.records.values()].filter((record) => record.workspaceId === workspaceId);
    return pageOf(seen.map(viewOf), ({ name }) => name, query);
  }

  /** Names and values, for templates. */
  values(workspaceId: string): ReadonlyMap<string, string> {
    const own = [...this.#o.records.values()].filter((record) => record.workspaceId === workspaceId);
    return new Map(own.map(({ name, value }) => [name, value]));
  }

  async set(by: Actor, workspaceId: string, name: string, value: string): Promise<VariableView> {
    by.bounds.require({ workspaceId });
    requireName(name);
    const id = idOf(workspaceId, name);
    const record = {
      ...{ id, name, workspaceId, value },
      updatedAt: toIso(this.#o.clock.nowMs()),
      updatedBy: by.bounds.principal.id,
    };
    // Not the value: it is public, and the log would still be the wrong place to look for what it was.
    const changes = changesOf({}, {}, this.#o.records.get(id)?.value === value ? [] : ['value']);
    const detail = { workspaceId, name };
    await audited(this.#o.audit, by, { action: 'variable.set', target: id, detail, changes }, () =>
      this.#o.records.change((draft) => draft.put(record)),
    );
    return viewOf(record);
  }

  async remove(by: Actor, workspaceId: string, name: string): Promise<VariableView> {
    by.bounds.require({ workspaceId });
    const id = idOf(workspaceId, name);
    const record = this.#o.records.get(id);
    if (record === undefined)
      throw new GatehouseError(
        'NOT_FOUND',
        `There is no such variable in this workspace. GET /api/workspaces/${workspaceId}/variables lists those.`,
      );
    await audited(this.#o.audit, by, { action: 'variable.delete', target: id, detail: { workspaceId, name } }, () =>
      this.#o.records.change((draft) => draft.remove(id)),
    );
    return viewOf(record);
  }
}

function viewOf({ name, workspaceId, value, updatedAt, updatedBy }: VariableRecord): VariableView {
  return { name, workspaceId, value, updatedAt, updatedBy };
}
