import { type FSWatcher, watch } from 'node:fs';
import path from 'node:path';

/** Saves come in bursts: a scan waits until it has been quiet for so long. */
const QUIET_MS = 300;
/** More folders are not watched: each takes some 5 KB and one of the watches that the system shares out. */
const MAX_FOLDERS = 5000;

/**
 * Tells that something has changed in a workspace, so that a scan can be done before somebody asks. Only a hint: on
 * network drives and some container mounts nothing is ever told, and the scan before each answer remains the truth.
 *
 * One watch a folder, ours: Node's recursive watch takes one for each file on Linux (41,700 files: 3.1 s in one piece
 * and 131 MB, where the 3,656 folders alone take 0.4 s and 18 MB).
 */
export class FolderWatch {
  readonly #root: string;
  readonly #changed: () => void;
  readonly #watchers = new Map<string, FSWatcher>();
  #timer: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(root: string, changed: () => void) {
    this.#root = root;
    this.#changed = changed;
  }

  /** Bytes of memory, about. */
  get memoryBytes(): number {
    return this.#watchers.size * 5000;
  }

  /** Watches these folders and no others. Whatever cannot be watched is left to the scans. */
  follow(folders: readonly string[]): void {
    if (this.#closed) return;
    const wanted = new Set(folders.length > MAX_FOLDERS ? [] : folders);
    for (const [folder, watcher] of this.#watchers) {
      if (wanted.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    for (const folder of wanted) {
      if (!this.#watchers.has(folder) && !this.#begin(folder)) return;
    }
  }

  close(): void {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  /** @returns whether it pays to go on: not when the system has no watches left */
  #begin(folder: string): boolean {
    try {
      const watcher = watch(path.join(this.#root, folder), { persistent: false }, () => this.#note());
      watcher.on('error', () => {
        watcher.close();
        this.#watchers.delete(folder);
      });
      this.#watchers.set(folder, watcher);
      return true;
    } catch (error) {
      return !['ENOSPC', 'EMFILE', 'ENFILE'].includes((error as NodeJS.ErrnoException).code ?? '');
    }
  }

  #note(): void {
    if (this.#closed) return;
    if (this.#timer === null) this.#timer = setTimeout(() => this.#tell(), QUIET_MS).unref();
    else this.#timer.refresh();
  }

  #tell(): void {
    this.#timer = null;
    this.#changed();
  }
}
