import { rm } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Breather } from '../../src/ask/breather.js';
import { IndexContent } from '../../src/ask/index-content.js';
import { readPassages } from '../../src/ask/read-passages.js';
import { memoryHeld } from '../support/garbage.js';
import { type Desk, openDesk } from './desk.js';

let desk: Desk;
let folder: string;
beforeEach(async () => {
  desk = await openDesk();
  folder = path.join(desk.outside, 'index');
});
afterEach(() => desk.close());

async function reopen(more: Parameters<typeof openDesk>[0]): Promise<void> {
  await desk.room.close();
  desk = await openDesk({ outside: desk.outside, folder, ...more });
}

/** Prose of `words` different words, different for each seed. */
const prose = (seed: number, words: number) =>
  Array.from({ length: words }, (_, at) => `w${(seed * 7919 + at * 104729) % 50_000}x`).join('\n');

async function writeLibrary(workspace: string, files: number): Promise<void> {
  for (let at = 0; at < files; at++)
    await desk.write(`${workspace}:d/f${at}.md`, `# Penguin ${at}\n\n${prose(at, 800)}\n`);
  await desk.workspaces.refresh();
}

test('what an index says it takes is what the process takes', async () => {
  const taken = () => {
    const { heapUsed, external } = memoryHeld();
    return heapUsed + external;
  };
  const breather = new Breather();
  const fill = async (content: IndexContent, files: number) => {
    for (let at = 0; at < files; at++) {
      const text = prose(at, 3000);
      const passages = await readPassages(`d${at % 9}/f${at}.md`, text, breather);
      const stamp = { size: text.length, mtimeMs: at + 0.5, ctimeMs: at + 0.25, ino: at };
      content.add({ path: `d${at % 9}/f${at}.md`, stamp, leftOut: null, passages });
    }
  };
  // Whatever the code itself takes when it first runs.
  await fill(new IndexContent(), 20);
  const before = taken();
  const content = new IndexContent();
  await fill(content, 250);
  const really = taken() - before;
  expect(content.memoryBytes).toBeGreaterThan(4_000_000);
  expect(content.memoryBytes / really).toBeGreaterThan(0.8);
  expect(content.memoryBytes / really).toBeLessThan(1.25);
  for (const file of [...content.allPaths()]) content.forget(file);
  await content.terms.compact(breather);
  expect(content.memoryBytes).toBeLessThan(2_000_000);
}, 90_000);

test('a workspace that does not fit is refused by name, with what it needs and the setting, and is taken in once it is smaller', async () => {
  const rules = { include: [] as string[], exclude: [] as string[] };
  await reopen({ memoryBytes: 1_000_000, rulesOf: () => rules });
  await writeLibrary('w', 120);
  await desk.write('small/a.md', '# Walrus\n');
  const refusal = {
    code: 'INDEX_FULL',
    detail: expect.stringMatching(/workspace w needs about \d+ MB.*ASK_MEMORY_MB is 1\./),
  };
  await expect(desk.ask('penguin')).rejects.toMatchObject(refusal);
  expect(desk.room.indexOf('w')).toMatchObject({
    state: 'full',
    memoryBytes: 0,
    storedBytes: 0,
    detail: refusal.detail,
  });
  const needed = Number(/about (\d+) MB/.exec(desk.room.indexOf('w').detail ?? '')?.[1]);
  expect(needed).toBeGreaterThan(1);
  desk.moveClock(2000);
  await expect(desk.ask('penguin')).rejects.toMatchObject(refusal);
  rules.exclude = ['d/'];
  expect((await desk.ask('walrus')).citations[0]?.path).toBe('small/a.md');
  expect(desk.room.indexOf('w')).toMatchObject({
    state: 'ready',
    filesTotal: 1,
    skipped: { excluded: 1 },
    detail: null,
  });

  // With what it said it needs, it fits.
  rules.exclude = [];
  await reopen({ memoryBytes: needed * 1_000_000, rulesOf: () => rules });
  expect((await desk.ask('penguin 7')).citations.length).toBeGreaterThan(0);
});

test('an index gives way to one that is asked, and is loaded again from disk when its turn comes', async () => {
  for (const workspace of ['w', 'x', 'y']) await writeLibrary(workspace, 60);
  await reopen({ memoryBytes: 1e9 });
  await desk.ask('penguin');
  const { memoryBytes } = desk.room.indexOf('w');
  await reopen({ memoryBytes: memoryBytes * 2.5 });
  for (const workspaceId of ['w', 'x', 'w', 'y']) {
    await desk.ask('penguin 7', { workspaceId });
    desk.moveClock(10);
  }
  const held = () => ['w', 'x', 'y'].filter((id) => desk.room.indexOf(id).memoryBytes > 0);
  // `x` as a rule; `w` when a change of x's folder was looked into at that moment.
  expect(held()).toHaveLength(2);
  expect(held()).toContain('y');
  const gone = held().includes('w') ? 'x' : 'w';
  expect(desk.room.indexOf(gone)).toMatchObject({ state: 'ready', filesDone: 60 });
  desk.logged.length = 0;
  expect((await desk.ask('penguin 7', { workspaceId: gone })).citations.length).toBeGreaterThan(0);
  expect(held()).toHaveLength(2);
  expect(held()).toContain(gone);
  const loaded = desk.logged.filter(({ message }) => message === 'ask: index up to date').map(({ fields }) => fields);
  expect(loaded).toContainEqual(expect.objectContaining({ workspaceId: gone, kept: 60, read: 0 }));
});

test('two that are built at once and do not fit together are both answered, one after the other', async () => {
  for (const workspace of ['w', 'x']) await writeLibrary(workspace, 60);
  await desk.ask('penguin');
  const { memoryBytes } = desk.room.indexOf('w');
  await rm(folder, { recursive: true, force: true });
  await reopen({ memoryBytes: memoryBytes * 1.3 });
  const found = await Promise.all(['w', 'x'].map((workspaceId) => desk.ask('penguin 7', { workspaceId })));
  for (const { citations } of found) expect(citations.length).toBeGreaterThan(0);
});
