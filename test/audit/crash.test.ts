import { spawn, spawnSync } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rename, rm, rmdir, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { claimDataFolder } from '../../src/store/data-folder.ts';
import { TestClock, testLog } from '../seal/folder.ts';
import { outcome, TestAudit } from './log.ts';

const PART = '2026-11.jsonl';
const CHILD = fileURLToPath(new URL('writing-child.ts', import.meta.url));

describe('a torn last line', () => {
  it.each([
    ['a beginning of a line', '{"seq":4,"at":"2026-11-22T10:0'],
    ['a single byte', '{'],
    ['NULs', '\0'.repeat(4096)],
  ])('R1: %s is cut at the next start, recorded, and the chain goes on', async (_name, torn) => {
    const log = await TestAudit.open();
    await log.fill(3);
    await log.audit.close();
    await appendFile(join(log.path, PART), torn);
    await log.start();
    await log.fill(1);
    const lines = await log.lines();
    expect(lines.map(({ seq, action }) => `${seq} ${action}`).slice(3)).toEqual(['4 audit.repaired', '5 test.line']);
    expect(lines[3]?.detail).toEqual({ part: PART, bytesCut: torn.length, lastSeq: 3 });
    expect(log.log.entries.some(({ level, message }) => level === 'warn' && message.includes('torn'))).toBe(true);
    expect(await log.audit.verify()).toMatchObject({ ok: true, lines: 5 });
  });

  it('R1: a whole line that a crash left unsaved in the head is kept, and no note is made', async () => {
    const log = await TestAudit.open();
    await log.fill(2);
    const head = await readFile(join(log.path, 'head.json'));
    await log.fill(2);
    await log.audit.close();
    await writeFile(join(log.path, 'head.json'), head);
    await log.start();
    await log.fill(1);
    expect((await log.lines()).map(({ action }) => action)).toEqual(Array(5).fill('test.line'));
    expect((await log.audit.verify()).ok).toBe(true);
  });

  it('R1: an empty part, as a crash between making and writing it leaves it, is written to', async () => {
    const log = await TestAudit.open();
    await log.fill(2);
    await log.audit.close();
    await writeFile(join(log.path, '2026-12.jsonl'), '');
    log.clock.ms = Date.parse('2026-12-02T00:00:00Z');
    await log.start();
    await log.fill(1);
    expect(await log.audit.verify()).toMatchObject({ ok: true, lines: 3 });
  });

  it('R1: a crash between saving the head and removing old parts is finished by the next start', async () => {
    const log = await TestAudit.open(30_000);
    await log.fill(30);
    const old = (await log.parts())[0] ?? '';
    const text = await log.text(old);
    while ((await log.parts()).includes(old)) await log.fill(10);
    await log.audit.close();
    await writeFile(join(log.path, old), text);
    await log.start();
    expect(await log.parts()).not.toContain(old);
    expect((await log.audit.verify()).ok).toBe(true);
  });
});

describe('kill -9', () => {
  /** Starts a child, kills it somewhere in its work, and answers what it said was on disk. */
  async function killedWriter(path: string, afterLines: number): Promise<string[]> {
    const child = spawn(process.execPath, ['--import', 'tsx', CHILD, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    const overdue = setTimeout(() => child.kill('SIGKILL'), 20_000);
    let said = '';
    await new Promise<void>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', () => resolve());
      child.stdout.on('data', (chunk) => {
        said += chunk;
        if (said.split('\n').length > afterLines) setTimeout(() => child.kill('SIGKILL'), Math.random() * 20);
      });
    });
    clearTimeout(overdue);
    // A last line without its line break was not said.
    const whole = said.split('\n').slice(0, -1);
    return whole.map((line) => JSON.parse(line));
  }

  async function fiveKills(path: string): Promise<void> {
    const acknowledged: string[] = [];
    for (let round = 1; round <= 5; round += 1) {
      const said = await killedWriter(path, Math.floor(Math.random() * 200));
      expect(said.length).toBeGreaterThan(0);
      acknowledged.push(...said);
    }
    const folder = await claimDataFolder({ path, socket: 'off', clock: new TestClock(), log: testLog() });
    const log = new TestAudit(folder, 100_000_000);
    const audit = await log.start();
    const written = new Set((await log.lines()).map(({ detail }) => detail['id']));
    expect(acknowledged.filter((id) => !written.has(id))).toEqual([]);
    expect(await audit.verify()).toMatchObject({ ok: true, fault: null });
    await audit.close();
    await folder.release();
  }

  it('R1: no acknowledged line is lost, and the log verifies (15 kills in 3 folders)', {
    timeout: 90_000,
  }, async () => {
    const folders = await Promise.all([1, 2, 3].map(() => mkdtemp(join(tmpdir(), 'gatehouse-kill-'))));
    onTestFinished(async () => {
      for (const path of folders) await rm(path, { recursive: true, force: true });
    });
    await Promise.all(folders.map(fiveKills));
  });
});

