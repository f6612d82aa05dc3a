import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Audit, openAudit } from '../../src/audit/audit.ts';
import type { AuditLine } from '../../src/contract/audit.ts';
import { openSeal, type Seal } from '../../src/seal/instance-key.ts';
import type { DataFolder } from '../../src/store/data-folder.ts';
import { TestClock, tempFolder, testLog } from '../seal/folder.ts';

/** An audit log in a folder of its own that can be closed, harmed and opened again. */
export class TestAudit {
  readonly clock = new TestClock();
  readonly log = testLog();
  readonly folder: DataFolder;
  readonly key: Buffer;
  readonly maxBytes: number;
  audit!: Audit;

  constructor(folder: DataFolder, maxBytes: number) {
    this.folder = folder;
    this.maxBytes = maxBytes;
    this.key = Buffer.alloc(32, 1);
  }

  static async open(maxBytes = 1_000_000): Promise<TestAudit> {
    const made = new TestAudit(await tempFolder(), maxBytes);
    await made.start();
    return made;
  }

  get path(): string {
    return join(this.folder.statePath, 'audit');
  }

  async seal(locked = false): Promise<Seal> {
    const { folder, clock } = this;
    // Another MASTER_KEY than the recorded one: that is what locks a vault.
    const masterKey = locked ? Buffer.alloc(32, 2) : this.key;
    return (await openSeal({ folder, masterKey, clock, log: testLog() })).seal;
  }

  async start(options: { locked?: boolean } = {}): Promise<Audit> {
    const { folder, clock, log, maxBytes } = this;
    this.audit = await openAudit({ folder, seal: await this.seal(options.locked), clock, log, maxBytes });
    return this.audit;
  }

  async restart(options: { locked?: boolean } = {}): Promise<Audit> {
    await this.audit.close();
    return await this.start(options);
  }

  /** Records `count` lines `test.<name>` one after the other. */
  async fill(count: number, name = 'line'): Promise<void> {
    for (let number = 1; number <= count; number += 1) {
      this.clock.ms += 1000;
      await this.audit.record({ action: `test.${name}`, actor: 'local', detail: { number } });
    }
  }

  async parts(): Promise<string[]> {
    return (await readdir(this.path)).filter((name) => name.endsWith('.jsonl')).sort();
  }

  async text(part?: string): Promise<string> {
    const names = part === undefined ? await this.parts() : [part];
    return (await Promise.all(names.map((name) => readFile(join(this.path, name), 'utf8')))).join('');
  }

  async lines(): Promise<AuditLine[]> {
    const text = await this.text();
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  }
}

/** A promise settles: 'ok' or the error's code. */
export async function outcome(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'ok';
  } catch (error) {
    return String((error as { code?: string }).code);
  }
}
