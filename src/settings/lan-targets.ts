import * as z from 'zod';
import type { Audit } from '../audit/audit.js';
import { audited } from '../audit/audited.js';
import { changesOf } from '../audit/changes.js';
import type { LanTargetsView } from '../contract/lan-targets.js';
import { compileLanTargets, type LanTargets, NO_LAN } from '../egress/egress.js';
import { GatehouseError } from '../kernel/errors.js';
import type { Actor } from '../kernel/principal.js';
import { type CollectionOptions, openCollection } from '../store/collection.js';
import type { Collection } from '../store/port.js';

/** One line of `.gatehouse/lan-targets.json`; `id` is the workspace. */
const LanTargetsRecord = z.strictObject({ id: z.string(), targets: z.array(z.string()).min(1) });
type LanTargetsRecord = z.infer<typeof LanTargetsRecord>;

/** Which private hosts and networks each workspace may call: kept by operators, asked at every call. */
export class LanTargetLists {
  readonly #records: Collection<LanTargetsRecord>;
  readonly #audit: Audit;
  /** Records never change, so each is compiled once; open connections belong to what came of it. */
  readonly #compiled = new WeakMap<LanTargetsRecord, LanTargets>();

  static async open(
    options: Pick<CollectionOptions<LanTargetsRecord>, 'folder' | 'clock' | 'log'> & { readonly audit: Audit },
  ): Promise<LanTargetLists> {
    const { audit, ...rest } = options;
    const file = { file: '.gatehouse/lan-targets.json', member: 'workspaces', schemaVersion: 1 };
    return new LanTargetLists(await openCollection<LanTargetsRecord>({ ...rest, ...file, parse }), audit);
  }

  private constructor(records: Collection<LanTargetsRecord>, audit: Audit) {
    this.#records = records;
    this.#audit = audit;
  }

  of(workspaceId: string): LanTargets {
    const record = this.#records.get(workspaceId);
    if (record === undefined) return NO_LAN;
    let compiled = this.#compiled.get(record);
    if (compiled === undefined) {
      compiled = compileLanTargets(record.targets);
      this.#compiled.set(record, compiled);
    }
    return compiled;
  }

  list(): LanTargetsView[] {
    return [...this.#records.values()].map(({ id, targets }) => ({ workspaceId: id, targets }));
  }

  /** @throws GatehouseError `BAD_REQUEST` naming an entry that is none; `NOT_FOUND` for a workspace that is not there */
  async set(by: Actor, workspaceId: string, targets: readonly string[]): Promise<LanTargetsView> {
    by.bounds.require({ workspaceId });
    const record = { id: workspaceId, targets: [...new Set(targets)] };
    try {
      compileLanTargets(record.targets);
    } catch (error) {
      throw new GatehouseError('BAD_REQUEST', `targets: ${(error as Error).message}.`);
    }
    const detail = { targets: record.targets };
    const changes = changesOf({ targets: this.namesOf(workspaceId) }, { targets: record.targets });
    await audited(this.#audit, by, { action: 'lan-targets.set', target: workspaceId, detail, changes }, () =>
      this.#records.change((draft) => {
        if (record.targets.length > 0) draft.put(record);
        else if (draft.get(workspaceId) !== undefined) draft.remove(workspaceId);
      }),
    );
    return { workspaceId, targets: record.targets };
  }

  /** Called after each change. */
  subscribe(listener: () => void): void {
    this.#records.subscribe(listener);
  }

  /** The entries of a workspace. */
  namesOf(workspaceId: string): readonly string[] {
    return this.#records.get(workspaceId)?.targets ?? [];
  }

  /** A workspace that is gone. */
  async forget(workspaceId: string): Promise<void> {
    if (this.#records.get(workspaceId) !== undefined) await this.#records.change((draft) => draft.remove(workspaceId));
  }

  close(): Promise<void> {
    return this.#records.close();
  }
}

function parse(value: unknown): LanTargetsRecord {
  const record = LanTargetsRecord.parse(value);
  compileLanTargets(record.targets);
  return record;
}
