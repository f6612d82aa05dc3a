import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { longestHold } from '../support/thread-hold.js';
import { bundledWorker, type Desk, openDesk } from './desk.js';

let desk: Desk;
let folder: string;
beforeEach(async () => {
  desk = await openDesk();
  folder = path.join(desk.outside, 'index');
});
afterEach(() => desk.close());

async function reopen(more: Parameters<typeof openDesk>[0] = {}): Promise<void> {
  await desk.room.close();
  desk = await openDesk({ outside: desk.outside, folder, ...more });
}

test('the thread that runs from source answers as the bundled one', async () => {
  await desk.room.close();
  desk = await openDesk({ outside: desk.outside, worker: undefined });
  await desk.write('a.md', '# Penguins\n');
  expect((await desk.ask('penguins')).citations[0]?.path).toBe('a.md');
});

test('a thread that dies costs the questions under way a clear refusal, and is started again', async () => {
  // The real one, which also dies on command.
  const mortal = path.join(desk.outside, 'mortal.mjs');
  await writeFile(
    mortal,
    `import { parentPort } from 'node:worker_threads';
     await import(${JSON.stringify(bundledWorker.href)});
     parentPort.on('message', ({ request }) => request.question === 'die' && process.exit(7));`,
  );
  await desk.write('a.md', '# Penguins\n');
  await reopen({ worker: pathToFileURL(mortal) });
  expect((await desk.ask('penguins')).citations).toHaveLength(1);
  const lost = { code: 'UNAVAILABLE', detail: expect.stringContaining('has stopped working') };
  await expect(desk.ask('die')).rejects.toMatchObject({ ...lost, retryAfterSeconds: 1 });
  expect(desk.room.indexOf('w').state).toBe('pending');
  expect((await desk.ask('penguins')).citations).toHaveLength(1);
  expect(desk.logged.filter(({ message }) => message.includes('thread of the indexes'))).toHaveLength(1);

  // Once more so soon is no accident: it is not started over and over.
  await expect(desk.ask('die')).rejects.toMatchObject(lost);
  await expect(desk.ask('penguins')).rejects.toMatchObject({ ...lost, retryAfterSeconds: expect.any(Number) });
});

test('a thread that leaves by itself while it is told to stop is no accident, and nobody waits for it', async () => {
  // The real one, which is gone before it answers.
  const hasty = path.join(desk.outside, 'hasty.mjs');
  await writeFile(
    hasty,
    `import { parentPort } from 'node:worker_threads';
     await import(${JSON.stringify(bundledWorker.href)});
     parentPort.on('message', ({ request }) => request.kind === 'close' && process.exit(0));`,
  );
  await desk.write('a.md', '# Penguins\n');
  await reopen({ worker: pathToFileURL(hasty) });
  expect((await desk.ask('penguins')).citations).toHaveLength(1);
  const asked = desk.ask('penguins').catch((error) => error);
  await desk.room.close();
  await asked;
  expect(desk.logged.filter(({ message }) => message.includes('thread of the indexes'))).toEqual([]);
  await expect(desk.ask('penguins')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

test('nothing is started before it is needed, and nothing is left to close', async () => {
  expect(desk.room.indexOf('w').state).toBe('pending');
  await desk.room.close();
  await expect(desk.ask('penguins')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

test('files that change all the time while they are indexed are quoted as they are', async () => {
  for (let at = 0; at < 150; at++) await desk.write(`f${at}.md`, `# Penguin ${at}\n`.repeat(30));
  let stop = false;
  const writer = (async () => {
    for (let round = 0; !stop; round++) {
      writeFileSync(desk.pathOf(`f${round % 150}.md`), `${'\n'.repeat(round % 5)}# Penguin round${round}\n`);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  })();
  for (let at = 0; at < 5; at++) {
    desk.moveClock(2000);
    expect(await desk.ask(`penguin ${at}`)).toMatchObject({ model: null });
  }
  stop = true;
  await writer;
  desk.moveClock(2000);
  await desk.write('f7.md', '\n\n# Ostrich\n');
  expect((await desk.ask('ostrich')).citations).toEqual([
    expect.objectContaining({ path: 'f7.md', startLine: 3, text: '# Ostrich' }),
  ]);
});

test('killed at any instant while it builds and writes, the next start gives the same answers', async () => {
  const outdir = path.join(desk.outside, 'child');
  buildSync({
    entryPoints: [path.join(import.meta.dirname, 'index-child.ts')],
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    // Next to node_modules, where what stays outside is found.
    outfile: path.join(import.meta.dirname, '../../dist/test/index-child.mjs'),
  });
  const child = path.join(import.meta.dirname, '../../dist/test/index-child.mjs');
  for (let at = 0; at < 1500; at++)
    await desk.write(`d${at % 30}/f${at}.md`, `# Penguin ${at}\n\n${`word${at} `.repeat(60)}\n`);
  await reopen();
  const run = (killAfterMs: number | null) =>
    new Promise<string>((resolve) => {
      const { stdout, ...running } = spawn(
        process.execPath,
        [child, desk.root, `${folder}-killed`, fileURLToPath(bundledWorker)],
        {
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      );
      let text = '';
      stdout.on('data', (piece) => {
        text += piece;
        // From the first sign of life on, so that every kill falls into the work.
        if (killAfterMs !== null && text.includes('started'))
          setTimeout(() => process.kill(running.pid ?? 0, 'SIGKILL'), killAfterMs);
      });
      stdout.on('close', () => resolve(text));
    });
  for (const killAfterMs of [30, 90, 150, 250, 400]) await run(killAfterMs);
  const afterKills = JSON.parse((await run(null)).split('\n').at(-2) ?? '') as unknown;
  const fresh = [];
  for (const question of ['penguin 77', 'word1234', 'penguin']) fresh.push((await desk.ask(question)).citations);
  expect(afterKills).toEqual(fresh);
  await rm(outdir, { recursive: true, force: true });
}, 120_000);

test('a hundred thousand tiny files are indexed in bounded time, and the gate goes on', async () => {
  const files = 100_000;
  for (let folderAt = 0; folderAt < 100; folderAt++) {
    await desk.write(`d${folderAt}/f0.md`, 'walrus');
    for (let at = 1; at < files / 100; at++)
      writeFileSync(desk.pathOf(`d${folderAt}/f${at}.md`), `penguin ${folderAt}x${at}`);
  }
  await reopen({ waitMs: 150_000 });
  const held = await longestHold(() => desk.ask('walrus'));
  expect(desk.room.indexOf('w')).toMatchObject({ state: 'ready', filesDone: files });
  expect(held).toBeLessThan(25);
}, 180_000);
