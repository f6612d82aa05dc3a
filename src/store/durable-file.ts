import { randomBytes } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import fs, { type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isGatehouseError } from '../kernel/errors.js';

export type OpenFile = Pick<FileHandle, 'read' | 'writev' | 'sync' | 'close'> & {
  stat(options: { bigint: true }): Promise<BigIntStats>;
};

/** The few calls the store makes on data files: `node:fs/promises` fits, and a test can make any one of them fail. */
export interface Files {
  open(path: string, flags: string | number, mode?: number): Promise<OpenFile>;
  lstat(path: string, options: { bigint: true }): Promise<BigIntStats>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
}

export const nodeFiles: Files = fs;

/** Tells one state of a file from another without reading it. */
export type FileIdentity = string;
export const ABSENT: FileIdentity = 'absent';
/** Equal to no state of any file, so the next look reads again. */
export const UNKNOWN: FileIdentity = 'unknown';

export function identityOf(stats: BigIntStats): FileIdentity {
  return `${contentIdentity(stats)}:${stats.ctimeNs}`;
}

/** The identity of what is at `path` now; links are not followed. */
export async function identityAt(files: Files, path: string): Promise<FileIdentity> {
  try {
    return identityOf(await files.lstat(path, { bigint: true }));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return ABSENT;
    throw error;
  }
}

/** The target is no longer what the writer last read: somebody edited it. Nothing was replaced. */
export class ChangedMeanwhile extends Error {}

/**
 * A write that failed.
 * - `before`: nothing changed and a later try may work.
 * - `sync`: nothing changed, but the kernel may have dropped pages, so no later write can be believed.
 * - `after`: the new state is in place; only its survival of a power cut is in doubt.
 */
export class WriteFault extends Error {
  readonly stage: 'before' | 'sync' | 'after';

  constructor(stage: WriteFault['stage'], cause: unknown) {
    super(`${stage}: ${errnoOf(cause) ?? 'error'}`, { cause });
    this.stage = stage;
  }
}

/**
 * Replaces `target` by `parts`, 0600, durably: once it resolves, the new state survives kill -9 and a power cut.
 * @param expected - the target must still have this identity right before the rename
 * @param assertOwned - called before the rename; what it throws is passed on
 * @returns the identity of the new file
 * @throws ChangedMeanwhile, WriteFault, or what `assertOwned` throws
 */
export async function replaceFile(
  files: Files,
  target: string,
  parts: readonly Buffer[],
  { expected, assertOwned }: { expected?: FileIdentity; assertOwned: () => Promise<void> },
): Promise<FileIdentity> {
  const temporary = join(dirname(target), temporaryName(basename(target)));
  // Opened first: after the rename there must be nothing left that can run out of descriptors.
  const folder = await files.open(dirname(target), 'r').catch(failed('before'));
  try {
    // `wx` is O_EXCL: it follows no link that somebody planted under the name.
    const file = await files.open(temporary, 'wx', 0o600).catch(failed('before'));
    let renamed = false;
    try {
      await writeAll(file, parts).catch(failed('before'));
      await file.sync().catch(failed('sync'));
      const written = contentIdentity(await file.stat({ bigint: true }).catch(failed('before')));
      await assertOwned();
      const found = expected === undefined ? undefined : await identityAt(files, target).catch(failed('before'));
      if (found !== expected) throw new ChangedMeanwhile();
      await files.rename(temporary, target).catch(failed('before'));
      renamed = true;
      await syncFolder(folder).catch(failed('after'));
      // The rename itself moves ctime, so the identity is taken behind it; an edit in between shows in the rest.
      const now = await file.stat({ bigint: true }).catch(() => null);
      return now !== null && contentIdentity(now) === written ? identityOf(now) : UNKNOWN;
    } finally {
      await file.close().catch(() => {});
      if (!renamed) await files.unlink(temporary).catch(() => {});
    }
  } finally {
    await folder.close().catch(() => {});
  }
}

/** Goes through every step of a write in `folder` and leaves nothing behind. @throws WriteFault */
export async function probeFolder(files: Files, folder: string): Promise<void> {
  const path = join(folder, temporaryName('probe'));
  await replaceFile(files, path, [Buffer.from('{}')], { assertOwned: async () => {} });
  await files.unlink(path).catch(failed('before'));
}

/**
 * Makes a folder that people name, and those above it. `mkdir` of Node 20 with `recursive` tries for ever on a file
 * system that has none to give, such as `/proc`.
 */
export async function makePath(path: string, mode = 0o777): Promise<void> {
  const make = () =>
    fs.mkdir(path, { mode }).catch((error) => {
      if (errnoOf(error) !== 'EEXIST') throw error;
    });
  await make().catch(async (error) => {
    if (errnoOf(error) !== 'ENOENT' || dirname(path) === path) throw error;
    await makePath(dirname(path), mode);
    await make();
  });
}

const TEMPORARY = /^\..+\.[0-9a-f]{16}\.gatehouse-tmp$/;

/** A hidden name that only Gatehouse makes, so that it may remove what it finds under such names. */
export function temporaryName(base: string): string {
  return `.${base}.${randomBytes(8).toString('hex')}.gatehouse-tmp`;
}

export function isTemporaryName(name: string): boolean {
  return TEMPORARY.test(name);
}

export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}

function contentIdentity(stats: BigIntStats): string {
  return `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}`;
}

function failed(stage: WriteFault['stage']): (cause: unknown) => never {
  return (cause) => {
    throw isGatehouseError(cause) ? cause : new WriteFault(stage, cause);
  };
}

const BUFFERS_A_WRITE = 64;

/** Vectored writes of at most 64 buffers; a short write goes on where it stopped. */
async function writeAll(file: OpenFile, parts: readonly Buffer[]): Promise<void> {
  for (let at = 0; at < parts.length; at += BUFFERS_A_WRITE) {
    let rest = parts.slice(at, at + BUFFERS_A_WRITE).filter((part) => part.length > 0);
    while (rest.length > 0) {
      const { bytesWritten } = await file.writev(rest);
      if (bytesWritten === 0) throw Object.assign(new Error('nothing was written'), { code: 'EIO' });
      rest = behind(rest, bytesWritten);
    }
  }
}

function behind(parts: readonly Buffer[], byteCount: number): Buffer[] {
  let left = byteCount;
  const rest: Buffer[] = [];
  for (const part of parts) {
    if (left >= part.length) left -= part.length;
    else {
      rest.push(left === 0 ? part : part.subarray(left));
      left = 0;
    }
  }
  return rest;
}

/** Some file systems (SMB, 9p) cannot sync a folder and say so; they offer nothing better. */
async function syncFolder(folder: OpenFile): Promise<void> {
  try {
    await folder.sync();
  } catch (error) {
    if (!['EINVAL', 'ENOTSUP', 'ENOSYS'].includes(errnoOf(error) ?? '')) throw error;
  }
}
