import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether this process may mount, as root outside of most containers may. */
export const mayMount = (() => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-mount-'));
  const can = spawnSync('mount', ['--bind', folder, folder]).status === 0;
  if (can) spawnSync('umount', [folder]);
  rmSync(folder, { recursive: true, force: true });
  return can;
})();

/** Shows `from` at `to`, read-only when asked. @returns how to take it away */
export function bindMount(from: string, to: string, { readOnly = false } = {}): () => void {
  run('mount', '--bind', from, to);
  if (readOnly) run('mount', '-o', 'remount,ro,bind', to);
  return () => run('umount', to);
}

/** A disk of 1 MB at `to`. @returns how to take it away */
export function tinyDisk(to: string): () => void {
  run('mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', to);
  return () => run('umount', to);
}

function run(...args: string[]): void {
  const { status, stderr } = spawnSync(args[0] ?? '', args.slice(1));
  if (status !== 0) throw new Error(`${args.join(' ')}: ${stderr}`);
}
