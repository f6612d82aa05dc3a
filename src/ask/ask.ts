import type { Ask, AskResult } from '../contract/ask.js';
import type { JobProgress } from '../contract/jobs.js';
import type { IndexView } from '../contract/workspaces.js';
import type { Clock } from '../kernel/clock.js';
import { GatehouseError } from '../kernel/errors.js';
import { describeError, type Logger } from '../kernel/logger.js';
import type { Bounds } from '../kernel/principal.js';
import { renderAnswer } from './answer.js';
import { Breather } from './breather.js';
import { retrieve } from './retrieve.js';
import { WorkspaceIndex } from './workspace-index.js';

/** Answers questions about the files of a workspace. */
export interface AskRoom {
  /** How far the index over a workspace is; `pending` when it was not begun, or there is no such workspace. */
  indexOf(workspaceId: string): IndexView;
  /**
   * Answers from the files alone, without a model (`model: null`). The first line of the answer says so.
   * @throws GatehouseError `NOT_FOUND` for a workspace, credential, prompt or job that is unknown or out of bounds, alike;
   *   `BAD_REQUEST` for a `model` without a `credentialId`; `INDEX_BUILDING` with `retryAfterSeconds` when the index is
   *   not ready within `waitMs`; `UNAVAILABLE` when the files cannot be read
   */
  ask(bounds: Bounds, request: Ask, run?: AskRun): Promise<AskResult>;
  /** Refuses what cannot be asked at all, before it waits in a queue. @returns the organization of the workspace */
  check(bounds: Bounds, request: Ask): Promise<{ organizationId: string }>;
  /** Builds the indexes of all workspaces in the background, one after the other. */
  start(): void;
  /** Stops building. Resolves when nothing runs any more. */
  close(): Promise<void>;
}

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

export interface AskOptions {
  readonly workspaces: WorkspaceSource;
  readonly clock: Clock;
  readonly log: Logger;
  /** Milliseconds a question waits for an index that is being built. Default 20,000. */
  readonly waitMs?: number;
}

const DEFAULT_WAIT_MS = 20_000;
/** An index that can answer waits no longer than this for the newest changes. */
const MAX_FRESHEN_MS = 2000;
const PROGRESS_EVERY_MS = 250;
const NO_WORKSPACE = 'There is no such workspace.';

/** Opens the room. Nothing is read before `start` or the first question. */
export function openAsk(options: AskOptions): AskRoom {
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

  /** The folder cannot be read: it was removed, or something is wrong with it. */
  async function explainFailure(id: string): Promise<never> {
    await workspaces.refresh();
    dropGone();
    if (workspaces.get(id) === undefined) throw new GatehouseError('NOT_FOUND', NO_WORKSPACE);
    throw new GatehouseError('UNAVAILABLE', 'The files of this workspace cannot be read.');
  }

  async function check(bounds: Bounds, request: Ask): Promise<{ organizationId: string }> {
    const { workspaceId } = request;
    if (workspaces.get(workspaceId) === undefined) {
      // It may be a folder made a moment ago.
      await workspaces.refresh();
      dropGone();
    }
    const { organizationId } = bounds.require({ workspaceId });
    refuseWhatIsNotThere(bounds, request);
    if (workspaces.get(workspaceId) === undefined) throw new GatehouseError('NOT_FOUND', NO_WORKSPACE);
    return { organizationId };
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
    indexOf: (workspaceId) => indexes.get(workspaceId)?.view() ?? notBegun(),

    check,

    async ask(bounds, request, run) {
      await check(bounds, request);
      const workspace = workspaces.get(request.workspaceId);
      if (workspace === undefined) throw new GatehouseError('NOT_FOUND', NO_WORKSPACE);
      if (closed) throw new GatehouseError('UNAVAILABLE', 'Gatehouse is stopping.');
      const index = indexFor(workspace);
      if (run?.waited === false) await untilReady(index, run);
      else await waitFor(index, waitMs);
      if (index.view().state === 'failed') await explainFailure(workspace.id);
      run?.signal.throwIfAborted();
      const citations = await retrieve(index, request.question);
      return { answer: renderAnswer(citations), citations, model: null };
    },

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

/** What a request may name but this version has none of: unknown and not yet possible look alike. */
function refuseWhatIsNotThere(bounds: Bounds, request: Ask): void {
  if (request.credentialId !== undefined) bounds.require({ credentialId: request.credentialId });
  else if (request.model !== undefined) {
    throw new GatehouseError('BAD_REQUEST', 'model: needs a credentialId, since without one no model is asked.');
  }
  if (request.promptId !== undefined) throw new GatehouseError('NOT_FOUND', 'promptId: there is no such prompt.');
  if (request.previousJobId !== undefined) {
    throw new GatehouseError('NOT_FOUND', 'previousJobId: there is no such job.');
  }
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
