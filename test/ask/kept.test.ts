import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { decodeFile, decodeShard, encodeFile, encodeShard } from '../../src/ask/shard-codec.js';
import { type Desk, openDesk } from './desk.js';

let desk: Desk;
let folder: string;
beforeEach(async () => {
  desk = await openDesk();
  folder = path.join(desk.outside, 'state', 'index');
  await reopen();
});
afterEach(() => desk.close());

/** The program ends and starts again, on the same folders. */
async function reopen(more: Parameters<typeof openDesk>[0] = {}): Promise<void> {
  await desk.room.close();
  desk = await openDesk({ outside: desk.outside, folder, ...more });
}

/** What the last scans took from disk and what they read. */
function counts(): { kept: number; read: number }[] {
  return desk.logged
    .filter(({ message }) => message === 'ask: index up to date')
    .map(({ fields }) => ({ kept: Number(fields?.['kept']), read: Number(fields?.['read']) }));
}

function shards(workspace = 'w'): string[] {
  return readdirSync(path.join(folder, workspace)).map((name) => path.join(folder, workspace, name));
}

/** Everything that is kept, unpacked. */
function keptText(): string {
  return shards()
    .flatMap((file) => decodeShard(readFileSync(file)) ?? [])
    .map(
      (record) =>
        record.toString('latin1') +
        JSON.stringify(decodeFile(record), (_key, value) => (value instanceof Map ? [...value] : value)),
    )
    .join('\n');
}

const QUESTIONS = ['penguin 7', 'walrus', 'who swims', 'nothing of the sort'];
const answers = async () => {
  const all = [];
  for (const question of QUESTIONS) all.push((await desk.ask(question)).citations);
  return all;
};

async function writeColony(files = 200): Promise<void> {
  for (let at = 0; at < files; at++) {
    await desk.write(`f${at}.md`, `# Penguin ${at}\n\n${at % 3 === 0 ? 'Swims with the walrus.' : 'Stays ashore.'}\n`);
  }
}

test('after a start nothing is read again that has not changed, and the answers are the same', async () => {
  await writeColony();
  const before = await answers();
  expect(counts()).toEqual([{ kept: 0, read: 200 }]);
  await reopen();
  expect(await answers()).toEqual(before);
  expect(counts()).toEqual([{ kept: 200, read: 0 }]);
  expect(desk.room.indexOf('w')).toMatchObject({ state: 'ready', filesDone: 200, storedBytes: expect.any(Number) });
});

test('what changed, came or went while it was down is seen by the next start', async () => {
  await writeColony();
  await desk.ask('penguin');
  await desk.room.close();
  await desk.write('f3.md', '# Ostrich\n');
  await desk.write('new.md', '# Kiwi\n');
  await rm(desk.pathOf('f5.md'));
  await reopen();
  expect((await desk.ask('ostrich')).citations[0]?.path).toBe('f3.md');
  expect((await desk.ask('kiwi')).citations[0]?.path).toBe('new.md');
  expect(JSON.stringify(await desk.ask('penguin 5'))).not.toContain('f5.md');
  expect(counts()[0]).toEqual({ kept: 198, read: 2 });
});

test('a changed file rewrites one shard', async () => {
  await writeColony();
  await desk.ask('penguin');
  const before = new Map(shards().map((file) => [file, statSync(file).ino]));
  expect(before.size).toBeGreaterThan(3);
  await desk.write('f100.md', '# Ostrich\n');
  desk.moveClock(2000);
  expect((await desk.ask('ostrich')).citations).toHaveLength(1);
  const rewritten = shards().filter((file) => before.get(file) !== statSync(file).ino);
  expect(rewritten).toHaveLength(1);
});

describe('a shard that is broken is thrown away, and its files are read again', () => {
  const breakages: [string, (bytes: Buffer) => Buffer][] = [
    [
      'a flipped bit',
      (bytes) => Buffer.concat([bytes.subarray(0, 60), Buffer.from([(bytes[60] ?? 0) ^ 1]), bytes.subarray(61)]),
    ],
    ['the end is missing', (bytes) => bytes.subarray(0, bytes.length / 2)],
    ['empty', () => Buffer.alloc(0)],
    ['something else', () => randomBytes(500)],
    [
      'of another version',
      (bytes) => Buffer.concat([bytes.subarray(0, 6), Buffer.from([0xff, 0xff]), bytes.subarray(8)]),
    ],
  ];
  test.each(breakages)('%s', async (_name, damage) => {
    await writeColony();
    const before = await answers();
    await desk.room.close();
    const [first = ''] = shards();
    writeFileSync(first, damage(readFileSync(first)));
    await reopen();
    expect(await answers()).toEqual(before);
    expect(counts()[0]).toMatchObject({ kept: 200 - 64, read: 64 });
    await reopen();
    await desk.ask('penguin');
    expect(counts()).toEqual([{ kept: 200, read: 0 }]);
  });

  test('leftovers of a crash and strange names are removed', async () => {
    await writeColony(3);
    await desk.ask('penguin');
    await desk.room.close();
    writeFileSync(path.join(folder, 'w', 'abcdef.tmp'), 'half');
    writeFileSync(path.join(folder, 'w', 'notes.txt'), 'x');
    await reopen();
    await desk.ask('penguin');
    expect(shards().map((file) => path.basename(file))).toEqual(['0.shard']);
  });
});

