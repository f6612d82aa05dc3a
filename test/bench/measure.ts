import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../src/config/config.js';
import { type Gatehouse, openGatehouse } from '../../src/gatehouse.js';
import { createLogger } from '../../src/kernel/logger.js';
import { create } from './create.js';
import { guardedRoute } from './guarded-route.js';
import { writeKeyFile } from './key-file.js';
import { lookUp } from './look-up.js';
import { startAndMemory } from './process.js';
import { type Line, printTable } from './statistics.js';
import { steps } from './steps.js';
import { verifyDoor } from './verify-door.js';

// Every number that docs/performance.md promises, measured here and now. `measure.js door` measures the door for proxies
// alone. Exit 1 when a promise is missed.

const BEHIND_PROXY = { TRUST_PROXY: 'loopback', PUBLIC_URL: 'https://app.example.com' };
/** Ten networks, the caller's own the last one. */
const TEN_NETWORKS = [...Array.from({ length: 9 }, (_, index) => `10.${index}.0.0/16`), '203.0.113.0/24'].join(',');

interface Instance {
  readonly gatehouse: Gatehouse;
  readonly tokens: string[];
  close(): Promise<void>;
}

async function instance(keys: number, settings: Record<string, string> = {}): Promise<Instance> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-bench-'));
  const tokens = await writeKeyFile(join(folder, 'api-keys.json'), keys);
  const result = readConfig(
    { WORKSPACES_DIR: folder, API_RATE_LIMIT: '999999999', SOCKET: 'off', ...BEHIND_PROXY, ...settings },
    folder,
  );
  if (!result.ok) throw new Error(result.faults.join('\n'));
  const gatehouse = await openGatehouse(result.config, { log: createLogger('error') });
  return {
    gatehouse,
    tokens,
    async close() {
      await gatehouse.close();
      await rm(folder, { recursive: true });
    },
  };
}

const machine = `${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node.js ${process.version}, ${process.platform}`;
const doorOnly = process.argv[2] === 'door';
const lines: Line[] = [];
if (!doorOnly) lines.push(...(await startAndMemory()));
const few = await instance(100);
const many = await instance(100_000);
const listed = await instance(100, { ALLOWED_IPS: TEN_NETWORKS });
const door = await verifyDoor({ few, many, listed });
lines.push(...door.lines);
const costs = steps(many);
await listed.close();
if (!doorOnly) {
  lines.push(lookUp(few, many), await guardedRoute(many.gatehouse, many.tokens[0] ?? ''));
  const tenThousand = await instance(10_000);
  lines.push(...(await create(tenThousand.gatehouse, 10_000, { loopMs: 5, answerMs: 20 })));
  await tenThousand.close();
  lines.push(...(await create(many.gatehouse, 100_000, { loopMs: 25, answerMs: 150 })));
}
await Promise.all([few.close(), many.close()]);

process.stdout.write(`${machine}\n\n${printTable(lines)}\n\n${costs}\n\n${door.remarks.join('\n')}\n`);
await writeFile('bench-results.json', `${JSON.stringify({ machine, at: new Date().toISOString(), lines }, null, 2)}\n`);
process.exitCode = lines.some(({ measured, hold }) => measured > hold) ? 1 : 0;
