import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Clock } from '../../src/kernel/clock.ts';
import type { LogFields, Logger } from '../../src/kernel/logger.ts';
import { claimDataFolder, type DataFolder } from '../../src/store/data-folder.ts';

/** A clock that stands still until `ms` is moved. */
export class TestClock implements Clock {
  ms = Date.parse('2026-11-22T10:00:00Z');

  nowMs(): number {
    return this.ms;
  }
}

export interface LogEntry {
  level: string;
  message: string;
  fields: LogFields;
}

/** A log that is kept for reading. */
export function testLog(): Logger & { entries: LogEntry[] } {
  const entries: LogEntry[] = [];
  const at =
    (level: string) =>
    (message: string, fields: LogFields = {}): void => {
      entries.push({ level, message, fields });
    };
  return { entries, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** A data folder of this test's own, owned by it, and removed afterwards. */
export async function tempFolder(): Promise<DataFolder> {
  const path = await mkdtemp(join(tmpdir(), 'gatehouse-seal-'));
  const folder = await claimDataFolder({ path, socket: 'off', clock: new TestClock(), log: testLog() });
  onTestFinished(async () => {
    await folder.release();
    await rm(path, { recursive: true, force: true });
  });
  return folder;
}
