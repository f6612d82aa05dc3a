import { lstat, rename } from 'node:fs/promises';
import { GatehouseError, isGatehouseError } from '../kernel/errors.js';
import { folderFault } from './folder-faults.js';
import type { HeldFolder } from './held-folder.js';
import type { StagedFile, Staging } from './staging.js';

/** What came of moving files to their places. */
export interface Placed {
  readonly replaced: number;
  /** Bytes that the replaced files had. */
  readonly freedBytes: number;
}

/** A held folder of the workspace, and its name in the one above. */
interface Level {
  readonly name: string;
  readonly held: HeldFolder;
}

/**
 * Looks whether every file can be put in its place: nothing that is no folder on the way, nothing that is no file at
 * the end. Changes nothing.
 * @throws GatehouseError `CONFLICT` naming the path that is in the way
 */
export async function checkPlaces(top: HeldFolder, files: readonly StagedFile[]): Promise<Placed> {
  let replaced = 0;
  let freedBytes = 0;
  await walk(top, files, false, async (folder, name, file) => {
    const kind = await folder.kindOf(name);
    if (kind === 'link') throw inTheWay(file.path, 'is a link');
    if (kind === 'folder') throw inTheWay(file.path, 'is a folder');
    if (kind === 'other') throw inTheWay(file.path, 'is no file');
    if (kind === 'nothing') return;
    replaced += 1;
    freedBytes += (await lstat(folder.child(name))).size;
  });
  return { replaced, freedBytes };
}

/**
 * Moves staged files to their places, in the order of their paths; each is there whole or not at all.
 * @throws GatehouseError that says how many files are in their places, when one cannot be moved
 */
export async function placeFiles(top: HeldFolder, staging: Staging): Promise<void> {
  let done = 0;
  let last = '';
  try {
    await walk(top, staging.files, true, async (folder, name, file) => {
      await rename(staging.held.child(file.name), folder.child(name));
      done += 1;
      last = file.path;
    });
  } catch (error) {
    const fault = folderFault(error);
    if (done === 0 || !isGatehouseError(fault)) throw fault;
    const words = `${fault.detail} Written were ${done} of ${staging.files.length} files, by path up to ${last}.`;
    throw new GatehouseError(fault.code, words, { cause: fault });
  }
}

/** Visits files in the order of their paths, with the folder of each held open; each folder is opened once. */
async function walk(
  top: HeldFolder,
  files: readonly StagedFile[],
  makes: boolean,
  visit: (folder: HeldFolder, name: string, file: StagedFile) => Promise<void>,
): Promise<void> {
  const open: Level[] = [];
  /** A folder that is not there yet: nothing in it is in anybody's way. */
  let missing: string | null = null;
  const leave = async (depth: number) => {
    for (const { held } of open.splice(depth).reverse()) {
      if (makes) await held.sync();
      await held.close();
    }
  };
  try {
    for (const file of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
      if (missing !== null && file.path.startsWith(missing)) continue;
      missing = null;
      const folders = file.path.split('/');
      const name = folders.pop() ?? '';
      let depth = 0;
      while (depth < open.length && open[depth]?.name === folders[depth]) depth += 1;
      await leave(depth);
      for (const folder of folders.slice(depth)) {
        const above = open[open.length - 1]?.held ?? top;
        const held = await enter(above, folder, folders.slice(0, open.length + 1).join('/'), makes);
        if (held === null) {
          missing = `${folders.slice(0, open.length + 1).join('/')}/`;
          break;
        }
        open.push({ name: folder, held });
      }
      if (missing === null) await visit(open[open.length - 1]?.held ?? top, name, file);
    }
    if (makes) await top.sync();
  } finally {
    await leave(0);
  }
}

/** `null`: it is not there, and is not made. */
async function enter(above: HeldFolder, name: string, path: string, makes: boolean): Promise<HeldFolder | null> {
  const kind = await above.kindOf(name);
  if (kind === 'link') throw inTheWay(path, 'is a link; nothing is written through one');
  if (kind === 'file' || kind === 'other') throw inTheWay(path, 'is no folder');
  if (kind === 'nothing' && !makes) return null;
  return above.makeFolder(name);
}

function inTheWay(path: string, what: string): GatehouseError {
  return new GatehouseError('CONFLICT', `${path} ${what}. Nothing was written.`);
}
