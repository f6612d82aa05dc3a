import { closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync, readSync, realpathSync } from 'node:fs';
import { type FileHandle, lstat, open, readlink, realpath } from 'node:fs/promises';
import path from 'node:path';
import { holdsSecret } from './file-names.js';

/** Bytes; a larger file is not read. */
export const MAX_FILE_BYTES = 512 * 1024;

/** What tells one state of a file from another. `ctimeMs` moves even when a tool sets the other times back. */
export interface FileStamp {
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly ino: number;
}

const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

export type ReadResult =
  | { readonly kind: 'text'; readonly text: string; readonly stamp: FileStamp }
  | { readonly kind: 'left out'; readonly reason: string; readonly stamp: FileStamp | null };

export function sameStamp(a: FileStamp, b: FileStamp): boolean {
  return a.size === b.size && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs && a.ino === b.ino;
}

export function stampOf(stat: FileStamp): FileStamp {
  return { size: stat.size, mtimeMs: stat.mtimeMs, ctimeMs: stat.ctimeMs, ino: stat.ino };
}

/**
 * Reads one file of a workspace as text. Never throws: what cannot or must not be read is `left out` with the reason.
 *
 * Between the walk and this call any part of the path may have become a link or a pipe. So the file is opened without
 * following a last link and without waiting for a pipe's other end, and then asked where it really is.
 * @param root - real path of the workspace
 * @param relativePath - with `/`, as the walk found it
 */
export async function readTextFile(root: string, relativePath: string): Promise<ReadResult> {
  const wanted = path.join(root, relativePath);
  let handle: FileHandle | undefined;
  try {
    handle = await open(wanted, OPEN_FLAGS);
    const stat = await handle.stat();
    if (!stat.isFile()) return leftOut('not a file');
    if ((await placeOf(handle, wanted)) !== wanted) return leftOut('link');
    const stamp = stampOf(stat);
    if (stat.size > MAX_FILE_BYTES) return leftOut('too large', stamp);
    const bytes = await readAtMost(handle, MAX_FILE_BYTES + 1);
    return bytes.length > MAX_FILE_BYTES ? leftOut('too large', stamp) : judge(bytes, stamp);
  } catch (error) {
    return leftOut((error as NodeJS.ErrnoException).code === 'ELOOP' ? 'link' : 'unreadable');
  } finally {
    await handle?.close();
  }
}

/** The same without waiting, for a thread where nothing else has to go on: a sixth of the time. */
export function readTextFileNow(root: string, relativePath: string): ReadResult {
  const wanted = path.join(root, relativePath);
  let file: number | undefined;
  try {
    file = openSync(wanted, OPEN_FLAGS);
    const stat = fstatSync(file);
    if (!stat.isFile()) return leftOut('not a file');
    if (placeOfNow(file, wanted) !== wanted) return leftOut('link');
    const stamp = stampOf(stat);
    if (stat.size > MAX_FILE_BYTES) return leftOut('too large', stamp);
    const bytes = readAtMostNow(file, Math.min(MAX_FILE_BYTES + 1, stat.size + 1));
    return bytes.length > MAX_FILE_BYTES ? leftOut('too large', stamp) : judge(bytes, stamp);
  } catch (error) {
    return leftOut((error as NodeJS.ErrnoException).code === 'ELOOP' ? 'link' : 'unreadable');
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function placeOfNow(file: number, wanted: string): string | null {
  try {
    return readlinkSync(`/proc/self/fd/${file}`);
  } catch {
    const [opened, now, real] = [fstatSync(file), lstatSync(wanted), realpathSync(wanted)];
    return opened.ino === now.ino && opened.dev === now.dev ? real : null;
  }
}

function readAtMostNow(file: number, limit: number): Buffer {
  const buffer = Buffer.allocUnsafe(limit);
  let length = 0;
  while (length < limit) {
    const bytesRead = readSync(file, buffer, length, limit - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
}

function leftOut(reason: string, stamp: FileStamp | null = null): ReadResult {
  return { kind: 'left out', reason, stamp };
}

/** The real path of what was opened. Linux knows it; elsewhere the path is resolved again and must be the same file. */
async function placeOf(handle: FileHandle, wanted: string): Promise<string | null> {
  try {
    return await readlink(`/proc/self/fd/${handle.fd}`);
  } catch {
    const [opened, now, real] = await Promise.all([handle.stat(), lstat(wanted), realpath(wanted)]);
    return opened.ino === now.ino && opened.dev === now.dev ? real : null;
  }
}

/** Reads to the end, but no further than `limit` bytes: the file may grow while it is read. */
async function readAtMost(handle: FileHandle, limit: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(Math.min(limit, (await handle.stat()).size + 1));
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function judge(bytes: Buffer, stamp: FileStamp): ReadResult {
  if (bytes.includes(0)) return leftOut('binary', stamp);
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return leftOut('not UTF-8', stamp);
  }
  if (holdsSecret(text)) return leftOut('secret', stamp);
  if (isMinified(text)) return leftOut('generated', stamp);
  return { kind: 'text', text, stamp };
}

/** Lines of 2,000 characters on average: bundles and data, of which no passage could be shown. */
function isMinified(text: string): boolean {
  if (text.length < 20_000) return false;
  let lines = 1;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines++;
  return text.length / lines > 2000;
}
