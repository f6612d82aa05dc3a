import path from 'node:path';
import type { FoundPassage } from '../contract/ask.js';
import type { IndexView } from '../contract/workspaces.js';
import type { Clock } from '../kernel/clock.js';
import { GatehouseError } from '../kernel/errors.js';
import type { Logger } from '../kernel/logger.js';
import { Breather } from './breather.js';
import type { Answers, IndexedWorkspace, Request, WorkerSettings } from './index-messages.js';
import { MemoryBudget } from './memory-budget.js';
import { retrieve } from './retrieve.js';
import { ShardStore } from './shard-store.js';
import { within } from './within.js';
import { WorkspaceIndex } from './workspace-index.js';

export interface IndexRoomOptions extends WorkerSettings {
  readonly clock: Clock;
  readonly log: Logger;
  /** Told whenever the view of an index has changed; while it is built some ten times a second. */
  tell(workspaceId: string, view: IndexView): void;
}

/** An index that can answer waits no longer than this for the newest changes. */
const MAX_FRESHEN_MS = 2000;
const TELL_EVERY_MS = 100;

/** All indexes, where they are: in the worker. */
export class IndexRoom {
  readonly #options: IndexRoomOptions;
  readonly #breather = new Breather();
  readonly #budget: MemoryBudget;
  readonly #indexes = new Map<string, WorkspaceIndex>();
  readonly #toldAtMs = new Map<string, number>();
  #closed = false;

  constructor(options: IndexRoomOptions) {
    this.#options = options;
    this.#budget = new MemoryBudget(options.memoryBytes);
  }

  /** @throws GatehouseError as `Indexes` tells */
  async answer(request: Request): Promise<Answers[Request['kind']]> {
    if (request.kind === 'close') await this.#close();
    else if (this.#closed) throw new GatehouseError('UNAVAILABLE', 'Gatehouse is stopping.');
    else if (request.kind === 'drop') await this.#drop(request.workspaceId);
    else if (request.kind === 'find') return this.#find(request.workspace, request.question, request.waitMs);
    else await this.#update(request.workspace, request.asked);
    return null;
  }

  async #update(workspace: IndexedWorkspace, asked: boolean): Promise<void> {
    const index = this.#indexFor(workspace);
    if (asked) index.askedAtMs = this.#options.clock.nowMs();
    await index.use(() => index.update());
  }

  async #find(workspace: IndexedWorkspace, question: string, waitMs: number | null): Promise<FoundPassage[]> {
    const index = this.#indexFor(workspace);
    index.askedAtMs = this.#options.clock.nowMs();
    return index.use(async () => {
      await waitFor(index, waitMs);
      return retrieve(index, question);
    });
  }

  /** The index of a workspace, made on first need; made anew when its folder or its settings have changed. */
  #indexFor(workspace: IndexedWorkspace): WorkspaceIndex {
    const known = this.#indexes.get(workspace.id);
    if (known !== undefined && isSame(known.workspace, workspace)) return known;
    const { clock, log } = this.#options;
    const folder = this.#folderOf(workspace.id);
    const made = new WorkspaceIndex({
      workspace,
      clock,
      log,
      breather: this.#breather,
      budget: this.#budget,
      store: folder === null ? null : new ShardStore(folder, log),
      after: known?.close(),
      changed: (index) => this.#tell(index),
    });
    this.#indexes.set(workspace.id, made);
    return made;
  }

  #folderOf(workspaceId: string): string | null {
    const { folder } = this.#options;
    return folder === null ? null : path.join(folder, workspaceId);
  }

  #tell(index: WorkspaceIndex): void {
    const { id } = index.workspace;
    // One that was replaced and still winds up has nothing to say.
    if (this.#indexes.get(id) !== index) return;
    const nowMs = performance.now();
    if (index.isBuilding && nowMs - (this.#toldAtMs.get(id) ?? 0) < TELL_EVERY_MS) return;
    this.#toldAtMs.set(id, nowMs);
    this.#options.tell(id, index.view());
  }

  async #drop(workspaceId: string): Promise<void> {
    const index = this.#indexes.get(workspaceId);
    this.#indexes.delete(workspaceId);
    await index?.close();
    const folder = this.#folderOf(workspaceId);
    // A workspace of the same name may have come meanwhile.
    if (folder !== null && !this.#indexes.has(workspaceId)) await new ShardStore(folder, this.#options.log).clear();
  }

  async #close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#indexes.values()].map((index) => index.close()));
  }
}

function isSame(a: IndexedWorkspace, b: IndexedWorkspace): boolean {
  const same = (one: readonly string[], other: readonly string[]) => one.join('\n') === other.join('\n');
  return a.root === b.root && same(a.include, b.include) && same(a.exclude, b.exclude);
}

/**
 * Waits until the index can be searched and is as fresh as it promises to be.
 * @throws GatehouseError `INDEX_BUILDING` when that takes longer than `waitMs`; `INDEX_FULL`; `UNAVAILABLE`
 */
async function waitFor(index: WorkspaceIndex, waitMs: number | null): Promise<void> {
  if (!index.isLoaded) await within(waitMs, index.update());
  else if (waitMs === null) await index.freshen();
  else await within(Math.min(waitMs, MAX_FRESHEN_MS), index.freshen());
  const { filesDone, filesTotal, state, detail } = index.view();
  if (index.isLoaded) return;
  if (state === 'failed') throw new GatehouseError('UNAVAILABLE', detail ?? '');
  if (state === 'full') throw new GatehouseError('INDEX_FULL', detail ?? '');
  const retryAfterSeconds = index.secondsLeft;
  throw new GatehouseError(
    'INDEX_BUILDING',
    `${filesDone} of ${filesTotal} files are indexed; ask again in ${retryAfterSeconds} s.`,
    { retryAfterSeconds },
  );
}
