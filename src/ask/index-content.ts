import { InvertedIndex } from './inverted-index.js';
import type { StoredFile } from './shard-codec.js';
import type { FileStamp } from './text-file.js';

/** Where a passage is; its text stays in the file. */
export interface PassageRef {
  readonly path: string;
  readonly startLine: number;
  readonly endLine: number;
}

/** What V8 takes for one file's entry besides its path and its list of passages. Measured, see test/ask/memory.test.ts. */
const BYTES_PER_FILE = 320;

interface FileState {
  /** `null`: it could not be looked at; tried again at every scan. */
  readonly stamp: FileStamp | null;
  readonly passageIds: readonly number[];
  readonly leftOut: string | null;
}

/** What is in memory of one workspace: which files there are, and what they are found by. */
export class IndexContent {
  readonly terms = new InvertedIndex<PassageRef>(byPlace);
  readonly #files = new Map<string, FileState>();
  readonly #leftOut = new Map<string, number>();
  #textBytes = 0;
  #seenBytes = 0;
  #fileBytes = 0;

  /** Files, whether indexed or left out. */
  get size(): number {
    return this.#files.size;
  }

  /** Bytes of text that are indexed. */
  get textBytes(): number {
    return this.#textBytes;
  }

  /** Bytes of all files that were looked at. */
  get seenBytes(): number {
    return this.#seenBytes;
  }

  get memoryBytes(): number {
    return this.terms.bytes + this.#fileBytes;
  }

  /** Files that were left out when they were read, by reason. */
  get leftOut(): ReadonlyMap<string, number> {
    return this.#leftOut;
  }

  add({ path, stamp, leftOut, passages }: StoredFile): void {
    const passageIds = passages.map(({ startLine, endLine, weights, length }) =>
      this.terms.add({ path, startLine, endLine }, weights, length),
    );
    if (leftOut === null) this.#textBytes += stamp.size;
    this.#put(path, { stamp, passageIds, leftOut });
  }

  /** A file that could not even be looked at. */
  addUnseen(path: string, leftOut: string): void {
    this.#put(path, { stamp: null, passageIds: [], leftOut });
  }

  forget(path: string): void {
    const known = this.#files.get(path);
    if (known === undefined) return;
    this.#files.delete(path);
    for (const id of known.passageIds) this.terms.remove(id);
    this.#count(path, known, -1);
    if (known.leftOut === null) this.#textBytes -= known.stamp?.size ?? 0;
  }

  allPaths(): IterableIterator<string> {
    return this.#files.keys();
  }

  /** Paths of all indexed files. */
  paths(): string[] {
    return [...this.#files].filter(([, file]) => file.leftOut === null).map(([path]) => path);
  }

  passagesOf(path: string): PassageRef[] {
    const ids = this.#files.get(path)?.passageIds ?? [];
    return ids.map((id) => this.terms.get(id)).filter((ref) => ref !== null);
  }

  stampOf(path: string): FileStamp | null {
    return this.#files.get(path)?.stamp ?? null;
  }

  #put(path: string, file: FileState): void {
    this.#files.set(path, file);
    this.#count(path, file, 1);
  }

  #count(path: string, { stamp, passageIds, leftOut }: FileState, sign: 1 | -1): void {
    this.#fileBytes += sign * (BYTES_PER_FILE + path.length + 8 * passageIds.length);
    this.#seenBytes += sign * (stamp?.size ?? 0);
    if (leftOut === null) return;
    const count = (this.#leftOut.get(leftOut) ?? 0) + sign;
    if (count === 0) this.#leftOut.delete(leftOut);
    else this.#leftOut.set(leftOut, count);
  }
}

/** Passages by file and line. */
export function byPlace(a: PassageRef, b: PassageRef): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : a.startLine - b.startLine;
}
