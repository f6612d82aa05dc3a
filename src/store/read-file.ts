import { constants } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Damage } from './damage.js';
import { errnoOf, type FileIdentity, type Files, identityOf } from './durable-file.js';

/** Larger files are refused unread. */
export const MAX_FILE_BYTES = 2 ** 30;
const READ_BYTES = 4 * 2 ** 20;
const TRIES = 5;

export interface FileContent {
  readonly bytes: Buffer;
  readonly identity: FileIdentity;
}

/**
 * The whole file as it was at one moment, or `null` when there is none.
 * @throws Damage when it is a link, no regular file, too large, or never stands still; system errors as they come
 */
export async function readWholeFile(files: Files, path: string): Promise<FileContent | null> {
  for (let tryCount = 1; tryCount <= TRIES; tryCount += 1) {
    const content = await readOnce(files, path);
    if (content !== 'moving') return content;
    await sleep(20);
  }
  throw new Damage('it changes faster than it can be read');
}

async function readOnce(files: Files, path: string): Promise<FileContent | null | 'moving'> {
  // O_NONBLOCK: opening a pipe that somebody put there must not wait for a writer.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await files.open(path, flags).catch((error) => {
    if (errnoOf(error) === 'ENOENT') return null;
    if (errnoOf(error) === 'ELOOP') throw new Damage('it is a symbolic link, and Gatehouse follows none here');
    throw error;
  });
  if (file === null) return null;
  try {
    const stats = await file.stat({ bigint: true });
    if (!stats.isFile()) throw new Damage('it is not a regular file', undefined, identityOf(stats));
    if (stats.size > BigInt(MAX_FILE_BYTES)) throw new Damage('it is larger than 1 GiB', undefined, identityOf(stats));
    // Its own memory: a small file must not hold on to a page of Buffer's shared pool.
    const bytes = Buffer.allocUnsafeSlow(Number(stats.size));
    let filled = 0;
    while (filled < bytes.length) {
      const length = Math.min(READ_BYTES, bytes.length - filled);
      const { bytesRead } = await file.read(bytes, filled, length, filled);
      if (bytesRead === 0) return 'moving';
      filled += bytesRead;
    }
    const identity = identityOf(stats);
    return identityOf(await file.stat({ bigint: true })) === identity ? { bytes, identity } : 'moving';
  } finally {
    await file.close().catch(() => {});
  }
}
