import type { FoundPassage } from '../contract/ask.js';
import type { JobProgress } from '../contract/jobs.js';
import type { IndexView } from '../contract/workspaces.js';
import type { Clock } from '../kernel/clock.js';
import { GatehouseError } from '../kernel/errors.js';
import { describeError, type Logger } from '../kernel/logger.js';
import { Breather } from './breather.js';
import { retrieve } from './retrieve.js';
import { WorkspaceIndex } from './workspace-index.js';

/** How a question is run; what is left out is as for somebody who waits for the answer. */
export interface AskRun {
  readonly signal: AbortSignal;
  /** Whether somebody holds a connection open: then an index that is not ready in `waitMs` is a refusal. */
  readonly waited: boolean;
  progress(progress: JobProgress): void;
}

/** What `ask` needs to know of the workspaces; the room `workspaces` fits it. */
export interface WorkspaceSource {
  list(): readonly { readonly id: string; readonly path: string }[];
  get(id: string): { readonly id: string; readonly path: string } | undefined;
  refresh(): Promise<void>;
}

export interface IndexesOptions {
  readonly workspaces: WorkspaceSource;
  readonly clock: Clock;
  readonly log: Logger;
  /** Milliseconds a question waits for an index that is being built. Default 20,000. */
  readonly waitMs?: number;
}

/** The indexes over all workspaces. */
export interface Indexes {
  /** How far the index over a workspace is; `pending` when it was not begun, or there is no such workspace. */
  viewOf(workspaceId: string): IndexView;
  /**
   * The passages that answer a question best, best first, as their files say them now; none when nothing relevant is there.
   * @throws GatehouseError `NOT_FOUND`; `INDEX_BUILDING` with `retryAfterSeconds` when the index is not ready within
   *   `waitMs`; `UNAVAILABLE` when the files cannot be read
   */
  find(workspaceId: string, question: string, run?: AskRun): Promise<FoundPassage[]>;
  /** Reads again which workspaces there are, and lets go of the indexes of those that are gone. */
  refresh(): Promise<void>;
  /** Builds the indexes of all workspaces in the background, one after the other. */
  start(): void;
  /** Stops building. Resolves when nothing runs any more. */
  close(): Promise<void>;
}

const DEFAULT_WAIT_MS = 20_000;
/** An index that can answer waits no longer than this for the newest changes. */
const MAX_FRESHEN_MS = 2000;
const PROGRESS_EVERY_MS = 250;
export const NO_WORKSPACE = 'There is no such workspace.';

/** Nothing is read before `start` or the first question. */
export function openIndexes(options: IndexesOptions): Indexes {
  const { workspaces, clock, log, waitMs = DEFAULT_WAIT_MS } = options;
  const breather = new Breather();
  const indexes = new Map<string, WorkspaceIndex>();
  let background: Promise<void> = Promise.resolve();
  let closed = false;

  /** The index of a workspace that exists, made on first need; what no longer exists is let go. */
  function indexFor(workspace: { readonly id: string; readonly path: string }): WorkspaceIndex {
    const known = indexes.get(workspace.id);
    if (known !== undefined && known.root === workspace.path) return known;
    void known?.close();
    const made = new WorkspaceIndex({ id: workspace.id, root: workspace.path, clock, log, breather });
    indexes.set(workspace.id, made);
    return made;
  }

  function dropGone(): void {
    for (const [id, index] of indexes) {
      if (workspaces.get(id) !== undefined) continue;
      indexes.delete(id);
      void index.close();
    }
  }

  async function refresh(): Promise<void> {
    await workspaces.refresh();
    dropGone();
  }

  /** The folder cannot be read: it was removed, or something is wrong with it. */
  async function explainFailure(id: string): Promise<never> {
    await refresh();
    if (workspaces.get(id) === undefined) throw new GatehouseError('NOT_FOUND', NO_WORKSPACE);
    throw new GatehouseError('UNAVAILABLE', 'The files of this workspace cannot be read.');
  }

  async function buildAll(): Promise<void> {
    for (const workspace of workspaces.list()) {
      if (closed) return;
      const index = indexFor(workspace);
      if (index.view().state === 'pending') await index.update();
      const { state, filesTotal, passages } = index.view();
      log.info('ask: workspace indexed', { workspaceId: workspace.id, state, files: filesTotal, passages });
    }
  }

  return {
    viewOf: (workspaceId) => indexes.get(workspaceId)?.view() ?? notBegun(),

    async find(workspaceId, question, run) {
      const workspace = workspaces.get(workspaceId);
      if (workspace === undefined) throw new GatehouseError('NOT_FOUND', NO_WORKSPACE);
      if (closed) throw new GatehouseError('UNAVAILABLE', 'Gatehouse is stopping.');
      const index = indexFor(workspace);
      if (run?.waited === false) await untilReady(index, run);
      else await waitFor(index, waitMs);
      if (index.view().state === 'failed') await explainFailure(workspace.id);
      run?.signal.throwIfAborted();
      return retrieve(index, question);
    },

    refresh,

    start() {
      background = buildAll().catch((error) => log.error('ask: building stopped', describeError(error)));
    },

    async close() {
      closed = true;
      await Promise.all([...indexes.values()].map((index) => index.close()));
      await background;
    },
  };
}

/**
 * Waits until the index can be searched and is as fresh as it promises to be.
 * @throws GatehouseError `INDEX_BUILDING` when that takes longer than `waitMs`
 */
async function waitFor(index: WorkspaceIndex, waitMs: number): Promise<void> {
  if (index.view().state === 'ready') await within(Math.min(waitMs, MAX_FRESHEN_MS), index.freshen());
  else await within(waitMs, index.update());
  const { state, filesDone, filesTotal } = index.view();
  if (state === 'ready' || state === 'failed') return;
  const retryAfterSeconds = index.secondsLeft;
  throw new GatehouseError(
    'INDEX_BUILDING',
    `${filesDone} of ${filesTotal} files are indexed; ask again in ${retryAfterSeconds} s.`,
    { retryAfterSeconds },
  );
}

/** Waits as long as it takes, and tells how far it is. */
async function untilReady(index: WorkspaceIndex, { signal, progress }: AskRun): Promise<void> {
  const tell = () => {
    const { state, filesDone, filesTotal } = index.view();
    if (state === 'building') progress({ step: 'indexing', done: filesDone, total: filesTotal });
  };
  const timer = setInterval(tell, PROGRESS_EVERY_MS);
  try {
    const ready = index.view().state === 'ready' ? index.freshen() : index.update();
    await Promise.race([ready, aborted(signal)]);
  } finally {
    clearInterval(timer);
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** Waits for the work or the time, whichever is first; the work goes on either way. */
async function within(waitMs: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, waitMs);
  });
  await Promise.race([work, timeout]);
  clearTimeout(timer);
}

function notBegun(): IndexView {
  return { state: 'pending', filesDone: 0, filesTotal: 0, passages: 0, skipped: {}, builtAt: null };
}
