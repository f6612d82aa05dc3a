import { createHmac } from 'node:crypto';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { equalDigests } from '../kernel/digest.js';
import { describeError, type Logger } from '../kernel/logger.js';
import type { DataFolder } from '../store/data-folder.js';
import { openStateFile, type StateFile } from '../store/state-file.js';
import { type ChainPoint, GENESIS } from './line.js';

const HeadPoint = z.strictObject({
  /** The last line at the time of saving. */
  seq: z.int(),
  hash: z.string(),
  /** The first line that is kept, and the hash before it (null: not known, after a loss of head.json). */
  firstSeq: z.int(),
  before: z.string().nullable(),
  /** HMAC of the four above under the chain key; null when saved while the vault was locked. */
  mac: z.string().nullable(),
});
/** A state of the log that was saved beside it: what must be there, and where it legitimately begins. */
export type HeadPoint = z.infer<typeof HeadPoint>;

const HeadState = z.strictObject({
  schemaVersion: z.literal(1),
  current: HeadPoint,
  /** The last point that carries a mac. It stays through locked times, so those cannot be used to cut keyed lines. */
  keyed: HeadPoint.nullable(),
});
export type HeadState = z.infer<typeof HeadState>;

/** Where the kept chain begins. */
export interface FirstKept {
  readonly seq: number;
  readonly before: string | null;
}

/** `head.json`: the end of the log as last saved, so that a cut tail is seen. */
export interface Head {
  /** What is saved; on first run the point before any line. */
  readonly state: HeadState;
  /** Whether the file was there when it was opened. */
  readonly existed: boolean;
  /** Why it cannot be believed or saved; null when it can. */
  readonly fault: string | null;
  /** @throws GatehouseError `STORE_UNAVAILABLE` */
  save(last: ChainPoint, first: FirstKept): Promise<void>;
}

export async function openHead(options: { folder: DataFolder; chainKey: Buffer | null; log: Logger }): Promise<Head> {
  const { folder, chainKey, log } = options;
  const existed = await exists(join(folder.path, FILE));
  const start: HeadPoint = { ...GENESIS, firstSeq: 1, before: GENESIS.hash, mac: null };
  const initial = (): HeadState => ({ schemaVersion: 1, current: start, keyed: null });
  let file: StateFile<HeadState>;
  try {
    file = await openStateFile({ folder, file: FILE, parse: (value) => HeadState.parse(value), initial, log });
  } catch (error) {
    // Never overwritten: it stays as evidence until somebody moves it away. The log itself goes on.
    log.error('head.json of the audit log cannot be read', describeError(error));
    return { state: initial(), existed, fault: 'head.json cannot be read', save: async () => {} };
  }
  return {
    get state() {
      return file.value;
    },
    existed,
    fault: isForged(file.value, chainKey) ? 'head.json was changed by another hand' : null,
    async save(last, first) {
      const bare = { seq: last.seq, hash: last.hash, firstSeq: first.seq, before: first.before };
      const current = { ...bare, mac: chainKey === null ? null : macOf(bare, chainKey).toString('base64url') };
      await file.save({ schemaVersion: 1, current, keyed: current.mac === null ? file.value.keyed : current });
    },
  };
}

const FILE = '.gatehouse/audit/head.json';

function isForged(state: HeadState, chainKey: Buffer | null): boolean {
  if (chainKey === null) return false;
  return [state.current, state.keyed].some((point) => {
    if (point === null || point.mac === null) return false;
    return !equalDigests(macOf(point, chainKey), Buffer.from(point.mac, 'base64url'));
  });
}

function macOf(point: Omit<HeadPoint, 'mac'>, chainKey: Buffer): Buffer {
  const facts = JSON.stringify([point.seq, point.hash, point.firstSeq, point.before]);
  // The name keeps a head apart from a line: neither's HMAC can stand in for the other's.
  return createHmac('sha256', chainKey).update('gatehouse-audit-head\n').update(facts).digest();
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
