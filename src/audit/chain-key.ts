import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import * as z from 'zod';
import { describeError, type Logger } from '../kernel/logger.js';
import type { Resealed, Seal } from '../seal/instance-key.js';
import type { DataFolder } from '../store/data-folder.js';
import { openStateFile, type StateFile } from '../store/state-file.js';
import { ensureFolder } from './append-file.js';

/** The key that lines are chained under, or why there is none: then they are chained by plain SHA-256. */
export type ChainKey =
  | { readonly key: Buffer; readonly missing: null }
  | { readonly key: null; readonly missing: string };

/**
 * Opens the chain key: 32 random bytes, sealed by the instance key, made at the first start with an open vault.
 * It is not derived from the instance key, so that rotating that one leaves the chain as it is.
 * Never throws: without a key the log goes on, marked as unkeyed.
 */
export async function openChainKey(options: { folder: DataFolder; seal: Seal; log: Logger }): Promise<ChainKey> {
  if (options.seal.locked !== null) return { key: null, missing: 'the vault is locked' };
  try {
    return { key: await readOrMake(options), missing: null };
  } catch (error) {
    options.log.error('the audit chain key cannot be used, lines are chained without it', describeError(error));
    return { key: null, missing: 'chain-key.json cannot be opened or saved' };
  }
}

/** Seals the chain key under the instance key that seals now; the key itself, and so the chain, stays as it is. */
export async function renewChainKey(options: { folder: DataFolder; seal: Seal; log: Logger }): Promise<Resealed> {
  const file = await openFile(options);
  if (file.value.sealed === null) return { renewed: 0, unreadable: 0 };
  let sealed: string | null;
  try {
    sealed = options.seal.renew(CONTEXT, file.value.sealed);
  } catch {
    return { renewed: 0, unreadable: 1 };
  }
  if (sealed !== null) await file.save({ schemaVersion: 1, sealed });
  return { renewed: sealed === null ? 0 : 1, unreadable: 0 };
}

const CHAIN_KEY_BYTES = 32;
const CONTEXT = 'audit/chain-key';
const File = z.strictObject({ schemaVersion: z.literal(1), sealed: z.string().nullable() });
type File = z.infer<typeof File>;

async function readOrMake(options: { folder: DataFolder; seal: Seal; log: Logger }): Promise<Buffer> {
  const { seal } = options;
  const file = await openFile(options);
  if (file.value.sealed !== null) return seal.open(CONTEXT, file.value.sealed);
  const key = randomBytes(CHAIN_KEY_BYTES);
  await file.save({ schemaVersion: 1, sealed: seal.seal(CONTEXT, key) });
  return key;
}

async function openFile({ folder, log }: { folder: DataFolder; log: Logger }): Promise<StateFile<File>> {
  await ensureFolder(join(folder.statePath, 'audit'));
  return openStateFile<File>({
    folder,
    file: '.gatehouse/audit/chain-key.json',
    parse: (value) => File.parse(value),
    initial: () => ({ schemaVersion: 1, sealed: null }),
    log,
  });
}
