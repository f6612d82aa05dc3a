import type { IndexView } from '../contract/workspaces.js';
import { type Clock, toIso } from '../kernel/clock.js';
import { describeError, type Logger } from '../kernel/logger.js';
import type { Breather } from './breather.js';
import { type Concept, type Hit, InvertedIndex } from './inverted-index.js';
import { termsOfPassage } from './passage-terms.js';
import { cutPassages } from './passages.js';
import { type FileStamp, type ReadResult, readTextFile, sameStamp } from './text-file.js';
import { walkWorkspace } from './walk.js';

/** Where a passage is; its text stays in the file. */
export interface PassageRef {
  readonly path: string;
  readonly startLine: number;
  readonly endLine: number;
}

export interface WorkspaceIndexOptions {
  readonly id: string;
  /** Real path of the workspace. */
  readonly root: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly breather: Breather;
  readonly maxTextBytes?: number;
}

/** Bytes of text that one workspace may put into memory as an index. */
export const MAX_TEXT_BYTES = 64 * 1024 * 1024;
/** A file counts as up to date for so long after a scan: a burst of questions scans once. */
const FRESH_FOR_MS = 1000;
/** A scan that took longer is not waited for before each answer, but goes on beside it. */
const QUICK_SCAN_MS = 500;
const FILES_AT_ONCE = 8;

/** The index over one workspace: built once, then kept up with the files by comparing what a scan finds. */
export class WorkspaceIndex {
  readonly root: string;
  readonly #options: WorkspaceIndexOptions;
  readonly #index = new InvertedIndex<PassageRef>();
  readonly #files = new Map<string, FileState>();
  #state: IndexView['state'] = 'pending';
  #skippedByWalk: ReadonlyMap<string, number> = new Map();
  #filesTotal = 0;
  #textBytes = 0;
  #builtAt: string | null = null;
  #scannedAtMs = Number.NEGATIVE_INFINITY;
  #scanTookMs = 0;
  #startedAt = 0;
  /** Changes of the index happen one after the other. */
  #work: Promise<void> = Promise.resolve();
  #pending: Promise<void> | null = null;
  #closed = false;

  constructor(options: WorkspaceIndexOptions) {
    this.root = options.root;
    this.#options = options;
  }

