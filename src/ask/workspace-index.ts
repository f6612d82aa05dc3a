import type { IndexView } from '../contract/workspaces.js';
import { type Clock, toIso } from '../kernel/clock.js';
import { describeError, type Logger } from '../kernel/logger.js';
import type { Breather } from './breather.js';
import { IndexContent, type PassageRef } from './index-content.js';
import { type Filling, fill, readAgain } from './index-filler.js';
import type { IndexedWorkspace } from './index-messages.js';
import type { Concept, Hit } from './inverted-index.js';
import { fullDetail, type MemoryBudget, type Resident } from './memory-budget.js';
import type { ShardStore } from './shard-store.js';
import type { FileStamp } from './text-file.js';
import { type Walk, walkWorkspace } from './walk.js';

export type { PassageRef } from './index-content.js';

export interface WorkspaceIndexOptions {
  readonly workspace: IndexedWorkspace;
  readonly clock: Clock;
  readonly log: Logger;
  readonly breather: Breather;
  readonly budget: MemoryBudget;
  /** Where it is kept between starts; `null`: in memory only. */
  readonly store: ShardStore | null;
  /** An older index over the same workspace that still winds up. */
  readonly after?: Promise<void> | undefined;
  /** Called when the view has changed. */
  readonly changed: (index: WorkspaceIndex) => void;
}

/** A file counts as up to date for so long after a scan: a burst of questions scans once. */
const FRESH_FOR_MS = 1000;
/** A scan that took longer is not waited for before each answer, but goes on beside it. */
const QUICK_SCAN_MS = 500;

interface Counts {
  readonly filesDone: number;
  readonly bytesDone: number;
  readonly passages: number;
  readonly leftOut: ReadonlyMap<string, number>;
}

/**
 * The index over one workspace: loaded from disk or built once, then kept up with the files by comparing what a scan
 * finds. Its content may be let go when memory is needed elsewhere; the next question loads it again.
 */
export class WorkspaceIndex implements Resident {
  readonly root: string;
  readonly turn: number;
  askedAtMs = 0;
  readonly #options: WorkspaceIndexOptions;
  #content: IndexContent | null = null;
  #state: IndexView['state'] = 'pending';
  #detail: string | null = null;
  #walk: Pick<Walk, 'skipped' | 'bytes'> & { readonly total: number } = { skipped: new Map(), bytes: 0, total: 0 };
  /** What was in it when its content was let go. */
  #last: Counts = NOTHING;
  /** What did not fit: not tried again before there is less. */
  #tooMuch: { readonly bytes: number; readonly neededBytes: number } | null = null;
  #builtAt: string | null = null;
  #scannedAtMs = Number.NEGATIVE_INFINITY;
  #scanTookMs = 0;
  #startedAt = 0;
  #users = 0;
  /** Changes of the index happen one after the other. */
  #work: Promise<void> = Promise.resolve();
  #working = 0;
  #pending: Promise<void> | null = null;
  #closed = false;

  constructor(options: WorkspaceIndexOptions) {
    this.root = options.workspace.root;
    this.turn = options.budget.nextTurn();
    this.#options = options;
    options.budget.join(this);
    if (options.after !== undefined) this.#work = options.after;
  }

  get workspace(): IndexedWorkspace {
    return this.#options.workspace;
  }

  get isBuilding(): boolean {
    return this.#state === 'building';
  }

  /** Whether it can be searched now. */
  get isLoaded(): boolean {
    return this.#state === 'ready' && this.#content !== null;
  }

