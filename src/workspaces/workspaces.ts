import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { WORKSPACE_ID } from '../contract/fields.js';
import type { SkippedFolder } from '../contract/workspaces.js';
import { describeError, type Logger } from '../kernel/logger.js';
import type { Ownership } from './ownership.js';

/** A folder of files that may be asked about. */
export interface WorkspaceFolder {
  readonly id: string;
  /** Real path: no part of it is a link. */
  readonly path: string;
}

/** What is in the workspaces folder, from memory; only `refresh` reads the disk. */
export interface Workspaces {
  /** Sorted by id. */
  list(): readonly WorkspaceFolder[];
  get(id: string): WorkspaceFolder | undefined;
  /** The owning organization; `null`: of none yet; `undefined`: there is no such workspace. */
  ownerOf(id: string): string | null | undefined;
  /** Folders that are not workspaces, sorted by name. Dotfolders and files are nobody's mistake and are not listed. */
  skipped(): readonly SkippedFolder[];
  /**
   * Reads the folder again, so that a new workspace needs no restart. Calls made meanwhile share the next reading.
   * A folder that cannot be read leaves what was known before and a warning in the log.
   */
  refresh(): Promise<void>;
}

export interface WorkspacesOptions {
  /** `WORKSPACES_DIR`. One that does not exist (yet) holds no workspaces. */
  readonly root: string;
  readonly log: Logger;
  readonly ownership: Pick<Ownership, 'ownerOf'>;
}

/**
 * Finds the workspaces under `root`.
 * @throws the system error when `root` exists and cannot be read: a start with a wrong mount should stop, not look empty
 */
export async function openWorkspaces(options: WorkspacesOptions): Promise<Workspaces> {
  const { root, log, ownership } = options;
  let found = await discover(root);
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;

  async function reread(): Promise<void> {
    try {
      found = await discover(root);
    } catch (error) {
      log.warn('workspaces: the folder cannot be read, keeping what was known', describeError(error));
    }
  }

  function start(): Promise<void> {
    running = reread().finally(() => {
      running = null;
    });
    return running;
  }

  return {
    list: () => found.workspaces,
    get: (id) => found.byId.get(id),
    ownerOf: (id) => (found.byId.has(id) ? ownership.ownerOf(id) : undefined),
    skipped: () => found.skipped,
    refresh() {
      if (running === null) return start();
      // The reading under way may have passed the new folder already, so it does not answer this call; the next one does.
      next ??= running.then(() => {
        next = null;
        return start();
      });
      return next;
    },
  };
}

interface Discovery {
  readonly workspaces: readonly WorkspaceFolder[];
  readonly byId: ReadonlyMap<string, WorkspaceFolder>;
  readonly skipped: readonly SkippedFolder[];
}

const NOTHING: Discovery = { workspaces: [], byId: new Map(), skipped: [] };

async function discover(root: string): Promise<Discovery> {
  let realRoot: string;
  try {
    realRoot = await realpath(root);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return NOTHING;
    throw error;
  }
  const workspaces: WorkspaceFolder[] = [];
  const skipped: SkippedFolder[] = [];
  const entries = await readdir(realRoot, { withFileTypes: true });
  for (const { name } of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (name.startsWith('.')) continue;
    const place = await locate(realRoot, name);
    if (place.kind === 'folder') {
      workspaces.push({ id: name, path: place.path });
    } else if (place.kind === 'refused') {
      skipped.push({ name: printable(name), reason: place.reason });
    }
  }
  return { workspaces, byId: new Map(workspaces.map((workspace) => [workspace.id, workspace])), skipped };
}

type Place = { kind: 'folder'; path: string } | { kind: 'refused'; reason: string } | { kind: 'not a folder' };

async function locate(realRoot: string, name: string): Promise<Place> {
  const entry = path.join(realRoot, name);
  let real: string;
  try {
    real = await realpath(entry);
    if (!(await stat(real)).isDirectory()) return { kind: 'not a folder' };
  } catch {
    return { kind: 'refused', reason: 'it cannot be read: a link without target, or missing permission' };
  }
  const inside = path.relative(realRoot, real);
  if (inside === '' || inside === '..' || inside.startsWith(`..${path.sep}`) || path.isAbsolute(inside)) {
    return { kind: 'refused', reason: 'it is a link that leaves the workspaces folder' };
  }
  // A link may not make `.gatehouse` (keys, sessions, audit) a folder to ask about.
  if (inside.split(path.sep).some((part) => part.startsWith('.'))) {
    return { kind: 'refused', reason: 'it is a link into a hidden folder' };
  }
  if (!WORKSPACE_ID.test(name)) {
    return {
      kind: 'refused',
      reason: 'its name is no workspace id: 1 to 64 characters of a-z 0-9 . _ -, starting with a letter or digit',
    };
  }
  return { kind: 'folder', path: real };
}

/** A folder name as one line: it ends up in lists on terminals. */
function printable(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is replaced
  return name.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '\ufffd');
}
