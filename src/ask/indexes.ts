import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { FoundPassage } from '../contract/ask.js';
import type { JobProgress } from '../contract/jobs.js';
import type { IndexView } from '../contract/workspaces.js';
import type { Clock } from '../kernel/clock.js';
import { GatehouseError, isGatehouseError } from '../kernel/errors.js';
import { describeError, type Logger } from '../kernel/logger.js';
import type { IndexedWorkspace } from './index-messages.js';
import { IndexThread } from './index-thread.js';
import { NO_RULES, type WalkRules } from './walk-rules.js';
import { within } from './within.js';

/** How a question is run; what is left out is as for somebody who waits for the answer. */
export interface AskRun {
  readonly signal: AbortSignal;
  /** Whether somebody holds a connection open: then an index that is not ready in `waitMs` is a refusal. */
  readonly waited: boolean;
  progress(progress: JobProgress): void;
}

/** A workspace as the room `workspaces` has it. */
export interface AskedWorkspace {
  readonly id: string;
  readonly path: string;
}

/** What `ask` needs to know of the workspaces; the room `workspaces` fits it. */
export interface WorkspaceSource {
  list(): readonly AskedWorkspace[];
  get(id: string): AskedWorkspace | undefined;
  refresh(): Promise<void>;
}

export interface IndexesOptions {
  readonly workspaces: WorkspaceSource;
  readonly clock: Clock;
  readonly log: Logger;
  /** Which files of a workspace its owners want indexed. Default: all. */
  readonly rulesOf?: (workspaceId: string) => WalkRules;
  /** Where indexes are kept between starts, a folder for each workspace. Default: nowhere. */
  readonly folder?: string;
  /** What all indexes may take together in memory. Default 256 MB. */
  readonly memoryBytes?: number;
  /** Milliseconds a question waits for an index that is being built. Default 20,000. */
  readonly waitMs?: number;
  /** The first file of the thread that indexes live in. Default: the program's own. */
  readonly worker?: URL | undefined;
}

/** The indexes over all workspaces. They live in a thread of their own, which is started at the first need. */
export interface Indexes {
  /** How far the index over a workspace is; `pending` when it was not begun, or there is no such workspace. */
  viewOf(workspaceId: string): IndexView;
  /**
   * The passages that answer a question best, best first, as their files say them now; none when nothing relevant is there.
   * @throws GatehouseError `NOT_FOUND`; `INDEX_BUILDING` with `retryAfterSeconds` when the index is not ready within
   *   `waitMs`; `INDEX_FULL` when it does not fit into memory; `UNAVAILABLE` when the files cannot be read, or the
   *   thread died
   */
  find(workspaceId: string, question: string, run?: AskRun): Promise<FoundPassage[]>;
  /** Brings an index up to date. Resolves when it is, or after two seconds, while the work goes on. */
  update(workspaceId: string): Promise<void>;
  /** Reads again which workspaces there are, and lets go of the indexes of those that are gone. */
  refresh(): Promise<void>;
  /** Lets go of the index of a workspace that is being deleted; resolves when nothing of it is in memory or on disk. */
  forget(workspaceId: string): Promise<void>;
  /** Builds the indexes of all workspaces in the background, one after the other. */
  start(): void;
  /** Stops building. Resolves when nothing runs any more. */
  close(): Promise<void>;
}

export const DEFAULT_MEMORY_BYTES = 256_000_000;
const DEFAULT_WAIT_MS = 20_000;
const PROGRESS_EVERY_MS = 250;
const UPDATE_WAIT_MS = 2000;
export const NO_WORKSPACE = 'There is no such workspace.';

