import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { claimDataFolder, type DataFolder } from '../../src/store/data-folder.js';
import { Usage } from '../../src/usage/usage.js';
import { HOUR, TestClock } from '../support/clock.js';
import { capturingLogger } from '../support/logs.js';
import { temporaryFolder } from '../support/workspace.js';

/** Usage on a real folder, which can be closed and opened again. */
class Opened implements AsyncDisposable {
  readonly clock = new TestClock();
  readonly logger = capturingLogger();
  readonly #temporary: Awaited<ReturnType<typeof temporaryFolder>>;
  #folder!: DataFolder;
  usage!: Usage;

  private constructor(temporary: Awaited<ReturnType<typeof temporaryFolder>>) {
    this.#temporary = temporary;
  }

  static async start(flushEveryMs?: number): Promise<Opened> {
    const opened = new Opened(await temporaryFolder());
    await opened.#open(flushEveryMs);
    return opened;
  }

  async #open(flushEveryMs?: number): Promise<void> {
    const { clock } = this;
    const { log } = this.logger;
    this.#folder = await claimDataFolder({ path: this.#temporary.path, socket: 'off', clock, log });
    const every = flushEveryMs === undefined ? {} : { flushEveryMs };
    this.usage = await Usage.open({ folder: this.#folder, clock, log, ...every });
  }

  get file(): string {
    return join(this.#temporary.path, '.gatehouse', 'usage.json');
  }

  get now(): number {
    return this.clock.nowMs();
  }

  /** Counts once for `counter` in a window of an hour. */
  count(counter: string, lengthMs = HOUR): number {
    const window = this.usage.window(counter, lengthMs, this.now);
    window.count += 1;
    return window.count;
  }

  async restart(): Promise<void> {
    await this.#close();
    await this.#open();
  }

  /** What a process that is killed would leave: nothing is flushed. */
  async text(): Promise<string> {
    return readFile(this.file, 'utf8').catch(() => '');
  }

  async #close(): Promise<void> {
    await this.usage.close();
    await this.#folder.release();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
    await this.#temporary[Symbol.asyncDispose]();
  }
}

describe('last uses and counts', () => {
  test('G4: survive a restart', async () => {
    await using it = await Opened.start();
    it.usage.touch('sha256:a', it.now, '203.0.113.1');
    it.count('c:key_one');
    it.count('c:key_one');
    await it.restart();
    expect(it.usage.lastUse('sha256:a')).toEqual({ atMs: it.now, address: '203.0.113.1' });
    expect(it.usage.peek('c:key_one')).toEqual({ startMs: it.now, count: 2, lengthMs: HOUR });
    expect(it.count('c:key_one')).toBe(3);
  });

  test('are in memory at once and on disk only when they are flushed', async () => {
    await using it = await Opened.start();
    it.usage.touch('sha256:a', it.now, '203.0.113.1');
    expect(await it.text()).not.toContain('sha256:a');
    await it.usage.flush();
    expect(await it.text()).toContain('sha256:a');
    expect((await stat(it.file)).mode & 0o777).toBe(0o600);
  });

  test('are flushed by themselves', async () => {
    await using it = await Opened.start(20);
    it.usage.touch('sha256:a', it.now, '203.0.113.1');
    await expect.poll(() => it.text(), { timeout: 2000 }).toContain('sha256:a');
  });

  test('are not written when nothing changed', async () => {
    await using it = await Opened.start();
    it.usage.touch('sha256:a', it.now, '203.0.113.1');
    it.count('c:key_one');
    await it.usage.flush();
    const before = await stat(it.file, { bigint: true });
    await it.usage.flush();
    const after = await stat(it.file, { bigint: true });
    expect([after.ino, after.mtimeNs]).toEqual([before.ino, before.mtimeNs]);
  });

  test('of a secret that is gone for good are forgotten, on disk too', async () => {
    await using it = await Opened.start();
    it.usage.touch('sha256:a', it.now, '203.0.113.1');
    it.usage.touch('sha256:b', it.now, '203.0.113.1');
    await it.usage.flush();
    it.usage.forget(['sha256:a', 'sha256:never']);
    await it.usage.flush();
    expect(it.usage.lastUse('sha256:a')).toBeUndefined();
    expect(await it.text()).not.toContain('sha256:a');
    expect(await it.text()).toContain('sha256:b');
  });

  test('peeking makes no window', async () => {
    await using it = await Opened.start();
    expect(it.usage.peek('c:nobody')).toBeUndefined();
    expect(it.usage.peek('c:nobody')).toBeUndefined();
  });
});

describe('windows', () => {
  test('that have ended are dropped from memory and disk', async () => {
    await using it = await Opened.start();
    it.count('c:short', 1000);
    it.count('c:long');
    await it.usage.flush();
    it.clock.advance(1000);
    await it.usage.flush();
    expect(it.usage.peek('c:short')).toBeUndefined();
    expect(await it.text()).not.toContain('c:short');
    expect(it.usage.peek('c:long')?.count).toBe(1);
  });

  test('that have ended are not restored as new ones', async () => {
    await using it = await Opened.start();
    it.count('c:key_one', 1000);
    await it.restart();
    it.clock.advance(5000);
    await it.usage.flush();
    expect(it.usage.peek('c:key_one')).toBeUndefined();
  });

  test('of another length keep what was counted', async () => {
    await using it = await Opened.start();
    const startMs = it.now;
    it.count('c:key_one', 1000);
    it.clock.advance(10);
    expect(it.usage.window('c:key_one', HOUR, it.now)).toEqual({ startMs, count: 1, lengthMs: HOUR });
  });

  test('take bounded memory: beyond 100,000 the oldest go', async () => {
    await using it = await Opened.start();
    for (let n = 0; n < 120_000; n += 1) it.count(`c:${n}`);
    const kept = Array.from({ length: 120_000 }, (_, n) => it.usage.peek(`c:${n}`)).filter(
      (window) => window !== undefined,
    );
    expect(kept.length).toBeLessThanOrEqual(100_000);
    expect(kept.length).toBeGreaterThan(80_000);
    expect(it.usage.peek('c:0')).toBeUndefined();
    expect(it.usage.peek('c:119999')).toBeDefined();
    it.clock.advance(HOUR);
    await it.usage.flush();
  });
});

test('G4: a flood from many addresses does not hand a key a fresh allowance', async () => {
  await using it = await Opened.start();
  it.count('c:key_one');
  for (let n = 0; n < 120_000; n += 1) it.count(`c:${n}`);
  expect(it.usage.peek('c:key_one')).toMatchObject({ count: 1 });
  it.clock.advance(HOUR);
  await it.usage.flush();
});

describe('a flush that fails', () => {
  test('is told in the log, harms nobody, and what it held is saved by the next one', async () => {
    await using it = await Opened.start();
    it.usage.touch('sha256:a', it.now, '203.0.113.1');
    await it.usage.flush();
    const good = await it.text();
    await writeFile(it.file, good.slice(0, -5));
    it.usage.touch('sha256:b', it.now, '203.0.113.2');
    it.count('c:key_one');
    await it.usage.flush();
    expect(it.logger.text()).toContain('usage was not saved');
    expect(it.usage.lastUse('sha256:b')).toBeDefined();
    expect(it.count('c:key_one')).toBe(2);
    expect(await it.text()).not.toContain('sha256:b');
    await writeFile(it.file, good);
    await it.usage.flush();
    expect(await it.text()).toContain('sha256:b');
    await it.restart();
    expect(it.usage.lastUse('sha256:b')).toEqual({ atMs: it.now, address: '203.0.113.2' });
    expect(it.usage.peek('c:key_one')?.count).toBe(2);
  });
});
