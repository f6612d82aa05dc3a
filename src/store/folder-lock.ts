import fs, { type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GatehouseError } from '../kernel/errors.js';
import type { Logger } from '../kernel/logger.js';
import { errnoOf, temporaryName } from './durable-file.js';
import { askOwner, formatFacts, LOCK_FILE, type LockFacts, type LockState, readLockState } from './lock-facts.js';

/** The lock, taken: its file held open, so that its inode cannot come back as somebody else's. */
export interface HeldLock {
  /** Shows others that this owner lives. */
  beat(): Promise<void>;
  /** Whether the lock on disk is still this one. @throws system errors */
  isOurs(): Promise<boolean>;
  /** Removes the lock if it is ours. */
  drop(): Promise<void>;
  /** Lets go of the file without touching the lock, which is somebody else's. */
  abandon(): Promise<void>;
}

export interface TakeOptions {
  readonly statePath: string;
  readonly facts: LockFacts;
  /** A lock without a heartbeat for this long is nobody's. */
  readonly staleAfterMs: number;
  readonly log: Logger;
}

/**
 * Takes the lock, replacing a dead owner's. Waits only while it cannot be told whether the owner lives,
 * and at most a second longer than `staleAfterMs`.
 * @throws GatehouseError `CONFLICT` when a living process owns the folder
 */
export async function takeLock(options: TakeOptions): Promise<HeldLock> {
  const { statePath, facts, staleAfterMs } = options;
  const temporary = join(statePath, temporaryName('lock'));
  const file = await fs.open(temporary, 'wx+', 0o600);
  try {
    await file.writeFile(formatFacts(facts, statePath));
    await file.sync();
    const watch: Watch = { tag: '', beatAtMs: 0, sinceMs: 0 };
    const beganMs = performance.now();
    const endMs = beganMs + staleAfterMs + 1000;
    let told = false;
    for (;;) {
      const lock = await readLockState(statePath);
      const placed = lock === null ? await place(temporary, statePath) : await replace(lock, temporary, options, watch);
      if (placed) {
        // What was placed may be gone again, by a taker that was frozen in the middle: only what is there counts.
        if (await holds(file, facts, statePath)) return held(file, facts, statePath);
        throw conflict(statePath, await readLockState(statePath));
      }
      if (performance.now() > endMs) throw conflict(statePath, lock);
      if (lock !== null && !told && performance.now() - beganMs > TELL_AFTER_MS) {
        options.log.warn('the data folder is locked; waiting for its owner to show that it lives', {
          lock: join(statePath, LOCK_FILE),
          says: lock.facts === null ? 'nothing that can be read' : `process ${lock.facts.pid}`,
          atMostSeconds: Math.ceil((endMs - performance.now()) / 1000),
        });
        told = true;
      }
      if (lock !== null) await sleep(Math.min(200, staleAfterMs / 10));
    }
  } catch (error) {
    await file.close().catch(() => {});
    throw error;
  } finally {
    await fs.unlink(temporary).catch(() => {});
  }
}

/** A dead owner is replaced sooner; a wait that is longer than this has to say why. */
const TELL_AFTER_MS = 500;

/** The lock this process looks at, and since when by its own clock it has seen no heartbeat. */
interface Watch {
  tag: string;
  beatAtMs: number;
  sinceMs: number;
}

/** @returns whether the lock of a dead owner was replaced */
async function replace(lock: LockState, temporary: string, options: TakeOptions, watch: Watch): Promise<boolean> {
  const { statePath, staleAfterMs } = options;
  if ((await judge(lock, options, watch)) !== 'dead') return false;
  const guard = join(statePath, GUARD_FILE);
  if (!(await takeGuard(guard, staleAfterMs))) return false;
  const guardedAtMs = performance.now();
  try {
    // Another taker may have been through since: only the very lock that was judged may be replaced.
    const now = await readLockState(statePath);
    if (now === null || now.tag !== lock.tag || (await judge(now, options, watch)) !== 'dead') return false;
    // Frozen for so long here, the guard may have been taken from us.
    if (performance.now() - guardedAtMs > staleAfterMs / 2) return false;
    await fs.rename(temporary, join(statePath, LOCK_FILE));
    return true;
  } finally {
    await fs.unlink(guard).catch(() => {});
  }
}

