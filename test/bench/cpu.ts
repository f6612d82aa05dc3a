import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Load } from './load.js';

/** A server that is measured. */
export interface Target extends Omit<Load, 'requests'> {
  /** What its process has used so far. */
  cpuMicroseconds(): number | Promise<number>;
}

/** A multiple of the connections that they are sent over. */
const REQUESTS = 5120;

let sender: ChildProcess | null = null;

/** Microseconds of the server's CPU for one of many like requests, opening the connections included. */
export async function cpuPerRequest(
  { port, path, headers, cpuMicroseconds }: Target,
  requests = REQUESTS,
): Promise<number> {
  sender ??= fork(join(import.meta.dirname, 'load.js'));
  const before = await cpuMicroseconds();
  sender.send({ port, path, headers, requests } satisfies Load);
  const [{ fault }] = (await once(sender, 'message')) as [{ fault?: string }];
  if (fault !== undefined) throw new Error(fault);
  return ((await cpuMicroseconds()) - before) / requests;
}

/** What this very process has used. */
export function ownCpuMicroseconds(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

export function stopSending(): void {
  sender?.disconnect();
  sender = null;
}
