import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { Timestamp } from '../contract/fields.js';
import { type Clock, toIso } from '../kernel/clock.js';
import { describeError, type Logger } from '../kernel/logger.js';
import type { Resealed, Seal } from '../seal/instance-key.js';
import type { DataFolder } from '../store/data-folder.js';
import { openStateFile, type StateFile } from '../store/state-file.js';
import { ensureFolder } from './append-file.js';

/** The key that lines are chained under, or why there is none: then they are chained by plain SHA-256. */
export type ChainKey =
  | {
      readonly key: Buffer;
      readonly missing: null;
      /** When it was made over a log that had another one, which was taken away; `null`: it is the first. */
      readonly replacedAt: string | null;
    }
  | { readonly key: null; readonly missing: string; readonly replacedAt: null };

/**
 * Opens the chain key: 32 random bytes, sealed by the instance key, made at the first start with an open vault.
 * It is not derived from the instance key, so that rotating that one leaves the chain as it is.
 * Never throws: without a key the log goes on, marked as unkeyed.
 */
export async function openChainKey(options: Options): Promise<ChainKey> {
  if (options.seal.locked !== null) return { key: null, missing: 'the vault is locked', replacedAt: null };
  try {
    return { ...(await readOrMake(options)), missing: null };
  } catch (error) {
    options.log.error('the audit chain key cannot be used, lines are chained without it', describeError(error));
    return { key: null, missing: 'chain-key.json cannot be opened or saved', replacedAt: null };
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
  if (sealed !== null) await file.save({ ...file.value, sealed });
  return { renewed: sealed === null ? 0 : 1, unreadable: 0 };
}

const CHAIN_KEY_BYTES = 32;
const CONTEXT = 'audit/chain-key';
const File = z.strictObject({
  schemaVersion: z.literal(1),
  sealed: z.string().nullable(),
  replacedAt: Timestamp.nullable().default(null),
});
type File = z.infer<typeof File>;

async function readOrMake(options: Options): Promise<{ key: Buffer; replacedAt: string | null }> {
  const { folder, seal, clock, log } = options;
  const file = await openFile(options);
  const { sealed, replacedAt } = file.value;
  if (sealed !== null) return { key: seal.open(CONTEXT, sealed), replacedAt };
  const key = randomBytes(CHAIN_KEY_BYTES);
  const made: File = {
    schemaVersion: 1,
    sealed: seal.seal(CONTEXT, key),
    replacedAt: (await hadKey(folder)) ? toIso(clock.nowMs()) : null,
  };
  if (made.replacedAt !== null) log.error('the audit chain key is gone and is made anew: run audit verify');
  await file.save(made);
  return { key, replacedAt: made.replacedAt };
}

interface Options {
  readonly folder: DataFolder;
  readonly seal: Seal;
  readonly clock: Clock;
  readonly log: Logger;
}

async function openFile({ folder, log }: Pick<Options, 'folder' | 'log'>): Promise<StateFile<File>> {
  await ensureFolder(join(folder.statePath, 'audit'));
  return openStateFile<File>({
    folder,
    file: '.gatehouse/audit/chain-key.json',
    parse: (value) => File.parse(value),
    initial: () => ({ schemaVersion: 1, sealed: null, replacedAt: null }),
    log,
  });
}

/** Whether a head of the log was saved under a key. What cannot be read is judged where the head is opened. */
async function hadKey(folder: DataFolder): Promise<boolean> {
  try {
    const head = JSON.parse(await readFile(join(folder.statePath, 'audit', 'head.json'), 'utf8')) as {
      keyed?: unknown;
    };
    return (head.keyed ?? null) !== null;
  } catch {
    return false;
  }
}
