import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './process.js';

/** nginx with the key in a `map`, the usual way without a gate: one worker, whose CPU time the kernel tells. */
export async function startNginxMap(token: string) {
  if (spawnSync('nginx', ['-v'], { stdio: 'ignore' }).error !== undefined) return null;
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-bench-'));
  const port = await freePort();
  await writeFile(
    join(folder, 'nginx.conf'),
    `worker_processes 1; events {} http { access_log off; keepalive_requests 1000000000; map_hash_bucket_size 256;
    map $http_x_api_key $known { default 0; "${token}" 1; }
    server { listen 127.0.0.1:${port};
      location / { default_type application/json; if ($known = 0) { return 401; } return 200 '{"ok":true}'; } } }`,
  );
  const master = spawn(
    'nginx',
    ['-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf'), '-g', 'daemon off; pid p;'],
    { stdio: 'ignore' },
  );
  await new Promise((resolve) => setTimeout(resolve, 500));
  const worker = await childOf(master.pid ?? 0);
  return {
    port,
    /** Microseconds of CPU its worker has used, in steps of 10 ms. */
    cpuMicroseconds: async () => {
      const fields = (await readFile(`/proc/${worker}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
      return (Number(fields[11]) + Number(fields[12])) * 10_000;
    },
    async close() {
      master.kill('SIGTERM');
      await new Promise((resolve) => master.once('close', resolve));
      await rm(folder, { recursive: true });
    },
  };
}

async function childOf(parent: number): Promise<number> {
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    if (stat.split(') ')[1]?.split(' ')[1] === String(parent)) return Number(name);
  }
  throw new Error('nginx has no worker');
}
