import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Microseconds of this process's CPU for one of many like requests. They come from a process of their own, over as many
 * connections as a proxy keeps: with few, each answer would wake the sender, and that would be most of what is measured.
 */
export async function cpuPerRequest(
  port: number,
  path: string,
  headers: readonly string[],
  requests = 5000,
): Promise<number> {
  const before = process.cpuUsage();
  const load = join(import.meta.dirname, 'load.js');
  await run(process.execPath, [load, String(port), String(requests), '64', path, ...headers]);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / requests;
}
