import { lstatSync, opendirSync } from 'node:fs';
import path from 'node:path';
import type { Breather } from './breather.js';
import { judgeFileName, judgeFolderName } from './file-names.js';
import { IgnoreRules } from './gitignore.js';
import { type FileStamp, MAX_FILE_BYTES, readTextFileNow, stampOf } from './text-file.js';
import { NO_RULES, type WalkRules } from './walk-rules.js';

/** What a walk over a workspace found. */
export interface Walk {
  /** Files to read, by path relative to the workspace with `/`; those near the top first. */
  readonly files: ReadonlyMap<string, FileStamp>;
  /** Folders that were looked into, relative to the workspace; `''` is itself. */
  readonly folders: readonly string[];
  /** Bytes of those files. */
  readonly bytes: number;
  /** What was left out, counted by reason. A folder left out counts once. */
  readonly skipped: ReadonlyMap<string, number>;
}

export interface WalkLimits {
  readonly maxFiles: number;
  /** Files, folders and links looked at before the walk gives up: a bound on time in a folder of a million files. */
  readonly maxEntries: number;
}

export const DEFAULT_WALK_LIMITS: WalkLimits = { maxFiles: 100_000, maxEntries: 500_000 };

/**
 * Lists the files of a workspace that may be indexed, honouring every `.gitignore` on the way.
 * No link is ever followed: what a link inside the workspace points to is found under its own name,
 * and what lies outside is not ours to read.
 * Synchronous but for its pauses: this is the worker's, and twenty thousand promises cost more than what they wait for.
 * @param root - real path of the workspace
 * @throws the system error when the workspace itself cannot be read; folders below only count as `unreadable`
 */
export async function walkWorkspace(
  root: string,
  { include, exclude }: WalkRules = NO_RULES,
  limits: WalkLimits = DEFAULT_WALK_LIMITS,
  breather: Breather | null = null,
): Promise<Walk> {
  const wanted = IgnoreRules.none.with('', include.join('\n'));
  const unwanted = IgnoreRules.none.with('', exclude.join('\n'));
  let bytes = 0;
  const files = new Map<string, FileStamp>();
  const skipped = new Map<string, number>();
  const skip = (reason: string) => skipped.set(reason, (skipped.get(reason) ?? 0) + 1);
  let entriesLeft = limits.maxEntries;

  // Breadth first, so that in a workspace beyond the limits the files near the top are the ones that are kept.
  const folders: Folder[] = [{ path: '', rules: IgnoreRules.none }];
  for (let next = 0; next < folders.length; next++) {
    const folder = folders[next] as Folder;
    let entries: Entry[];
    try {
      entries = readFolder(path.join(root, folder.path), entriesLeft);
    } catch (error) {
      if (folder.path === '') throw error;
      skip('unreadable');
      continue;
    }
    if (breather?.due === true) await breather.pause();
    entriesLeft -= entries.length;
    const rules = rulesOf(root, folder, entries);

    for (const entry of entries) {
      if (breather?.due === true) await breather.pause();
      const entryPath = folder.path === '' ? entry.name : `${folder.path}/${entry.name}`;
      const verdict = judgeEntry(entry, entryPath, rules);
      if (verdict === 'folder' ? unwanted.ignores(`${entryPath}/`) : unwanted.ignores(entryPath)) skip('excluded');
      else if (verdict === 'folder') folders.push({ path: entryPath, rules });
      else if (verdict !== 'file') skip(verdict);
      else if (include.length > 0 && !wanted.ignores(entryPath)) skip('not included');
      else {
        const stamp = lookAt(path.join(root, entryPath));
        if (stamp === null) skip('unreadable');
        else if (stamp.size > MAX_FILE_BYTES) skip('too large');
        else if (files.size >= limits.maxFiles) skip('workspace full');
        else {
          files.set(entryPath, stamp);
          bytes += stamp.size;
        }
      }
    }
    if (entriesLeft <= 0) {
      skip('workspace full');
      break;
    }
  }
  return { files, folders: folders.map((folder) => folder.path), bytes, skipped };
}

interface Folder {
  readonly path: string;
  readonly rules: IgnoreRules;
}

interface Entry {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'link' | 'other';
}

/** Sorted, so that what is kept at a limit does not depend on the file system's mood. */
function readFolder(absolute: string, limit: number): Entry[] {
  const entries: Entry[] = [];
  const folder = opendirSync(absolute, { bufferSize: 256 });
  try {
    while (entries.length < limit) {
      const entry = folder.readSync();
      if (entry === null) break;
      const kind = entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : entry.isSymbolicLink() ? 'link' : 'other';
      entries.push({ name: entry.name, kind });
    }
  } finally {
    folder.closeSync();
  }
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function rulesOf(root: string, folder: Folder, entries: readonly Entry[]): IgnoreRules {
  if (!entries.some((entry) => entry.name === '.gitignore' && entry.kind === 'file')) return folder.rules;
  const read = readTextFileNow(root, folder.path === '' ? '.gitignore' : `${folder.path}/.gitignore`);
  return read.kind === 'text' ? folder.rules.with(folder.path, read.text) : folder.rules;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufffd]/;
const MAX_DEPTH = 64;

function judgeEntry(entry: Entry, entryPath: string, rules: IgnoreRules): string {
  if (entry.kind === 'link') return 'link';
  if (entry.kind === 'other') return 'not a file';
  // A citation names the file on one line, and whoever reads it must be able to type it.
  if (UNPRINTABLE.test(entry.name)) return 'unprintable name';
  const byName = entry.kind === 'folder' ? judgeFolderName(entry.name) : judgeFileName(entry.name);
  if (byName !== null) return byName;
  if (rules.ignores(entry.kind === 'folder' ? `${entryPath}/` : entryPath)) return 'ignored by .gitignore';
  if (entry.kind === 'folder' && entryPath.split('/').length >= MAX_DEPTH) return 'too deep';
  return entry.kind;
}

function lookAt(absolute: string): FileStamp | null {
  try {
    return stampOf(lstatSync(absolute));
  } catch {
    return null;
  }
}