/** Nothing is read before `start` or the first question. */
export function openIndexes(options: IndexesOptions): Indexes {
  const { workspaces, clock, log, waitMs = DEFAULT_WAIT_MS, folder = null } = options;
  const views = new Map<string, IndexView>();
  const thread = new IndexThread({
    folder,
    memoryBytes: options.memoryBytes ?? DEFAULT_MEMORY_BYTES,
    clock,
    log,
    worker: options.worker,
    seen: (workspaceId, view) => {
      if (!dropped.has(workspaceId)) views.set(workspaceId, view);
    },
    died: () => views.clear(),
  });
  /** Those whose index is being given up, so that a last word of it counts for nothing. */
  const dropped = new Set<string>();
  let background: Promise<void> = Promise.resolve();
  let closed = false;

  async function drop(id: string): Promise<void> {
    views.delete(id);
    dropped.add(id);
    try {
      // The thread writes there while it has the index open; only once it has let go is the folder free.
      if (thread.isRunning) await thread.ask({ kind: 'drop', workspaceId: id });
    } finally {
      dropped.delete(id);
    }
  }

  function dropGone(): void {
    for (const id of views.keys()) {
      if (workspaces.get(id) !== undefined) continue;
      drop(id).catch((error) => log.warn('ask: an index could not be removed', describeError(error)));
    }
  }

  async function refresh(): Promise<void> {
    await workspaces.refresh();
    dropGone();
  }

  function indexed({ id, path: root }: AskedWorkspace): IndexedWorkspace {
    const { include, exclude } = options.rulesOf?.(id) ?? NO_RULES;
    return { id, root, include, exclude };
  }

  function requireWorkspace(id: string): AskedWorkspace {
    const workspace = workspaces.get(id);
    if (workspace === undefined) throw new GatehouseError('NOT_FOUND', NO_WORKSPACE);
    if (closed) throw new GatehouseError('UNAVAILABLE', 'Gatehouse is stopping.');
    return workspace;
  }

  /** The folder cannot be read: it was removed, or something is wrong with it. */
  async function explained(error: unknown, id: string): Promise<unknown> {
    if (!isGatehouseError(error) || error.code !== 'UNAVAILABLE') return error;
    await refresh();
    return workspaces.get(id) === undefined ? new GatehouseError('NOT_FOUND', NO_WORKSPACE) : error;
  }

  async function buildAll(): Promise<void> {
    await removeLeftovers();
    for (const workspace of workspaces.list()) {
      if (closed) return;
      await thread.ask({ kind: 'update', workspace: indexed(workspace), asked: false });
      const { state, filesTotal, passages, storedBytes } = views.get(workspace.id) ?? notBegun();
      log.info('ask: workspace indexed', {
        workspaceId: workspace.id,
        state,
        files: filesTotal,
        passages,
        storedBytes,
      });
    }
  }

  /** What is kept of workspaces that are gone. */
  async function removeLeftovers(): Promise<void> {
    if (folder === null) return;
    const names = await readdir(folder).catch(() => []);
    const gone = names.filter((name) => workspaces.get(name) === undefined);
    for (const name of gone) await rm(path.join(folder, name), { recursive: true, force: true }).catch(() => {});
  }

  return {
    viewOf: (workspaceId) => views.get(workspaceId) ?? notBegun(),

    async find(workspaceId, question, run) {
      const workspace = indexed(requireWorkspace(workspaceId));
      const patient = run?.waited === false;
      const found = thread.ask({ kind: 'find', workspace, question, waitMs: patient ? null : waitMs });
      try {
        return await (run === undefined ? found : whileTelling(found, run, () => views.get(workspaceId)));
      } catch (error) {
        throw await explained(error, workspaceId);
      }
    },

    async update(workspaceId) {
      const workspace = indexed(requireWorkspace(workspaceId));
      const updated = thread.ask({ kind: 'update', workspace, asked: true });
      await within(UPDATE_WAIT_MS, updated);
    },

    refresh,

    async forget(workspaceId) {
      await drop(workspaceId).catch((error) => log.warn('ask: an index was not let go', describeError(error)));
      if (folder !== null) await rm(path.join(folder, workspaceId), { recursive: true, force: true });
    },

    start() {
      background = buildAll().catch((error) => log.error('ask: building stopped', describeError(error)));
    },

    async close() {
      closed = true;
      await thread.close();
      await background;
    },
  };
}

/** Waits for what was found, and tells how far the index is; ends early when nobody wants it any more. */
async function whileTelling<T>(found: Promise<T>, run: AskRun, view: () => IndexView | undefined): Promise<T> {
  const { signal, progress } = run;
  const timer = setInterval(() => {
    const now = view();
    if (now?.state === 'building') progress({ step: 'indexing', done: now.filesDone, total: now.filesTotal });
  }, PROGRESS_EVERY_MS);
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  found.catch(() => {});
  try {
    return await Promise.race([found, aborted]);
  } finally {
    clearInterval(timer);
    if (stop !== undefined) signal.removeEventListener('abort', stop);
  }
}

function notBegun(): IndexView {
  return {
    state: 'pending',
    detail: null,
    filesDone: 0,
    filesTotal: 0,
    bytesDone: 0,
    bytesTotal: 0,
    passages: 0,
    memoryBytes: 0,
    storedBytes: null,
    skipped: {},
    builtAt: null,
  };
}
