import type { Breather } from './breather.js';
import type { IndexContent } from './index-content.js';
import { readPassages } from './read-passages.js';
import type { ShardStore } from './shard-store.js';
import { type FileStamp, readTextFileNow, sameStamp } from './text-file.js';

export interface FillerParts {
  readonly root: string;
  readonly store: ShardStore | null;
  readonly breather: Breather;
  /** Asked after each step. Whatever is not `room` ends the filling. */
  makeRoom(): Promise<'room' | 'full' | 'stand back'>;
  stopped(): boolean;
  progress(): void;
}

export interface Filling {
  readonly outcome: 'changed' | 'unchanged' | 'full' | 'stand back' | 'stopped';
  /** Files taken from disk as they were kept. */
  readonly kept: number;
  /** Files that were read. */
  readonly read: number;
}

const FILES_AT_ONCE = 8;
const STORED_AT_ONCE = 256;

/**
 * Makes the content what the files are: takes what is kept on disk and still true, forgets what is gone, reads the rest.
 * @param files - what a walk has found
 */
export async function fill(
  content: IndexContent,
  files: ReadonlyMap<string, FileStamp>,
  parts: FillerParts,
): Promise<Filling> {
  const { store } = parts;
  if (content.size === 0 && store !== null) {
    const loaded = await load(content, files, store, parts);
    if (loaded !== 'room') return { outcome: loaded, kept: content.size, read: 0 };
  }
  const kept = content.size;
  let touched = false;
  for (const path of content.allPaths()) {
    if (files.has(path)) continue;
    content.forget(path);
    store?.remove(path);
    touched = true;
  }
  const changed = [...files].filter(([path, stamp]) => !isCurrent(content, path, stamp)).map(([path]) => path);
  for (let from = 0; from < changed.length; from += FILES_AT_ONCE) {
    if (parts.stopped()) return { outcome: 'stopped', kept, read: from };
    await readAgain(content, changed.slice(from, from + FILES_AT_ONCE), parts);
    if (store?.isBehind === true) await store.flush();
    const room = await parts.makeRoom();
    if (room !== 'room') return { outcome: room, kept, read: from };
    parts.progress();
  }
  await store?.flush();
  if (content.terms.wantsCompacting) await content.terms.compact(parts.breather);
  return { outcome: touched || changed.length > 0 ? 'changed' : 'unchanged', kept, read: changed.length };
}

/** Takes in what is on disk, as far as it is of files that are still the same. */
async function load(
  content: IndexContent,
  files: ReadonlyMap<string, FileStamp>,
  store: ShardStore,
  parts: FillerParts,
): Promise<'room' | 'full' | 'stand back' | 'stopped'> {
  const gone: string[] = [];
  let taken = 0;
  for await (const file of store.read()) {
    if (parts.stopped()) return 'stopped';
    const stamp = files.get(file.path);
    if (stamp === undefined) gone.push(file.path);
    else if (sameStamp(stamp, file.stamp)) content.add(file);
    if (parts.breather.due) await parts.breather.pause();
    if (++taken % STORED_AT_ONCE !== 0) continue;
    const room = await parts.makeRoom();
    if (room !== 'room') return room;
    parts.progress();
  }
  for (const path of gone) store.remove(path);
  return parts.makeRoom();
}

/** Reads files and takes in what they say now. */
export async function readAgain(
  content: IndexContent,
  paths: readonly string[],
  { root, store, breather }: Pick<FillerParts, 'root' | 'store' | 'breather'>,
): Promise<void> {
  for (const path of paths) {
    if (breather.due) await breather.pause();
    const read = readTextFileNow(root, path);
    const passages = read.kind === 'text' ? await readPassages(path, read.text, breather) : [];
    content.forget(path);
    if (read.stamp === null) {
      content.addUnseen(path, read.kind === 'left out' ? read.reason : '');
      store?.remove(path);
    } else {
      const file = { path, stamp: read.stamp, leftOut: read.kind === 'left out' ? read.reason : null, passages };
      content.add(file);
      store?.put(file);
    }
  }
}

function isCurrent(content: IndexContent, path: string, stamp: FileStamp): boolean {
  const known = content.stampOf(path);
  return known !== null && sameStamp(known, stamp);
}