  view(): IndexView {
    const skipped: Record<string, number> = Object.fromEntries(this.#skippedByWalk);
    for (const { leftOut } of this.#files.values()) {
      if (leftOut !== null) skipped[leftOut] = (skipped[leftOut] ?? 0) + 1;
    }
    return {
      state: this.#state,
      filesDone: Math.min(this.#files.size, this.#filesTotal),
      filesTotal: this.#filesTotal,
      passages: this.#index.size,
      skipped,
      builtAt: this.#builtAt,
    };
  }

  /** Seconds until the first build is done, at the speed so far; at least 1, at most 60. */
  get secondsLeft(): number {
    const perFileMs = (performance.now() - this.#startedAt) / Math.max(1, this.#files.size);
    const left = Math.ceil(((this.#filesTotal - this.#files.size) * perFileMs) / 1000);
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
      await this.#indexFiles([path]);
    });
  }

  search(concepts: readonly Concept[], limit: number): Hit<PassageRef>[] {
    return this.#index.search(concepts, limit);
  }

  /** Paths of all indexed files. */
  paths(): string[] {
    return [...this.#files].filter(([, file]) => file.leftOut === null).map(([path]) => path);
  }

  /** The passages of one file, in order. */
  passagesOf(path: string): PassageRef[] {
    const ids = this.#files.get(path)?.passageIds ?? [];
    return ids.map((id) => this.#index.get(id)).filter((ref) => ref !== null);
  }

  /** What the file was when it was indexed. */
  stampOf(path: string): FileStamp | null {
    return this.#files.get(path)?.stamp ?? null;
  }

  /** Stops at the next pause; resolves when nothing runs any more. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#work;
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(work).catch((error) => {
      this.#state = 'failed';
      this.#options.log.warn('ask: a workspace cannot be indexed', {
        workspaceId: this.#options.id,
        ...describeError(error),
      });
    });
    return this.#work;
  }

  async #scan(): Promise<void> {
    if (this.#closed) return;
    if (this.#state !== 'ready') this.#state = 'building';
    const startedAtMs = this.#options.clock.nowMs();
    this.#startedAt = performance.now();
    const { files, skipped } = await walkWorkspace(this.root);
    this.#scanTookMs = performance.now() - this.#startedAt;
    this.#skippedByWalk = skipped;
    this.#filesTotal = files.size;
    for (const path of this.#files.keys()) if (!files.has(path)) this.#forget(path);
    const changed = [...files].filter(([path, stamp]) => !this.#isCurrent(path, stamp)).map(([path]) => path);
    for (let from = 0; from < changed.length && !this.#closed; from += FILES_AT_ONCE) {
      await this.#indexFiles(changed.slice(from, from + FILES_AT_ONCE));
    }
    if (this.#closed) return;
    if (this.#index.wantsCompacting) await this.#index.compact(this.#options.breather);
    this.#scannedAtMs = startedAtMs;
    if (changed.length > 0 || this.#builtAt === null) this.#builtAt = toIso(this.#options.clock.nowMs());
    this.#state = 'ready';
  }

  #isCurrent(path: string, stamp: FileStamp): boolean {
    const known = this.#files.get(path);
    if (known === undefined || known.stamp === null || !sameStamp(known.stamp, stamp)) return false;
    return known.leftOut !== FULL || !this.#hasRoomFor(stamp.size);
  }

  #hasRoomFor(bytes: number): boolean {
    return this.#textBytes + bytes <= (this.#options.maxTextBytes ?? MAX_TEXT_BYTES);
  }

  async #indexFiles(paths: readonly string[]): Promise<void> {
    const reads = await Promise.all(paths.map((path) => readTextFile(this.root, path)));
    for (const [at, path] of paths.entries()) {
      const read = reads[at];
      if (this.#options.breather.due) await this.#options.breather.pause();
      this.#forget(path);
      if (read !== undefined) await this.#take(path, read);
    }
  }

  async #take(path: string, read: ReadResult): Promise<void> {
    if (read.kind === 'left out') {
      this.#files.set(path, { stamp: read.stamp, passageIds: [], bytes: 0, leftOut: read.reason });
    } else if (!this.#hasRoomFor(read.stamp.size)) {
      this.#files.set(path, { stamp: read.stamp, passageIds: [], bytes: 0, leftOut: FULL });
    } else {
      const passageIds = await this.#addPassages(path, read.text);
      this.#textBytes += read.stamp.size;
      this.#files.set(path, { stamp: read.stamp, passageIds, bytes: read.stamp.size, leftOut: null });
    }
  }

  async #addPassages(path: string, text: string): Promise<number[]> {
    const { breather } = this.#options;
    const lines = text.split('\n');
    const ids: number[] = [];
    for (const passage of cutPassages(path, lines)) {
      if (breather.due) await breather.pause();
      const { weights, length } = termsOfPassage(path, lines, passage);
      const ref = { path, startLine: passage.startLine, endLine: passage.endLine };
      ids.push(this.#index.add(ref, weights, length));
    }
    return ids;
  }

  #forget(path: string): void {
    const known = this.#files.get(path);
    if (known === undefined) return;
    for (const id of known.passageIds) this.#index.remove(id);
    this.#textBytes -= known.bytes;
    this.#files.delete(path);
  }
}

const FULL = 'workspace full';

interface FileState {
  /** `null`: it could not be looked at; tried again at every scan. */
  readonly stamp: FileStamp | null;
  readonly passageIds: readonly number[];
  readonly bytes: number;
  readonly leftOut: string | null;
}