  get memoryBytes(): number {
    return (this.#content?.memoryBytes ?? 0) + (this.#content === null ? 0 : (this.#options.store?.memoryBytes ?? 0));
  }

  get busy(): boolean {
    return this.#users > 0 || this.#working > 0;
  }

  view(): IndexView {
    const now = this.#now();
    const skipped: Record<string, number> = Object.fromEntries(this.#walk.skipped);
    for (const [reason, count] of now.leftOut) skipped[reason] = (skipped[reason] ?? 0) + count;
    const storedBytes = this.#options.store?.bytes ?? null;
    return {
      state: this.#state,
      detail: this.#detail ?? (storedBytes === null && this.#state === 'ready' ? IN_MEMORY_ONLY : null),
      filesDone: Math.min(now.filesDone, this.#walk.total),
      filesTotal: this.#walk.total,
      bytesDone: Math.min(now.bytesDone, this.#walk.bytes),
      bytesTotal: this.#walk.bytes,
      passages: now.passages,
      memoryBytes: this.memoryBytes,
      storedBytes,
      skipped,
      builtAt: this.#builtAt,
    };
  }

  /** Seconds until the first build is done, at the speed so far; at least 1, at most 60. */
  get secondsLeft(): number {
    const { filesDone } = this.#now();
    const perFileMs = (performance.now() - this.#startedAt) / Math.max(1, filesDone);
    const left = Math.ceil(((this.#walk.total - filesDone) * perFileMs) / 1000);
    return Math.min(60, Math.max(1, left));
  }

  /** Scans the files and indexes what changed; calls meanwhile share one run. Never rejects: see `view().state`. */
  update(): Promise<void> {
    this.#pending ??= this.#enqueue(() => this.#scan()).finally(() => {
      this.#pending = null;
    });
    return this.#pending;
  }

  /** Before an answer: scans when the last scan is a second old, and waits for it when scans are quick. */
  async freshen(): Promise<void> {
    if (this.#options.clock.nowMs() - this.#scannedAtMs < FRESH_FOR_MS) return;
    const updated = this.update();
    if (this.#scanTookMs < QUICK_SCAN_MS) await updated;
  }

  /**
   * Reads one file again, which an answer found changed since it was indexed.
   * Does nothing while a scan runs: that one finds the change, and may take longer than an answer should.
   */
  async reread(path: string): Promise<void> {
    if (this.#pending !== null) return;
    await this.#enqueue(async () => {
      if (this.#content === null) return;
      await readAgain(this.#content, [path], { ...this.#options, root: this.root });
      await this.#options.store?.flush();
      this.#options.changed(this);
    });
  }

  /** Keeps the content in memory while it is worked with. */
  async use<T>(work: () => Promise<T>): Promise<T> {
    this.#users++;
    try {
      return await work();
    } finally {
      this.#users--;
    }
  }

  search(concepts: readonly Concept[], limit: number): Hit<PassageRef>[] {
    return this.#content?.terms.search(concepts, limit) ?? [];
  }

  /** Paths of all indexed files. */
  paths(): string[] {
    return this.#content?.paths() ?? [];
  }

  /** The passages of one file, in order. */
  passagesOf(path: string): PassageRef[] {
    return this.#content?.passagesOf(path) ?? [];
  }

  /** What the file was when it was indexed. */
  stampOf(path: string): FileStamp | null {
    return this.#content?.stampOf(path) ?? null;
  }

  letGo(): void {
    this.#last = { ...this.#now() };
    this.#content = null;
    this.#scannedAtMs = Number.NEGATIVE_INFINITY;
    this.#options.log.debug('ask: an index was let go from memory', { workspaceId: this.workspace.id });
    this.#options.changed(this);
  }

  /** Stops at the next pause; resolves when nothing runs any more and what was read is on disk. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#work;
    await this.#options.store?.flush();
    this.#content = null;
    this.#options.budget.leave(this);
  }

  #now(): Counts {
    const content = this.#content;
    if (content === null) return this.#last;
    return {
      filesDone: content.size,
      bytesDone: content.seenBytes,
      passages: content.terms.size,
      leftOut: content.leftOut,
    };
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    this.#working++;
    this.#work = this.#work
      .then(work)
      .catch((error) => {
        this.#become('failed', 'The files of this workspace cannot be read.');
        this.#options.log.warn('ask: a workspace cannot be indexed', {
          workspaceId: this.workspace.id,
          ...describeError(error),
        });
      })
      .finally(() => {
        this.#working--;
      });
    return this.#work;
  }

  #become(state: IndexView['state'], detail: string | null = null): void {
    this.#state = state;
    this.#detail = detail;
    this.#options.changed(this);
  }

  async #scan(): Promise<void> {
    while (!this.#closed && (await this.#scanOnce()) === 'stand back') {
      await this.#options.store?.flush();
      this.letGo();
      await this.#options.budget.turnOf(this);
    }
  }

  async #scanOnce(): Promise<Filling['outcome']> {
    const { clock, log, breather, store, budget, workspace, changed } = this.#options;
    const wasLoaded = this.isLoaded;
    if (!wasLoaded) this.#become('building');
    const startedAtMs = clock.nowMs();
    this.#startedAt = performance.now();
    const { files, skipped, bytes } = await walkWorkspace(this.root, workspace, undefined, breather);
    this.#scanTookMs = performance.now() - this.#startedAt;
    this.#walk = { skipped, bytes, total: files.size };
    // A little less than what did not fit would not fit either.
    if (this.#tooMuch !== null && bytes > this.#tooMuch.bytes * 0.95) return this.#refuse(this.#tooMuch);
    const content = this.#content ?? new IndexContent();
    this.#content = content;
    const { outcome, kept, read } = await fill(content, files, {
      root: this.root,
      store,
      breather,
      stopped: () => this.#closed,
      progress: () => changed(this),
      makeRoom: async () => {
        const room = await budget.makeRoom(this);
        // What can answer stays: it only grows by what was saved a moment ago.
        return room === 'stand back' && wasLoaded ? 'room' : room;
      },
    });
    if (outcome === 'full') return this.#refuse({ bytes, neededBytes: this.#neededBytes(content) });
    if (outcome === 'stand back' || outcome === 'stopped') return outcome;
    this.#tooMuch = null;
    this.#scannedAtMs = startedAtMs;
    if (outcome === 'changed' || this.#builtAt === null) this.#builtAt = toIso(clock.nowMs());
    if (outcome === 'changed' || !wasLoaded)
      log.debug('ask: index up to date', { workspaceId: workspace.id, kept: wasLoaded ? 0 : kept, read });
    this.#become('ready');
    return outcome;
  }

  /** What the whole would take, judged by the part that was read; a tenth more, for the rest may be denser. */
  #neededBytes({ memoryBytes, seenBytes }: IndexContent): number {
    const whole = memoryBytes * Math.max(1, this.#walk.bytes / Math.max(1, seenBytes));
    return Math.max(whole, this.#options.budget.limitBytes) * 1.1;
  }

  async #refuse(tooMuch: { readonly bytes: number; readonly neededBytes: number }): Promise<'full'> {
    this.#tooMuch = tooMuch;
    this.#last = NOTHING;
    this.#content = null;
    await this.#options.store?.clear();
    const { limitBytes } = this.#options.budget;
    this.#become('full', fullDetail(this.workspace.id, tooMuch.neededBytes, limitBytes));
    return 'full';
  }
}

const IN_MEMORY_ONLY = 'The index cannot be kept on disk, so every start builds it again. The log has the reason.';
const NOTHING = { filesDone: 0, bytesDone: 0, passages: 0, leftOut: new Map<string, number>() };
