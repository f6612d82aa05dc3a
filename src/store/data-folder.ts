import fs from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Clock, toIso } from '../kernel/clock.js';
import { GatehouseError } from '../kernel/errors.js';
import { newId } from '../kernel/ids.js';
import { describeError, type Logger } from '../kernel/logger.js';
import { readBootId } from './boot-id.js';
import { errnoOf, isTemporaryName, makePath, nodeFiles, probeFolder, WriteFault } from './durable-file.js';
import { type HeldLock, takeLock } from './folder-lock.js';
import { isBirthSocketName, type LockFacts, STATE_FOLDER } from './lock-facts.js';
import {
  type CommandSocket,
  chooseCommandSocket,
  listenAsOwner,
  type OwnerSocket,
  SocketPlaces,
  uid,
} from './socket-places.js';
import { clearSocket, closeServer } from './sockets.js';

export { isOwnerAlive, type LockFacts, readLock } from './lock-facts.js';

/** The folder that holds all data, owned by this process alone until `release`. */
export interface DataFolder {
  /** `WORKSPACES_DIR`, absolute. */
  readonly path: string;
  /** `<path>/.gatehouse`, 0700. */
  readonly statePath: string;
  readonly ownerId: string;
  /** Where the command socket goes; parent made, a stale one removed. `null`: off, or it cannot be had. */
  readonly commandSocketPath: string | null;
  /** Why the command socket cannot be had, with the remedy; `null` when it can, or is off. */
  readonly commandSocketFault: string | null;
  /** Called before each rename. @throws GatehouseError `STORE_UNAVAILABLE` when another process has taken the folder */
  assertOwned(): Promise<void>;
  /** Another process has taken the folder; it does not come back. */
  readonly lost: boolean;
  onLost(listener: () => void): void;
  /** Gives the folder free for the next process. Call it after the collections are closed. */
  release(): Promise<void>;
}

export interface ClaimOptions {
  readonly path: string;
  /** `undefined`: `.gatehouse/gatehouse.sock`. */
  readonly socket: 'off' | string | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  /** Default 5 s. */
  readonly heartbeatMs?: number;
  /** Without a heartbeat for this long, an owner that cannot be asked counts as dead. Default 15 s. */
  readonly staleAfterMs?: number;
}

const HEARTBEAT_MS = 5000;
const STALE_AFTER_MS = 15_000;

/**
 * Makes the folder if it is not there and takes it for this process.
 * @throws GatehouseError `CONFLICT` when a living process owns it; `STORE_UNAVAILABLE`, with the remedy, when it
 *   cannot be made or written
 */
export async function claimDataFolder(options: ClaimOptions): Promise<DataFolder> {
  const path = resolve(options.path);
  const statePath = join(path, STATE_FOLDER);
  try {
    await makeFolders(path, statePath);
    return await claim(options, path, statePath);
  } catch (error) {
    throw error instanceof GatehouseError ? error : unusable(path, error);
  }
}

async function claim(options: ClaimOptions, path: string, statePath: string): Promise<DataFolder> {
  const { clock, log, staleAfterMs = STALE_AFTER_MS, heartbeatMs = HEARTBEAT_MS } = options;
  const ownerId = newId('own');
  const places = new SocketPlaces(statePath);
  let owner: OwnerSocket | undefined;
  try {
    // It listens before the lock shows, so that a lock whose socket refuses is always a dead one's.
    owner = await listenAsOwner(places, ownerId);
    const command = await chooseCommandSocket(options.socket, places);
    const facts: LockFacts = {
      ownerId,
      bootId: await readBootId(),
      ownerSocket: owner.path,
      commandSocket: command.path,
      pid: process.pid,
      startedAt: toIso(clock.nowMs()),
    };
    const lock = await takeLock({ statePath, facts, staleAfterMs, log });
    try {
      await fs.rename(owner.birthPath, owner.path);
      if (command.path !== null) await fs.unlink(command.path).catch(() => {});
      await removeLeftovers(path, statePath);
    } catch (error) {
      await lock.drop();
      throw error;
    }
    log.debug('data folder claimed', { ownerId, path });
    return new ClaimedFolder({ path, statePath, ownerId, owner, command, lock, places, heartbeatMs, log });
  } catch (error) {
    if (owner !== undefined) await closeServer(owner.server);
    await places.remove();
    throw error;
  }
}

class ClaimedFolder implements DataFolder {
  readonly path: string;
  readonly statePath: string;
  readonly ownerId: string;
  readonly commandSocketPath: string | null;
  readonly commandSocketFault: string | null;
  readonly #owner: OwnerSocket;
  readonly #lock: HeldLock;
  readonly #places: SocketPlaces;
  readonly #log: Logger;
  readonly #timer: NodeJS.Timeout;
  readonly #listeners: (() => void)[] = [];
  #lost = false;
  #released: Promise<void> | undefined;

