import type { Config } from './config/config.js';
import { isOwnerAlive, readLock } from './store/data-folder.js';

// Apart from `gatehouse.ts`, so that a command that talks to a running server loads none of the rooms.

/**
 * The command socket of the process that owns the folder now; `null` when nobody does.
 * `socketPath: null`: it runs without one.
 */
export async function findRunning(config: Config): Promise<{ socketPath: string | null } | null> {
  const lock = await readLock(config.workspacesDir);
  if (lock === null || !(await isOwnerAlive(lock))) return null;
  return { socketPath: lock.commandSocket };
}
