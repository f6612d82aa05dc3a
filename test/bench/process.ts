import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeKeyFile } from './key-file.js';
import { type Line, median } from './statistics.js';

const MAIN = join(process.cwd(), 'dist', 'main.js');
const ROUNDS = 5;

/** The real program on a real folder: time until `/readyz` answers 200, and memory a few seconds later. */
export async function startAndMemory(): Promise<Line[]> {
  const runs = { 0: await measure(0), 1000: await measure(1000), 100000: await measure(100_000) };
  const perKey = ((runs[100_000].residentMb - runs[0].residentMb) * 1e6) / 100_000 / 1024;
  return [
    { what: 'start to ready, 1,000 keys', measured: runs[1000].readySeconds, unit: 's', hold: 0.5, notes: '' },
    { what: 'start to ready, 100,000 keys', measured: runs[100_000].readySeconds, unit: 's', hold: 2, notes: '' },
    {
      what: 'memory idle, no keys',
      measured: runs[0].residentMb,
      unit: 'MB',
      hold: 110,
      notes: 'resident set, 3 s after start',
    },
    {
      what: 'memory a stored key',
      measured: perKey,
      unit: 'KB',
      hold: 2,
      notes: `${runs[100_000].residentMb.toFixed(0)} MB with 100,000 keys`,
    },
  ];
}

async function measure(keys: number): Promise<{ readySeconds: number; residentMb: number }> {
  const ready: number[] = [];
  const resident: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const folder = await mkdtemp(join(tmpdir(), 'gatehouse-bench-'));
    try {
      if (keys > 0) await writeKeyFile(join(folder, 'api-keys.json'), keys);
      const { readySeconds, residentMb } = await runOnce(folder);
      ready.push(readySeconds);
      resident.push(residentMb);
    } finally {
      await rm(folder, { recursive: true });
    }
  }
  return { readySeconds: median(ready), residentMb: median(resident) };
}

async function runOnce(folder: string): Promise<{ readySeconds: number; residentMb: number }> {
  const port = await freePort();
  const startedMs = performance.now();
  const server = spawn(process.execPath, [MAIN, 'serve'], {
    env: { PATH: process.env['PATH'], WORKSPACES_DIR: folder, PORT: String(port), LOG_LEVEL: 'error' },
    stdio: 'ignore',
  });
  try {
    while ((await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null))?.status !== 200) {
      if (performance.now() - startedMs > 60_000) throw new Error('not ready in 60 s');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const readySeconds = (performance.now() - startedMs) / 1000;
    await new Promise((resolve) => setTimeout(resolve, 3000));
    const status = await readFile(`/proc/${server.pid}/status`, 'utf8');
    return { readySeconds, residentMb: (Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024) / 1e6 };
  } finally {
    server.kill('SIGTERM');
    await new Promise((resolve) => server.once('exit', resolve));
  }
}

export function freePort(): Promise<number> {
  const probe = createServer();
  return new Promise((resolve) => {
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