  constructor(claimed: {
    path: string;
    statePath: string;
    ownerId: string;
    owner: OwnerSocket;
    command: CommandSocket;
    lock: HeldLock;
    places: SocketPlaces;
    heartbeatMs: number;
    log: Logger;
  }) {
    this.path = claimed.path;
    this.statePath = claimed.statePath;
    this.ownerId = claimed.ownerId;
    this.commandSocketPath = claimed.command.path;
    this.commandSocketFault = claimed.command.fault;
    this.#owner = claimed.owner;
    this.#lock = claimed.lock;
    this.#places = claimed.places;
    this.#log = claimed.log;
    this.#timer = setInterval(() => void this.#beat(), claimed.heartbeatMs).unref();
  }

  get lost(): boolean {
    return this.#lost;
  }

  onLost(listener: () => void): void {
    this.#listeners.push(listener);
  }

  async assertOwned(): Promise<void> {
    if (!this.#lost && this.#released === undefined) {
      const ours = await this.#lock.isOurs().catch((error: unknown) => {
        throw new GatehouseError('STORE_UNAVAILABLE', 'The lock of the data folder cannot be read.', { cause: error });
      });
      if (ours) return;
      this.#lose();
    }
    throw new GatehouseError('STORE_UNAVAILABLE', 'This process no longer owns the data folder. Restart Gatehouse.');
  }

  release(): Promise<void> {
    this.#released ??= this.#letGo();
    return this.#released;
  }

  async #letGo(): Promise<void> {
    clearInterval(this.#timer);
    if (await this.#lock.isOurs().catch(() => false)) {
      // Everything under a fixed name goes while the lock still keeps the next owner from making its own there.
      if (this.commandSocketPath !== null) await fs.unlink(this.commandSocketPath).catch(() => {});
      await fs.rename(this.#owner.path, this.#owner.birthPath).catch(() => {});
      await this.#lock.drop();
    } else await this.#lock.abandon();
    await closeServer(this.#owner.server);
    await this.#places.remove();
  }

  async #beat(): Promise<void> {
    try {
      if (this.#lost || this.#released !== undefined) return;
      if (await this.#lock.isOurs()) await this.#lock.beat();
      else this.#lose();
    } catch (error) {
      this.#log.warn('no heartbeat for the data folder', describeError(error));
    }
  }

  #lose(): void {
    if (this.#lost || this.#released !== undefined) return;
    this.#lost = true;
    clearInterval(this.#timer);
    this.#log.error('the data folder was taken by another process', { path: this.path });
    for (const listener of this.#listeners) listener();
  }
}

async function makeFolders(path: string, statePath: string): Promise<void> {
  await makePath(path);
  await fs.mkdir(statePath, { mode: 0o700 }).catch((error) => {
    if (errnoOf(error) !== 'EEXIST') throw error;
  });
  const stats = await fs.lstat(statePath);
  if (!stats.isDirectory()) throw Object.assign(new Error('not a folder'), { code: 'ENOTDIR' });
  if ((stats.mode & 0o077) !== 0) await fs.chmod(statePath, 0o700);
  // Every step of a later write, now: a read-only mount or a foreign owner stops the start, not the first new key.
  await Promise.all([probeFolder(nodeFiles, path), probeFolder(nodeFiles, statePath)]);
}

/** Names that a process uses before it has the lock: fresh ones may be another claimant's. */
const BEFORE_LOCK = /^\.+(?:lock|clock|takeover|probe)\./;
const FRESH_MS = 60_000;

/** Removes what killed processes left: temporary files, and sockets nobody listens on. Only under the lock. */
async function removeLeftovers(path: string, statePath: string): Promise<void> {
  const entries = await fs.readdir(statePath, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => join(statePath, entry.name));
  for (const folder of [path, statePath, ...folders]) {
    for (const name of await fs.readdir(folder)) {
      const file = join(folder, name);
      if (folder === statePath && isBirthSocketName(name)) await clearSocket(file);
      if (!isTemporaryName(name)) continue;
      if (
        BEFORE_LOCK.test(name) &&
        Date.now() - (await fs.lstat(file).catch(() => ({ mtimeMs: 0 }))).mtimeMs < FRESH_MS
      )
        continue;
      await fs.unlink(file).catch(() => {});
    }
  }
}

function unusable(path: string, error: unknown): GatehouseError {
  const cause = error instanceof WriteFault ? error.cause : error;
  const errno = errnoOf(cause) ?? 'error';
  const gid = process.getgid?.() ?? -1;
  return new GatehouseError(
    'STORE_UNAVAILABLE',
    `The data folder ${path} cannot be made or written (${errno}). If it is a mounted volume or belongs to another user, ` +
      `give it to the user Gatehouse runs as: chown -R ${uid()}:${gid} ${path} (a volume mounted read-only must be mounted writable; a full disk needs room).`,
    { cause },
  );
}
