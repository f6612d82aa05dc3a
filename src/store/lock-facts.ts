import { lstat, readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { GatehouseError } from '../kernel/errors.js';
import { errnoOf } from './durable-file.js';
import { type Answer, askSocket } from './sockets.js';

/**
 * What the lock says about who owns a data folder. In the file, sockets inside the state folder are written by name
 * alone: another container may see the folder under another path.
 */
export interface LockFacts {
  readonly ownerId: string;
  /** Of the kernel the owner runs on. */
  readonly bootId: string;
  /** Answers the owner id to any connection and takes no command. */
  readonly ownerSocket: string;
  /** Where the owner takes commands; `null` when it takes none. */
  readonly commandSocket: string | null;
  /** For people. It proves nothing: in another container it is another process. */
  readonly pid: number;
  readonly startedAt: string;
}

export const LOCK_FILE = 'lock';
export const STATE_FOLDER = '.gatehouse';

/** One state of the lock file. `facts` is `null` when it is torn: an owner nobody can ask. */
export interface LockState {
  readonly facts: LockFacts | null;
  /** Tells this lock from every other one. */
  readonly tag: string;
  /** Last heartbeat, by the clock of the file system. */
  readonly beatAtMs: number;
}

/**
 * For the command line: who owns the folder at `path`, without taking anything; `null` when nobody does, or the lock is torn.
 * @throws GatehouseError `STORE_UNAVAILABLE` when this user may not look
 */
export async function readLock(path: string): Promise<LockFacts | null> {
  const statePath = join(resolve(path), STATE_FOLDER);
  try {
    return (await readLockState(statePath))?.facts ?? null;
  } catch (cause) {
    const errno = errnoOf(cause) ?? 'error';
    const remedy =
      errno === 'EACCES' || errno === 'EPERM'
        ? 'Run this as the user the server runs as.'
        : 'Is WORKSPACES_DIR a folder that Gatehouse made or may make?';
    throw new GatehouseError('STORE_UNAVAILABLE', `${statePath} cannot be read (${errno}). ${remedy}`, { cause });
  }
}

/** Whether the owner answers on its socket with the owner id of the lock. */
export async function isOwnerAlive(facts: LockFacts): Promise<boolean> {
  return (await askOwner(facts)) === 'alive';
}

const ASK_TIMEOUT_MS = 400;

/**
 * - `alive`: it answers with the lock's owner id.
 * - `gone`: nobody listens where it must, so on the same kernel it is dead.
 * - `unclear`: somebody is there and says nothing (frozen, busy), or somebody else is.
 */
export async function askOwner(facts: LockFacts): Promise<'alive' | 'gone' | 'unclear'> {
  // An owner listens on its birth socket before its lock appears, and then renames that to its lasting name. Asked in
  // this order a living owner is always met: if it was not yet at the first it is at the second, or moved back to the first.
  const answers: Answer[] = [];
  for (const path of [facts.ownerSocket, birthSocket(facts.ownerSocket, facts.ownerId), facts.ownerSocket]) {
    const answer = await askSocket(path, ASK_TIMEOUT_MS);
    if (answer.kind === 'answered' && answer.text === facts.ownerId) return 'alive';
    if (answer.kind === 'silent') return 'unclear';
    answers.push(answer);
  }
  const last = answers.at(-1)?.kind;
  if (last === 'refused') return 'gone';
  // Another container cannot see a socket in the owner's own temporary folder: there, "missing" proves nothing.
  return last === 'missing' && basename(dirname(facts.ownerSocket)) === STATE_FOLDER ? 'gone' : 'unclear';
}

/** Where the socket of an owner is while it takes the lock, and again while it lets go. */
export function birthSocket(ownerSocket: string, ownerId: string): string {
  return join(dirname(ownerSocket), `${ownerId.slice(-8)}.sock`);
}

export function isBirthSocketName(name: string): boolean {
  return /^[0-9A-Za-z]{8}\.sock$/.test(name);
}

/** @returns `null` when there is no lock */
export async function readLockState(statePath: string): Promise<LockState | null> {
  const path = join(statePath, LOCK_FILE);
  try {
    const stats = await lstat(path, { bigint: true });
    const facts = parseFacts(await readFile(path, 'utf8'), statePath);
    const tag = `${stats.dev}:${stats.ino}:${facts?.ownerId ?? ''}`;
    return { facts, tag, beatAtMs: Number(stats.mtimeNs / 1000n) / 1000 };
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
}

export function formatFacts(facts: LockFacts, statePath: string): string {
  const nameOf = (path: string) => (dirname(path) === statePath ? basename(path) : path);
  const { ownerSocket, commandSocket } = facts;
  const sockets = { ownerSocket: nameOf(ownerSocket), commandSocket: commandSocket && nameOf(commandSocket) };
  return `${JSON.stringify({ ...facts, ...sockets })}\n`;
}

function parseFacts(text: string, statePath: string): LockFacts | null {
  try {
    const { ownerId, bootId, ownerSocket, commandSocket, pid, startedAt } = JSON.parse(text) as Record<string, unknown>;
    if (typeof ownerId !== 'string' || typeof bootId !== 'string' || typeof ownerSocket !== 'string') return null;
    if (typeof pid !== 'number' || typeof startedAt !== 'string') return null;
    if (commandSocket !== null && typeof commandSocket !== 'string') return null;
    const at = (socket: string) => resolve(statePath, socket);
    return {
      ownerId,
      bootId,
      ownerSocket: at(ownerSocket),
      commandSocket: commandSocket === null ? null : at(commandSocket),
      pid,
      startedAt,
    };
  } catch {
    return null;
  }
}
