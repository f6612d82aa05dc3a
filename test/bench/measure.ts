import { writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { stopSending } from './cpu.js';
import { create } from './create.js';
import { guardedRoute } from './guarded-route.js';
import { instance } from './instance.js';
import { lookUp } from './look-up.js';
import { startAndMemory } from './process.js';
import { type Line, printTable } from './statistics.js';
import { steps } from './steps.js';
import { verifyDoor } from './verify-door.js';

// Every number that docs/performance.md promises, measured here and now. `measure.js door` measures the door for proxies
// alone. Exit 1 when a promise is missed.

const machine = `${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node.js ${process.version}, ${process.platform}`;
const doorOnly = process.argv[2] === 'door';
const lines: Line[] = [];
if (!doorOnly) lines.push(...(await startAndMemory()));
const door = await verifyDoor();
lines.push(...door.lines);
const few = await instance(100);
const many = await instance(100_000);
const costs = steps(many);
if (!doorOnly) {
  lines.push(lookUp(few, many), await guardedRoute(many.gatehouse, many.tokens[0] ?? ''));
  const tenThousand = await instance(10_000);
  lines.push(...(await create(tenThousand.gatehouse, 10_000, { loopMs: 5, answerMs: 20 })));
  await tenThousand.close();
  lines.push(...(await create(many.gatehouse, 100_000, { loopMs: 25, answerMs: 150 })));
}
await Promise.all([few.close(), many.close()]);
stopSending();

process.stdout.write(`${machine}\n\n${printTable(lines)}\n\n${costs}\n\n${door.remarks.join('\n')}\n`);
await writeFile('bench-results.json', `${JSON.stringify({ machine, at: new Date().toISOString(), lines }, null, 2)}\n`);
process.exitCode = lines.some(({ measured, hold }) => measured > hold) ? 1 : 0;