test('Q4: nothing of a secret file is kept, nor of a file that became one', async () => {
  await desk.write('.env', 'TOKEN=zqxblorb\n');
  await desk.write('server.pem', 'zqxblorb\n');
  await desk.write('notes.md', '# Penguins zqxblorb\n');
  await desk.ask('penguins');
  expect(keptText()).toContain('zqxblorb');
  await desk.write('notes.md', '-----BEGIN PRIVATE KEY-----\nzqxblorb\n');
  desk.moveClock(2000);
  await desk.ask('penguins');
  expect(keptText()).not.toContain('zqxblorb');
  expect(keptText()).toContain('"leftOut":"secret"');
});

test('files are for the owner alone, and none of them is in the workspace', async () => {
  await writeColony(3);
  await desk.ask('penguin');
  expect(statSync(path.join(folder, 'w')).mode & 0o777).toBe(0o700);
  for (const file of shards()) expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(path.join(desk.root, 'w')).sort()).toEqual(['f0.md', 'f1.md', 'f2.md']);
});

test('where nothing can be written the index stays in memory and says so', async () => {
  await mkdir(path.dirname(folder), { recursive: true });
  await writeFile(path.join(desk.outside, 'blocked'), 'a file where a folder should be');
  await reopen({ folder: path.join(desk.outside, 'blocked') });
  await writeColony(20);
  expect((await desk.ask('penguin 7')).citations.length).toBeGreaterThan(0);
  const view = desk.room.indexOf('w');
  expect(view).toMatchObject({ state: 'ready', storedBytes: null });
  expect(view.detail).toContain('cannot be kept on disk');
  await desk.write('new.md', '# Kiwi\n');
  desk.moveClock(2000);
  expect((await desk.ask('kiwi')).citations).toHaveLength(1);
  expect(desk.logged.filter(({ message }) => message.includes('stays in memory'))).toHaveLength(1);
});

test('a workspace that is gone leaves nothing behind, whether it goes now or while it was down', async () => {
  await desk.write('a.md', '# Penguins\n');
  await desk.write('x:a.md', '# Penguins\n');
  await desk.write('y:a.md', '# Penguins\n');
  await desk.workspaces.refresh();
  for (const workspaceId of ['w', 'x', 'y']) await desk.ask('penguins', { workspaceId });
  expect(readdirSync(folder).sort()).toEqual(['w', 'x', 'y']);
  await rm(path.join(desk.root, 'x'), { recursive: true });
  desk.moveClock(2000);
  await expect(desk.ask('penguins', { workspaceId: 'x' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect.poll(() => readdirSync(folder).sort()).toEqual(['w', 'y']);
  await desk.room.close();
  await rm(path.join(desk.root, 'y'), { recursive: true });
  await reopen();
  desk.room.start();
  await expect.poll(() => readdirSync(folder)).toEqual(['w']);
});

test('a record is what went in, whatever is in it', () => {
  const stamp = { size: 2 ** 40 + 1, mtimeMs: 1234.5678, ctimeMs: -1, ino: 2 ** 52 };
  const passages = [
    { startLine: 1, endLine: 1, length: 0, weights: new Map<string, number>() },
    {
      startLine: 700_000,
      endLine: 700_040,
      length: 3,
      weights: new Map([
        ['b', 1],
        ['a', 255],
        ['näher', 300],
        ['😀', 2],
      ]),
    },
    {
      startLine: 3,
      endLine: 9,
      length: 70_000,
      weights: new Map([
        ['a', 1],
        ['c', 7],
        ['b', 2],
      ]),
    },
  ];
  const file = { path: 'ordner/ä b.ts', stamp, leftOut: null, passages };
  const records = [encodeFile(file), encodeFile({ ...file, leftOut: 'binary', passages: [] })];
  const [first, second] = (decodeShard(encodeShard(records)) ?? []).map(decodeFile);
  passages[1]?.weights.set('näher', 255);
  expect(first).toEqual(file);
  expect(second).toEqual({ ...file, leftOut: 'binary', passages: [] });
});
