import { constants } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { GatehouseError, isGatehouseError } from '../kernel/errors.js';
import { parseMasterKey } from '../kernel/key-text.js';
import type { DataFolder } from '../store/data-folder.js';
import { nodeFiles, replaceFile } from '../store/durable-file.js';

/** What stands where `master.key` belongs. */
export type MasterKeyFile =
  /** `exposedMode`: its permission bits, when group or others may read it. */
  | { readonly kind: 'key'; readonly key: Buffer; readonly exposedMode: number | null }
  /** `empty`: only blanks or NULs, as a power cut between making and writing the file leaves it. */
  | { readonly kind: 'missing' | 'empty' | 'damaged' }
  /** `errno`, such as `EACCES`. */
  | { readonly kind: 'unreadable'; readonly errno: string };

export async function readMasterKey(path: string): Promise<MasterKeyFile> {
  try {
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const facts = await handle.stat();
      if (!facts.isFile() || facts.size > MAX_FILE_BYTES) return { kind: 'damaged' };
      return judge(await handle.readFile('utf8'), facts.mode);
    } finally {
      await handle.close();
    }
  } catch (error) {
    const errno = (error as NodeJS.ErrnoException).code ?? 'unknown';
    return errno === 'ENOENT' ? { kind: 'missing' } : { kind: 'unreadable', errno };
  }
}

/**
 * Makes `master.key`: mode 0600, base64url with padding and a line break. On disk, its folder entry too, when this
 * resolves. Never replaces a file that holds anything.
 * @param found - what `readMasterKey` saw; an `empty` file is removed first
 */
export async function writeMasterKey(path: string, key: Buffer, found: 'missing' | 'empty'): Promise<void> {
  if (found === 'empty') await rm(path);
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(keyLine(key));
    await handle.sync();
  } finally {
    await handle.close();
  }
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } catch (error) {
    // Some file systems (SMB, 9p) cannot sync a folder, say so, and offer nothing better.
    if (!['EINVAL', 'ENOTSUP', 'ENOSYS'].includes(String((error as NodeJS.ErrnoException).code))) throw error;
  } finally {
    await folder.close();
  }
}

/**
 * Puts `key` in the place of the one that is there: whole and on disk when this resolves.
 * @throws GatehouseError `STORE_UNAVAILABLE`: one of the two stands there, whole
 */
export async function replaceMasterKey(path: string, key: Buffer, folder: DataFolder): Promise<void> {
  try {
    await replaceFile(nodeFiles, path, [Buffer.from(keyLine(key))], { assertOwned: () => folder.assertOwned() });
  } catch (cause) {
    if (isGatehouseError(cause)) throw cause;
    throw new GatehouseError('STORE_UNAVAILABLE', 'The new key was not saved. Nothing is sealed under it.', { cause });
  }
}

/**
 * Makes another `master.key`; one that is there, whatever it holds, stays beside it as `master.key.<time>.aside`.
 * @throws GatehouseError `STORE_UNAVAILABLE`
 */
export async function setMasterKeyAside(path: string, key: Buffer): Promise<void> {
  try {
    await rename(path, `${path}.${Date.now()}.aside`).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    await writeMasterKey(path, key, 'missing');
  } catch (cause) {
    throw new GatehouseError('STORE_UNAVAILABLE', 'The new key was not saved. Nothing was changed.', { cause });
  }
}

function keyLine(key: Buffer): string {
  return `${key.toString('base64').replaceAll('+', '-').replaceAll('/', '_')}\n`;
}

const MAX_FILE_BYTES = 4096;

function judge(text: string, mode: number): MasterKeyFile {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: NULs are what some file systems leave after a power cut
  if (/^[\s\u0000]*$/.test(text)) return { kind: 'empty' };
  try {
    const permissions = mode & 0o777;
    return { kind: 'key', key: parseMasterKey(text), exposedMode: (permissions & 0o077) === 0 ? null : permissions };
  } catch {
    return { kind: 'damaged' };
  }
}