/** @throws GatehouseError `CONFLICT` when the owner lives */
async function judge(lock: LockState, options: TakeOptions, watch: Watch): Promise<'dead' | 'unclear'> {
  const { facts, staleAfterMs, statePath } = options;
  if (lock.facts !== null) {
    const answer = await askOwner(lock.facts);
    if (answer === 'alive') throw conflict(statePath, lock);
    if (answer === 'gone' && lock.facts.bootId === facts.bootId) return 'dead';
  }
  if (watch.tag !== lock.tag)
    Object.assign(watch, { tag: lock.tag, beatAtMs: lock.beatAtMs, sinceMs: performance.now() });
  // Whoever beats lives, even where its socket cannot be reached.
  else if (watch.beatAtMs !== lock.beatAtMs) throw conflict(statePath, lock);
  // The clock of the file system, since the owner's machine may go by another one than this.
  const ageMs = (await fileSystemNowMs(statePath)) - lock.beatAtMs;
  return ageMs > staleAfterMs || performance.now() - watch.sinceMs > staleAfterMs ? 'dead' : 'unclear';
}

const GUARD_FILE = 'lock.takeover';

/** Only who holds the guard may replace a lock. One left behind by a crash in these few milliseconds goes stale too. */
async function takeGuard(guard: string, staleAfterMs: number): Promise<boolean> {
  try {
    await (await fs.open(guard, 'wx', 0o600)).close();
    return true;
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
  const age = async (path: string) => (await fileSystemNowMs(dirname(guard))) - (await fs.lstat(path)).mtimeMs;
  if ((await age(guard).catch(() => 0)) <= staleAfterMs) return false;
  // Moved away before it is removed: if it is a fresh one that came in between, it is put back.
  const aside = join(dirname(guard), temporaryName('takeover'));
  try {
    await fs.rename(guard, aside);
    if ((await age(aside)) <= staleAfterMs) await fs.link(aside, guard);
    await fs.unlink(aside);
  } catch {
    // Another taker was quicker.
  }
  return false;
}

/** @returns whether there was no lock, so that this one is it now */
async function place(temporary: string, statePath: string): Promise<boolean> {
  try {
    await fs.link(temporary, join(statePath, LOCK_FILE));
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  }
}

async function fileSystemNowMs(folder: string): Promise<number> {
  const path = join(folder, temporaryName('clock'));
  const file = await fs.open(path, 'wx', 0o600);
  try {
    return (await file.stat()).mtimeMs;
  } finally {
    await file.close().catch(() => {});
    await fs.unlink(path).catch(() => {});
  }
}

function held(file: FileHandle, facts: LockFacts, statePath: string): HeldLock {
  return {
    async beat() {
      // Written, not `utimes`: so the time is the file system's own. The byte is the one that is there.
      await file.write('{', 0).catch(() => file.utimes(new Date(), new Date()));
    },
    isOurs: () => holds(file, facts, statePath),
    async drop() {
      if (await holds(file, facts, statePath).catch(() => false)) {
        await fs.unlink(join(statePath, LOCK_FILE)).catch(() => {});
      }
      await file.close().catch(() => {});
    },
    abandon: () => file.close().catch(() => {}),
  };
}

async function holds(file: FileHandle, facts: LockFacts, statePath: string): Promise<boolean> {
  const state = await readLockState(statePath);
  const { dev, ino } = await file.stat({ bigint: true });
  return state !== null && state.tag === `${dev}:${ino}:${facts.ownerId}`;
}

function conflict(statePath: string, lock: LockState | null): GatehouseError {
  const owner = lock?.facts ? ` (process ${lock.facts.pid}, since ${lock.facts.startedAt})` : '';
  return new GatehouseError(
    'CONFLICT',
    `${dirname(statePath)} belongs to another running Gatehouse${owner}. ` +
      'Stop that one, or give this one a folder of its own with WORKSPACES_DIR.',
  );
}
