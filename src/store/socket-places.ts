import { lstat, mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { errnoOf, makePath, nodeFiles, probeFolder, WriteFault } from './durable-file.js';
import { birthSocket } from './lock-facts.js';
import { fitsSocket, isListening, MAX_SOCKET_PATH_BYTES, serveText } from './sockets.js';

const OWNER_SOCKET = 'owner.sock';
const COMMAND_SOCKET = 'gatehouse.sock';

/** Where sockets of a data folder go: in its state folder, or in a fresh 0700 folder when that has too long a path. */
export class SocketPlaces {
  readonly statePath: string;
  #elsewhere: Promise<string> | undefined;

  constructor(statePath: string) {
    this.statePath = statePath;
  }

  elsewhere(): Promise<string> {
    this.#elsewhere ??= mkdtemp(join(tmpdir(), 'gatehouse-'));
    return this.#elsewhere;
  }

  async remove(): Promise<void> {
    if (this.#elsewhere !== undefined)
      await rm(await this.#elsewhere, { recursive: true, force: true }).catch(() => {});
  }
}

export interface OwnerSocket {
  readonly server: Server;
  /** Where it is once the lock is taken. */
  readonly path: string;
  /** Where it is before that, and while the lock is let go. */
  readonly birthPath: string;
}

/** Answers the owner id at the birth path. */
export async function listenAsOwner(places: SocketPlaces, ownerId: string): Promise<OwnerSocket> {
  const path = join(places.statePath, OWNER_SOCKET);
  const birthPath = birthSocket(path, ownerId);
  if (fitsSocket(path) && fitsSocket(birthPath)) {
    try {
      return { server: await serveText(birthPath, ownerId), path, birthPath };
    } catch {
      // Some shared folders (9p, SMB) hold no sockets.
    }
  }
  const other = join(await places.elsewhere(), OWNER_SOCKET);
  const otherBirthPath = birthSocket(other, ownerId);
  return { server: await serveText(otherBirthPath, ownerId), path: other, birthPath: otherBirthPath };
}

export interface CommandSocket {
  /** `null`: off, or it cannot be had. */
  readonly path: string | null;
  readonly fault: string | null;
}

/** The place for the command socket, its parent made and proven writable. Nobody listens there yet. */
export async function chooseCommandSocket(wanted: string | undefined, places: SocketPlaces): Promise<CommandSocket> {
  if (wanted === 'off') return { path: null, fault: null };
  let path = resolve(wanted ?? join(places.statePath, COMMAND_SOCKET));
  if (!fitsSocket(path)) path = join(await places.elsewhere(), COMMAND_SOCKET);
  const fault = await faultOf(path, dirname(path) === places.statePath);
  return fault === null ? { path, fault } : { path: null, fault };
}

async function faultOf(path: string, inState: boolean): Promise<string | null> {
  if (!fitsSocket(path)) return `${path} is longer than ${MAX_SOCKET_PATH_BYTES} bytes; set SOCKET to a shorter path`;
  try {
    // The state folder was proven a moment ago.
    if (!inState) {
      await makePath(dirname(path), 0o700);
      await probeFolder(nodeFiles, dirname(path));
    }
  } catch (error) {
    const errno = errnoOf(error instanceof WriteFault ? error.cause : error) ?? 'error';
    return (
      `the command socket cannot be made: ${dirname(path)} is not writable for uid ${uid()} (${errno}); ` +
      'in a container add --tmpfs /run/gatehouse, elsewhere set SOCKET to a path in a writable folder'
    );
  }
  const found = await lstat(path).catch(() => null);
  if (found === null) return null;
  if (!found.isSocket()) return `${path} is there and is not a socket; remove it or set SOCKET to another path`;
  // In the state folder the lock decides. Elsewhere it may belong to a Gatehouse with another data folder.
  if (inState || !(await isListening(path))) return null;
  return `another process listens on ${path}; stop it or set SOCKET to another path`;
}

/** This process's user id, for a remedy; -1 where there is none. */
export function uid(): number {
  return process.getuid?.() ?? -1;
}