describe('a log that cannot be written', () => {
  it('R2: a full disk in the middle of a write leaves no half line, skips no number, and is over when there is room', async () => {
    const path = await mkdtemp(join(tmpdir(), 'gatehouse-full-'));
    onTestFinished(() => rm(path, { recursive: true, force: true }));
    // 600 KB; 128 lines of 7 KB do not fit.
    const script = `ulimit -f 600; exec "${process.execPath}" --import tsx "${CHILD}" "${path}" full-disk`;
    const { stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8', timeout: 25_000 });
    const told = JSON.parse(stdout || JSON.stringify({ stderr }));
    expect(told).toMatchObject({ outcomes: ['AUDIT_UNAVAILABLE'], writable: false, small: 'ok', writableAgain: true });
    expect(told.after).toBe(told.before);
    expect(told.verified).toBe(true);
    const [part = ''] = (await readdir(join(path, '.gatehouse/audit'))).filter((name) => name.endsWith('.jsonl'));
    const lines = (await readFile(join(path, '.gatehouse/audit', part), 'utf8')).split('\n').slice(0, -1);
    expect(lines.map((line) => JSON.parse(line)).map(({ seq, action }) => [seq, action])).toEqual([
      [1, 'before'],
      [2, 'small'],
    ]);
  });

  it('R2: while a part cannot be opened records are refused and refusals go on; later all is well again', async () => {
    const log = await TestAudit.open();
    await log.fill(2);
    const path = join(log.path, PART);
    await rename(path, `${path}.away`);
    await mkdir(path);
    for (let count = 0; count < 3; count += 1) {
      expect(await outcome(log.audit.record({ action: 'x', actor: 'a' }))).toBe('AUDIT_UNAVAILABLE');
    }
    expect(log.audit.writable).toBe(false);
    const refusal = { code: 'UNAUTHORIZED', reason: 'unknown key', actor: 'anonymous', address: '192.0.2.1' };
    expect(() => log.audit.refuse({ ...refusal, requestId: 'req_1', method: 'GET', route: '/x' })).not.toThrow();
    // Said once, not for each line.
    expect(log.log.entries.filter(({ message }) => message.includes('cannot be written'))).toHaveLength(1);
    await outcome(log.audit.record({ action: 'x', actor: 'a' }));
    await rmdir(path);
    await rename(`${path}.away`, path);
    await log.fill(1);
    expect(log.audit.writable).toBe(true);
    expect((await log.lines()).map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect((await log.audit.verify()).ok).toBe(true);
    await log.audit.close();
    // The refusal that did not reach the disk is told when one does.
    expect((await log.lines()).at(-1)).toMatchObject({ action: 'request.refusals', detail: { unwritten: 1 } });
  });

  it('R2: a log that cannot be opened at the start stops nothing and opens later', async () => {
    const log = await TestAudit.open();
    await log.fill(1);
    await log.audit.close();
    await rename(join(log.path, PART), join(log.path, 'away'));
    await mkdir(join(log.path, PART));
    const audit = await log.start();
    expect(audit.writable).toBe(false);
    expect(await outcome(audit.record({ action: 'x', actor: 'a' }))).toBe('AUDIT_UNAVAILABLE');
    expect(await outcome(audit.verify())).toBe('AUDIT_UNAVAILABLE');
    expect(await outcome(audit.list({ limit: 1 }))).toBe('AUDIT_UNAVAILABLE');
    await rmdir(join(log.path, PART));
    await rename(join(log.path, 'away'), join(log.path, PART));
    await log.fill(1);
    expect(await audit.verify()).toMatchObject({ ok: true, lines: 2 });
  });

  it('R2: a folder that another process has taken is not written to', async () => {
    const log = await TestAudit.open();
    await log.fill(1);
    const folder = { ...log.folder, assertOwned: () => Promise.reject(new Error('taken')) };
    const other = new TestAudit(folder, 1_000_000);
    await other.start();
    expect(await outcome(other.audit.record({ action: 'x', actor: 'a' }))).toBe('AUDIT_UNAVAILABLE');
    expect(await log.lines()).toHaveLength(1);
  });

  it('R2: a symbolic link in the place of a part is not written through', async () => {
    const log = await TestAudit.open();
    await log.fill(1);
    const victim = join(log.folder.path, 'victim');
    await writeFile(victim, 'untouched');
    await rm(join(log.path, PART));
    await symlink(victim, join(log.path, PART));
    expect(await outcome(log.audit.record({ action: 'x', actor: 'a' }))).toBe('AUDIT_UNAVAILABLE');
    expect(await readFile(victim, 'utf8')).toBe('untouched');
  });
});
