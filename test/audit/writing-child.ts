/** Run by tests as a process of its own: opens the log in a folder and writes until it is killed or meets a full disk. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { openAudit } from '../../src/audit/audit.ts';
import { createLogger } from '../../src/kernel/logger.ts';
import { openSeal } from '../../src/seal/instance-key.ts';
import { claimDataFolder } from '../../src/store/data-folder.ts';
import { outcome } from './log.ts';

const [path = '', mode] = process.argv.slice(2);
const clock = { nowMs: () => Date.now() };
const log = createLogger('error');
const folder = await claimDataFolder({ path, socket: 'off', clock, log });
const { seal } = await openSeal({ folder, masterKey: Buffer.alloc(32, 1), clock, log });
const audit = await openAudit({ folder, seal, clock, log, maxBytes: 100_000_000 });
const say = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`);

if (mode === 'full-disk') {
  // The size limit of the process stands in for the disk: a write over it stops half-way, then fails.
  process.on('SIGXFSZ', () => undefined);
  const file = () => stat(join(folder.statePath, 'audit', `${new Date().toISOString().slice(0, 7)}.jsonl`));
  const big = { a: 'x'.repeat(500), l: Array.from({ length: 14 }, () => 'y'.repeat(500)) };
  await audit.record({ action: 'before', actor: 'a' });
  const before = (await file()).size;
  const tries = Array.from({ length: 128 }, () => outcome(audit.record({ action: 'big', actor: 'a', detail: big })));
  const outcomes = await Promise.all(tries);
  const failed = { outcomes: [...new Set(outcomes)], before, after: (await file()).size, writable: audit.writable };
  const small = await outcome(audit.record({ action: 'small', actor: 'a' }));
  say({ ...failed, small, writableAgain: audit.writable, verified: (await audit.verify()).ok });
  await audit.close();
  await folder.release();
} else {
  const write = async (name: string): Promise<void> => {
    for (let number = 1; ; number += 1) {
      await audit.record({ action: 'child.line', actor: 'a', detail: { id: `${process.pid}-${name}-${number}` } });
      say(`${process.pid}-${name}-${number}`);
    }
  };
  await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map(write));
}
