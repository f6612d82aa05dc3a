import { type GatehouseError as Fault, GatehouseError, isGatehouseError } from '../kernel/errors.js';

const WORDS: Readonly<Record<string, readonly [code: 'CONFLICT' | 'STORE_UNAVAILABLE' | 'NOT_FOUND', words: string]>> =
  {
    EROFS: ['CONFLICT', 'This workspace is mounted read-only. Change its files where they come from.'],
    EACCES: ['CONFLICT', 'Gatehouse may not write in this workspace. Give its user the folder, or change files there.'],
    EPERM: ['CONFLICT', 'Gatehouse may not write in this workspace. Give its user the folder, or change files there.'],
    EBUSY: ['CONFLICT', 'This folder is mounted from elsewhere. Take the mount away first.'],
    EXDEV: ['CONFLICT', 'A folder in this workspace is mounted from elsewhere. Change files there.'],
    ENOTDIR: ['CONFLICT', 'A link, or something that is no folder, is in the way.'],
    ELOOP: ['CONFLICT', 'A link is in the way; nothing is written through one.'],
    ENOTEMPTY: ['CONFLICT', 'A folder of that name is in the way.'],
    ENOSPC: ['STORE_UNAVAILABLE', 'The disk is full. Make room, then send it again.'],
    EDQUOT: ['STORE_UNAVAILABLE', 'The disk quota is used up. Make room, then send it again.'],
    ENOENT: ['NOT_FOUND', 'The workspace, or a folder in it, went away meanwhile.'],
  };

/** What went wrong in the folder of a workspace, as callers are told. Paths of the machine are not repeated. */
export function folderFault(error: unknown): Fault | unknown {
  if (isGatehouseError(error)) return error;
  const known = WORDS[(error as NodeJS.ErrnoException).code ?? ''];
  return known === undefined ? error : new GatehouseError(known[0], known[1], { cause: error });
}

/** Runs work in a folder. @throws GatehouseError for what a folder may refuse */
export async function inFolder<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw folderFault(error);
  }
}
