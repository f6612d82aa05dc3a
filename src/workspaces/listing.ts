import type { Stats } from 'node:fs';
import { lstat, opendir } from 'node:fs/promises';
import path from 'node:path';
import type { FileList, FileView, ListFiles } from '../contract/workspace-files.js';
import { toIso } from '../kernel/clock.js';
import type { FileJudge, FolderJudge } from './file-judge.js';
import { STAGING_PARENT } from './staging.js';
import type { WorkspaceFolder } from './workspaces.js';

/** Names looked at for one page before it ends early: a bound on time in a folder of a million files. */
const MAX_NAMES = 300_000;

interface Found {
  /** Ends with `/` for a folder: so sorted, a walk meets paths in the order of their text. */
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'other';
}

/** One page of the files of a workspace, by path. Folders that are left out whole are one entry; no link is followed. */
export async function listFiles(
  { id, path: root }: WorkspaceFolder,
  judge: FileJudge,
  query: ListFiles,
): Promise<FileList> {
  const { limit, cursor = '', prefix = '' } = query;
  const page: FileView[] = [];
  let namesLeft = MAX_NAMES;

  /** Whether anything in this folder can be on the page. */
  const mayHold = (folder: string) =>
    (folder.startsWith(prefix) || prefix.startsWith(folder)) && (cursor < folder || cursor.startsWith(folder));

  async function visit(folder: string, rules: FolderJudge): Promise<void> {
    const entries = await namesIn(path.join(root, folder), namesLeft);
    namesLeft -= entries.length;
    for (const { name, kind } of entries) {
      if (page.length > limit || namesLeft <= 0) return;
      const own = `${folder}${name}`;
      const isWanted = own > cursor && own.startsWith(prefix);
      if (kind === 'file') {
        if (isWanted) await add(own, async ({ size }) => rules.file(name, size) ?? (await byContent(own)));
      } else if (kind === 'other') {
        if (isWanted) await add(own, (found) => (found.isSymbolicLink() ? 'link' : 'not a file'));
      } else if (mayHold(own) && own !== `${STAGING_PARENT}/`) {
        const reason = rules.folder(name.slice(0, -1));
        // A folder that goes away, or that cannot be read, keeps nobody from the others.
        if (reason === null) await visit(own, await rules.below(name.slice(0, -1))).catch(() => {});
        else if (isWanted) await add(own, () => reason);
      }
    }
  }

  async function add(own: string, judged: (found: Stats) => string | null | Promise<string | null>): Promise<void> {
    const found = await lstat(path.join(root, own)).catch(() => null);
    if (found === null) return;
    const reason = await judged(found);
    const bytes = found.isFile() ? found.size : 0;
    page.push({ path: own, bytes, modifiedAt: toIso(Math.round(found.mtimeMs)), indexed: reason === null, reason });
  }

  async function byContent(own: string): Promise<string | null> {
    const read = await judge.read(root, own);
    return read.kind === 'text' ? null : read.reason;
  }

  await visit('', await judge.top(root, id));
  const data = page.slice(0, limit);
  return { data, nextCursor: page.length > limit ? (data[data.length - 1]?.path ?? null) : null };
}

async function namesIn(folder: string, limit: number): Promise<Found[]> {
  const names: Found[] = [];
  for await (const entry of await opendir(folder, { bufferSize: 256 })) {
    if (names.length >= limit) break;
    if (entry.isDirectory()) names.push({ name: `${entry.name}/`, kind: 'folder' });
    else names.push({ name: entry.name, kind: entry.isFile() ? 'file' : 'other' });
  }
  return names.sort((a, b) => (a.name < b.name ? -1 : 1));
}
