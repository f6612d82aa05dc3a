import { lstat, open, readdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import { FolderRules } from '../ask/file-judge.js';
import { filePathFault } from '../contract/file-path.js';
import { type LeftOut, UPLOAD_LIMITS } from '../contract/workspace-files.js';
import { CommandError, EXIT } from './exit-codes.js';

export interface LocalFile {
  readonly path: string;
  readonly bytes: number;
}

/** What of a folder on this machine would go into a workspace. */
export interface FolderPlan {
  readonly root: string;
  readonly files: readonly LocalFile[];
  /** Folders left out whole end with `/`. */
  readonly leftOut: readonly LeftOut[];
  readonly bytes: number;
}

/** What is no text is still a file of the workspace; only the index has no use for it. */
const TAKEN_ALL_THE_SAME = new Set(['binary', 'generated']);
/** An archive at a time, so that a large folder needs no large one. */
const PART_FILES = 10_000;
const PART_BYTES = 200_000_000;

/**
 * Looks what a folder holds: everything but what `.gitignore` names, `.git`, dependencies, secret files and links.
 * @throws CommandError when it cannot be read
 */
export async function planFolder(folder: string): Promise<FolderPlan> {
  const files: LocalFile[] = [];
  const leftOut: LeftOut[] = [];
  let bytes = 0;
  const visit = async (root: string, below: string, rules: FolderRules): Promise<void> => {
    const entries = await readdir(path.join(root, below), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const own = `${below}${entry.name}`;
      if (entry.isDirectory()) {
        const reason = rules.folder(entry.name);
        if (reason === null) await visit(root, `${own}/`, await rules.below(entry.name));
        else leftOut.push({ path: `${own}/`, reason });
        continue;
      }
      const { size } = await lstat(path.join(root, own));
      const reason = entry.isFile() ? whyNot(own, size, rules.file(entry.name, 0)) : 'a link, or no file';
      if (reason !== null) leftOut.push({ path: own, reason });
      else {
        files.push({ path: own, bytes: size });
        bytes += size;
      }
    }
  };
  try {
    const root = await realpath(folder);
    await visit(root, '', await FolderRules.top(root));
    return { root, files, leftOut, bytes };
  } catch (error) {
    throw unreadable(folder, error);
  }
}

/** A part of it at a time, each a whole archive. */
export function* archivesOf({ root, files }: FolderPlan): Iterable<AsyncIterable<Buffer>> {
  let part: LocalFile[] = [];
  let bytes = 0;
  for (const file of files) {
    if (part.length >= PART_FILES || (part.length > 0 && bytes + file.bytes > PART_BYTES)) {
      yield archiveOf(root, part);
      part = [];
      bytes = 0;
    }
    part.push(file);
    bytes += file.bytes;
  }
  if (part.length > 0) yield archiveOf(root, part);
}

/** A file on this machine as it is now, in pieces. @throws CommandError */
export async function* contentOf(file: string): AsyncIterable<Buffer> {
  try {
    const handle = await open(file, 'r');
    try {
      for await (const chunk of handle.createReadStream()) yield chunk as Buffer;
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw unreadable(file, error);
  }
}

function archiveOf(root: string, files: readonly LocalFile[]): AsyncIterable<Buffer> {
  const archive = pack();
  const fill = async () => {
    for (const file of files) {
      const chunks: Buffer[] = [];
      // Whole: a file that grows while it is read would break the archive.
      for await (const chunk of contentOf(path.join(root, file.path))) chunks.push(chunk);
      const content = Buffer.concat(chunks);
      await new Promise<void>((resolve, reject) =>
        archive.entry({ name: file.path, size: content.length }, content, (error) =>
          error ? reject(error) : resolve(),
        ),
      );
    }
    archive.finalize();
  };
  fill().catch((error) => (archive as unknown as Readable).destroy(error));
  return archive as unknown as AsyncIterable<Buffer>;
}

function whyNot(own: string, bytes: number, reason: string | null): string | null {
  if (reason !== null && !TAKEN_ALL_THE_SAME.has(reason)) return reason;
  if (bytes > UPLOAD_LIMITS.fileBytes) return `larger than ${UPLOAD_LIMITS.fileBytes / 1_000_000} MB`;
  return filePathFault(own);
}

function unreadable(file: string, error: unknown): CommandError {
  if (error instanceof CommandError) return error;
  const code = (error as NodeJS.ErrnoException).code ?? String(error);
  return new CommandError(code === 'ENOENT' ? EXIT.notFound : EXIT.usage, `${file} cannot be read (${code}).`);
}
