import { readFile } from 'node:fs/promises';
import { uptime } from 'node:os';

const ROUND_MS = 60_000;

/**
 * What is the same for all processes (and containers) of one running kernel and differs after a reboot.
 * Where the kernel offers no such id it is the minute the machine came up: when that is misjudged at the edge of a
 * minute, a dead owner is only replaced later.
 */
export async function readBootId(path = '/proc/sys/kernel/random/boot_id'): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => '');
  if (text.trim() !== '') return text.trim();
  return `up-since-${Math.round((Date.now() - uptime() * 1000) / ROUND_MS)}`;
}
