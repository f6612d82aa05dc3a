import { constants } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What an append met besides its own success. */
export interface Appended {
  /** Bytes that were there before: more or fewer than expected means that another hand was here. */
  readonly sizeBefore: number;
}

/** A write that failed and could not be taken back: the file may end in a part of it. */
export class LeftoverError extends Error {
  constructor(cause: unknown) {
    super('a failed write could not be taken back', { cause });
    this.name = 'LeftoverError';
  }
}

/**
 * Appends `bytes` to a file (made 0600 when missing, its folder entry on disk first) and brings them to disk.
 * All or nothing: after a failure the file is as long as before, or `LeftoverError` says that it may not be.
 * The file is opened for each group of lines: a descriptor kept open would go on writing into a file that was
 * removed or moved away, and after a failed fsync it must not be trusted again.
 * @param cutTo - set after a `LeftoverError`: the length up to which the file is known to be good
 */
export async function appendDurably(path: string, bytes: Buffer, cutTo: number | null): Promise<Appended> {
  // A symbolic link is not followed: what is appended must land in the audit folder.
  const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW } = constants;
  const handle = await open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
  try {
    let { size: sizeBefore } = await handle.stat();
    if (cutTo !== null && sizeBefore > cutTo) {
      await handle.truncate(cutTo);
      sizeBefore = cutTo;
    }
    if (sizeBefore === 0) await syncFolder(dirname(path));
    try {
      await handle.appendFile(bytes);
      await handle.datasync();
    } catch (error) {
      await handle.truncate(sizeBefore).catch(() => {
        throw new LeftoverError(error);
      });
      throw error;
    }
    return { sizeBefore };
  } finally {
    await handle.close();
  }
}

/** Makes a folder 0700 when it is missing; its entry is on disk when this resolves. */
export async function ensureFolder(path: string): Promise<void> {
  if ((await mkdir(path, { recursive: true, mode: 0o700 })) !== undefined) await syncFolder(dirname(path));
}

/** Brings names in a folder to disk. Some file systems (SMB, 9p) cannot, say so, and offer nothing better. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } catch (error) {
    if (!['EINVAL', 'ENOTSUP', 'ENOSYS'].includes(String((error as NodeJS.ErrnoException).code))) throw error;
  } finally {
    await handle.close();
  }
}
