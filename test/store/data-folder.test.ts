import { chmod, mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { systemClock } from '../../src/kernel/clock.js';
import { claimDataFolder, isOwnerAlive, readLock } from '../../src/store/data-folder.js';
import { askSocket } from '../../src/store/sockets.js';
import { capturingLogger } from '../support/logs.js';
import {
  claim,
  eventually,
  openNotes,
  quietLog,
  startChild,
  strayFiles,
  temporaryFolder,
} from '../support/store-kit.js';

const elapsed = async (work: () => Promise<unknown>) => {
  const sinceMs = performance.now();
  await work();
  return performance.now() - sinceMs;
};

const attempt = (path: string, staleAfterMs = 15_000) =>
  claimDataFolder({ path, socket: 'off', clock: systemClock, log: quietLog, staleAfterMs });

/** Changes what the lock says without touching its heartbeat or inode. */
async function rewriteLock(path: string, change: (facts: Record<string, unknown>) => object): Promise<void> {
  const file = join(path, '.gatehouse/lock');
  const { mtime } = await stat(file);
  await writeFile(file, JSON.stringify(change(JSON.parse(await readFile(file, 'utf8')))));
  await utimes(file, mtime, mtime);
}

describe('a claimed folder', () => {
  test('says who owns it, on the socket and in the lock, and leaves nothing when it is let go', async () => {
    const path = join(await temporaryFolder(), 'new/workspaces');
    const folder = await claim(path, { socket: undefined });
    expect((await stat(folder.statePath)).mode & 0o777).toBe(0o700);
    const facts = await readLock(path);
    expect(facts).toMatchObject({
      ownerId: folder.ownerId,
      ownerSocket: join(path, '.gatehouse/owner.sock'),
      commandSocket: join(path, '.gatehouse/gatehouse.sock'),
      pid: process.pid,
    });
    expect(folder.commandSocketPath).toBe(facts?.commandSocket);
    expect((await stat(facts!.ownerSocket)).mode & 0o777).toBe(0o600);
    expect(await askSocket(facts!.ownerSocket, 500)).toEqual({ kind: 'answered', text: folder.ownerId });
    expect(await isOwnerAlive(facts!)).toBe(true);
    await folder.assertOwned();
    await folder.release();
    expect(await readdir(folder.statePath)).toEqual([]);
    expect(await readLock(path)).toBeNull();
    await expect(folder.assertOwned()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(await isOwnerAlive(facts!)).toBe(false);
    await (await attempt(path)).release();
  });

  test('is refused to a second process within a second, with what to do', async () => {
    const { path } = await claim(await temporaryFolder());
    const tookMs = await elapsed(() =>
      expect(attempt(path)).rejects.toMatchObject({ code: 'CONFLICT', detail: expect.stringContaining(path) }),
    );
    expect(tookMs).toBeLessThan(1000);
    expect((await readdir(join(path, '.gatehouse'))).sort()).toEqual(['lock', 'owner.sock']);
  });

  test('has no lock to read before it is claimed', async () => {
    expect(await readLock(await temporaryFolder())).toBeNull();
  });

  test('stale temporary files of ours are removed, other files are not', async () => {
    const path = await temporaryFolder();
    await mkdir(join(path, '.gatehouse/jobs'), { recursive: true });
    const stray = '.api-keys.json.0123456789abcdef.gatehouse-tmp';
    for (const folder of ['', '.gatehouse', '.gatehouse/jobs']) await writeFile(join(path, folder, stray), '');
    await writeFile(join(path, '.api-keys.json.tmp'), '');
    await claim(path);
    expect(await strayFiles(path)).toEqual([]);
    expect(await readdir(path)).toContain('.api-keys.json.tmp');
  });

  test('that cannot be made or written names the exact remedy', async () => {
    const parent = await temporaryFolder();
    const path = join(parent, 'file');
    await writeFile(path, '');
    await expect(attempt(path)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      detail: expect.stringMatching(`volume.*chown -R ${process.getuid?.()}:${process.getgid?.()} ${path}`),
    });
    await expect(attempt(join(path, 'below'))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });

  test.skipIf(process.platform !== 'linux')('where no folder can be made is refused, at once', async () => {
    for (const path of ['/proc/gatehouse', '/proc/gatehouse/below'])
      await expect(attempt(path)).rejects.toMatchObject({
        code: 'STORE_UNAVAILABLE',
        detail: expect.stringContaining(`The data folder ${path} cannot be made or written (ENOENT)`),
      });
    // With those above it, as before.
    const deep = join(await temporaryFolder(), 'a', 'b');
    await claim(deep);
    expect(await readdir(deep)).toEqual(['.gatehouse']);
  });

  test('whose state folder is a symbolic link is refused', async () => {
    const path = await temporaryFolder();
    await symlink(await temporaryFolder(), join(path, '.gatehouse'));
    await expect(attempt(path)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });

  test('with a state folder open to others is closed to them', async () => {
    const path = await temporaryFolder();
    await mkdir(join(path, '.gatehouse'));
    await chmod(join(path, '.gatehouse'), 0o755);
    const { statePath } = await claim(path);
    expect((await stat(statePath)).mode & 0o777).toBe(0o700);
  });
});

describe('an owner that died', () => {
  test('R1: by SIGKILL is replaced at once, its socket and all', async () => {
    const path = await temporaryFolder();
    const child = startChild('hold', path);
    const ownerId = (await child.line('owner ')).slice(6);
    child.kill('SIGKILL');
    await child.ended;
    expect((await readLock(path))?.ownerId).toBe(ownerId);
    expect(await elapsed(() => claim(path))).toBeLessThan(1000);
    const facts = await readLock(path);
    expect(facts?.ownerId).not.toBe(ownerId);
    expect(await isOwnerAlive(facts!)).toBe(true);
  });

  test('on another kernel is replaced only after its heartbeat is stale', async () => {
    const path = await temporaryFolder();
    const child = startChild('hold', path);
    await child.line('owner ');
    child.kill('SIGKILL');
    await child.ended;
    await rewriteLock(path, (facts) => ({ ...facts, bootId: 'of another machine' }));
    expect(await elapsed(() => claim(path, { staleAfterMs: 1500 }))).toBeGreaterThan(700);
  });

  test.each(['{"ownerId":"own_', '{}'])(
    'leaving %s for a lock is replaced only after its heartbeat is stale, and the wait is told',
    async (torn) => {
      const path = await temporaryFolder();
      await mkdir(join(path, '.gatehouse'), { recursive: true });
      await writeFile(join(path, '.gatehouse/lock'), torn);
      expect(await readLock(path)).toBeNull();
      const { log, text } = capturingLogger();
      const tookMs = await elapsed(() => claim(path, { staleAfterMs: 1000, log }));
      expect(tookMs).toBeGreaterThan(800);
      expect(tookMs).toBeLessThan(2500);
      expect(text().match(/the data folder is locked/g)).toHaveLength(1);
      expect(text()).toContain(join(path, '.gatehouse/lock'));
    },
  );

  test('in the middle of taking the folder holds nobody up for longer than that', async () => {
    const path = await temporaryFolder();
    const child = startChild('hold', path);
    await child.line('owner ');
    child.kill('SIGKILL');
    await child.ended;
    await writeFile(join(path, '.gatehouse/lock.takeover'), '');
    expect(await elapsed(() => claim(path, { staleAfterMs: 1000 }))).toBeLessThan(2500);
    expect(await readdir(join(path, '.gatehouse'))).not.toContain('lock.takeover');
  });
});

describe('an owner that is frozen', () => {
  test('is not replaced before its heartbeat is stale, and then learns of it before it writes', async () => {
    const path = await temporaryFolder();
    const child = startChild('write', path, 'frozen');
    await child.line('saved ');
    child.kill('SIGSTOP');
    const tookMs = await elapsed(() => claim(path, { staleAfterMs: 2000 }));
    expect(tookMs).toBeGreaterThan(1500);
    const before = await stat(join(path, 'notes.json'));
    child.kill('SIGCONT');
    expect(await child.line('refused ')).toBe('refused STORE_UNAVAILABLE');
    expect((await stat(join(path, 'notes.json'))).ino).toBe(before.ino);
  });

  test('and wakes in time keeps the folder', async () => {
    const path = await temporaryFolder();
    const child = startChild('hold', path);
    await child.line('owner ');
    child.kill('SIGSTOP');
    const refused = expect(attempt(path, 4000)).rejects.toMatchObject({ code: 'CONFLICT' });
    await new Promise((resolve) => setTimeout(resolve, 800));
    child.kill('SIGCONT');
    await refused;
  });
});

describe('an owner whose folder was taken', () => {
  test('is told, refuses changes, and removes nothing of the new owner', async () => {
    const path = await temporaryFolder();
    const old = await claim(path, { heartbeatMs: 20 });
    const notes = await openNotes(old);
    const listener = vi.fn();
    old.onLost(listener);
    await rm(join(path, '.gatehouse/lock'));
    const next = await claim(path, { heartbeatMs: 100_000 });
    await eventually(() => old.lost, 2000);
    expect(listener).toHaveBeenCalledOnce();
    await expect(old.assertOwned()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await expect(notes.change((draft) => draft.put({ id: 'a', text: '' }))).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
    expect(notes.fault).toContain('another process');
    await old.release();
    await next.assertOwned();
    expect(await isOwnerAlive((await readLock(path))!)).toBe(true);
  });

  test('learns of it at its next change, before any heartbeat', async () => {
    const path = await temporaryFolder();
    const old = await claim(path, { heartbeatMs: 100_000 });
    const notes = await openNotes(old);
    await rm(join(path, '.gatehouse/lock'));
    await claim(path);
    await expect(notes.change((draft) => draft.put({ id: 'a', text: '' }))).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
    expect(await strayFiles(path)).toEqual([]);
    expect(await readdir(path)).not.toContain('notes.json');
  });
});

describe('takers at the same time', () => {
  test('of a free folder: one wins, the others are refused', async () => {
    for (let round = 0; round < 5; round += 1) {
      const path = await temporaryFolder();
      const outcomes = await Promise.allSettled(Array.from({ length: 6 }, () => attempt(path)));
      const winners = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'CONFLICT' });
      }
      expect(winners).toHaveLength(1);
      expect((await readLock(path))?.ownerId).toBe(winners[0]?.ownerId);
      await winners[0]?.assertOwned();
      await winners[0]?.release();
      expect(await readdir(join(path, '.gatehouse'))).toEqual([]);
    }
  });

  test('of a dead owner: one of several processes wins', async () => {
    const path = await temporaryFolder();
    const dead = startChild('hold', path);
    await dead.line('owner ');
    dead.kill('SIGKILL');
    await dead.ended;
    const takers = Array.from({ length: 4 }, () => startChild('hold', path));
    const words = await Promise.all(
      takers.map((taker) => Promise.race([taker.line('owner '), taker.line('refused ')])),
    );
    expect(words.filter((word) => word.startsWith('owner '))).toHaveLength(1);
    expect(words.filter((word) => word === 'refused CONFLICT')).toHaveLength(3);
    expect(`owner ${(await readLock(path))?.ownerId}`).toBe(words.find((word) => word.startsWith('owner ')));
  });
});

describe('sockets', () => {
  test('of a folder with a long path go to a fresh folder of ours, and the lock says where', async () => {
    const path = join(await temporaryFolder(), 'x'.repeat(120));
    const folder = await claim(path, { socket: undefined });
    const facts = await readLock(path);
    expect(Buffer.byteLength(facts!.ownerSocket)).toBeLessThanOrEqual(100);
    expect(facts?.commandSocket).toBe(folder.commandSocketPath);
    expect((await stat(join(facts!.ownerSocket, '..'))).mode & 0o777).toBe(0o700);
    expect(await isOwnerAlive(facts!)).toBe(true);
    await expect(attempt(path)).rejects.toMatchObject({ code: 'CONFLICT' });
    await folder.release();
    await expect(stat(join(facts!.ownerSocket, '..'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('of an owner whose own temporary folder cannot be seen prove nothing', async () => {
    const path = join(await temporaryFolder(), 'x'.repeat(120));
    const child = startChild('hold', path);
    await child.line('owner ');
    const sockets = dirname((await readLock(path))!.ownerSocket);
    onTestFinished(() => rm(sockets, { recursive: true, force: true }));
    // As from another container: same kernel, the lock in sight, the socket not. Its heartbeat goes on.
    await rewriteLock(path, (facts) => ({ ...facts, ownerSocket: '/tmp/gatehouse-unseen/owner.sock' }));
    await expect(attempt(path, 3000)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test('inside the folder are found under whatever path the folder is seen', async () => {
    const path = await temporaryFolder();
    await claim(path);
    const elsewhere = join(await temporaryFolder(), 'mount');
    await symlink(path, elsewhere);
    await expect(attempt(elsewhere)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect((await readLock(elsewhere))?.ownerSocket).toBe(join(elsewhere, '.gatehouse/owner.sock'));
  });

  test('for commands: off is null without a fault', async () => {
    const folder = await claim(await temporaryFolder(), { socket: 'off' });
    expect(folder).toMatchObject({ commandSocketPath: null, commandSocketFault: null });
  });

  test('for commands: a stale one is removed, a missing folder is made 0700', async () => {
    const path = await temporaryFolder();
    const first = await claim(path, { socket: join(path, 'run/gatehouse.sock') });
    expect(first.commandSocketPath).toBe(join(path, 'run/gatehouse.sock'));
    expect((await stat(join(path, 'run'))).mode & 0o777).toBe(0o700);
    await first.release();
    const dead = startChild('hold', await temporaryFolder());
    const deadPath = (await dead.line('at ')).slice(3);
    dead.kill('SIGKILL');
    await dead.ended;
    const stale = join(deadPath, '.gatehouse/owner.sock');
    expect((await stat(stale)).isSocket()).toBe(true);
    const second = await claim(path, { socket: stale });
    expect(second.commandSocketPath).toBe(stale);
    await expect(stat(stale)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('for commands: one that somebody listens on is a fault, and is left alone', async () => {
    const path = await temporaryFolder();
    const socket = join(await temporaryFolder(), 'gatehouse.sock');
    const server = createServer((connection) => connection.on('error', () => {}).end('other')).listen(socket);
    onTestFinished(() => void server.close());
    await eventually(() => server.listening, 1000);
    const folder = await claim(path, { socket });
    expect(folder.commandSocketPath).toBeNull();
    expect(folder.commandSocketFault).toContain('another process listens');
    expect(await askSocket(socket, 500)).toEqual({ kind: 'answered', text: 'other' });
  });

  test('for commands: a folder that cannot be written is a fault with the remedy, and the claim goes on', async () => {
    const blocked = join(await temporaryFolder(), 'file');
    await writeFile(blocked, '');
    const folder = await claim(await temporaryFolder(), { socket: join(blocked, 'gatehouse.sock') });
    expect(folder.commandSocketPath).toBeNull();
    expect(folder.commandSocketFault).toContain('--tmpfs /run/gatehouse');
    expect((await readLock(folder.path))?.commandSocket).toBeNull();
  });
});
