import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { openStateFile } from '../../src/store/state-file.js';
import {
  claim,
  document,
  eventually,
  FILE,
  failingFiles,
  notesOnDisk,
  openNotes,
  quietLog,
  strayFiles,
  temporaryFolder,
} from '../support/store-kit.js';

const OLD = { id: 'old', text: '' };
const NEW = { id: 'new', text: '' };
const CODES = ['ENOSPC', 'EIO', 'EROFS', 'EMFILE'];

/** The calls of one whole change, learned from one that works. */
async function callsOfAChange(): Promise<string[]> {
  const { files, calls, arm } = failingFiles(-1, '');
  const folder = await claim(await temporaryFolder());
  await writeFile(join(folder.path, FILE), document(JSON.stringify(OLD)));
  const notes = await openNotes(folder, { files, pollMs: 100_000 });
  arm();
  await notes.change((draft) => draft.put(NEW));
  return calls;
}

describe('R1: when any one call of a write fails', () => {
  test('memory equals disk, nothing is left over, and the answer says whether it is saved', async () => {
    const steps = await callsOfAChange();
    expect(steps).toEqual([
      'lstat',
      'open folder',
      'open new',
      'new.writev',
      'new.sync',
      'new.stat',
      'lstat',
      'rename',
      'folder.sync',
      'new.stat',
      'new.close',
      'folder.close',
    ]);
    for (const code of CODES) {
      for (const [failAt, step] of steps.entries()) {
        const { files, arm } = failingFiles(failAt, code);
        const folder = await claim(await temporaryFolder());
        await writeFile(join(folder.path, FILE), document(JSON.stringify(OLD)));
        const notes = await openNotes(folder, { files, pollMs: 100_000 });
        arm();
        const outcome = await notes
          .change((draft) => draft.put(NEW))
          .then(
            () => 'saved',
            (error) => error.code,
          );
        const place = `${code} at ${failAt} ${step}`;
        const onDisk = await notesOnDisk(folder.path);
        expect(onDisk, place).toEqual([...notes.values()]);
        expect(await strayFiles(folder.path), place).toEqual([]);
        const afterRename = failAt >= steps.indexOf('rename') + 1;
        expect(onDisk, place).toEqual(afterRename ? [OLD, NEW] : [OLD]);
        const isSync = step.endsWith('.sync');
        expect(outcome, place).toBe(afterRename && !isSync ? 'saved' : 'STORE_UNAVAILABLE');
        // The fault went away: whatever it was, the next change works, unless a sync failed.
        const again = notes.change((draft) => draft.put({ id: 'again', text: '' }));
        if (isSync) {
          await expect(again, place).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
          expect(notes.fault, place).toContain('restart Gatehouse');
        } else {
          await again;
          expect(notes.fault, place).toBeNull();
          expect(await notesOnDisk(folder.path), place).toEqual([...notes.values()]);
        }
        await notes.close();
        await folder.release();
      }
    }
  });

  test('the fault goes by itself once writing works again', async () => {
    let nowMs = 1_000_000;
    const { files, arm } = failingFiles(3, 'ENOSPC');
    const folder = await claim(await temporaryFolder());
    const notes = await openNotes(folder, { files, pollMs: 20, clock: { nowMs: () => nowMs } });
    arm();
    await expect(notes.change((draft) => draft.put(NEW))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(notes.fault).toContain('ENOSPC');
    nowMs += 5000;
    await eventually(() => notes.fault === null, 2000);
    expect(notes.size).toBe(0);
  });

  test('what a caller is told names no file of the server; the fault does', async () => {
    const { files, arm } = failingFiles(3, 'ENOSPC');
    const folder = await claim(await temporaryFolder());
    const notes = await openNotes(folder, { files, pollMs: 100_000 });
    arm();
    const failure = await notes.change((draft) => draft.put(NEW)).catch((error) => error);
    expect(failure.detail).not.toContain(folder.path);
    expect(notes.fault).toContain(join(folder.path, FILE));
  });
});

describe('a state file', () => {
  const parse = (value: unknown) => {
    if (typeof value !== 'number') throw new Error('not a number');
    return value;
  };
  const open = async (files?: Parameters<typeof openStateFile<number>>[0]['files']) => {
    const folder = await claim(await temporaryFolder());
    const options = { folder, file: '.gatehouse/count.json', parse, initial: () => 0, log: quietLog };
    const state = await openStateFile<number>(files === undefined ? options : { ...options, files });
    return { folder, path: join(folder.path, options.file), state, options };
  };

  test('is its initial value until it is saved, and is read back after', async () => {
    const { path, state, options } = await open();
    expect(state.value).toBe(0);
    await expect(readFile(path)).rejects.toMatchObject({ code: 'ENOENT' });
    await Promise.all([1, 2, 3, 4].map((value) => state.save(value)));
    expect(state.value).toBe(4);
    expect(await readFile(path, 'utf8')).toBe('4\n');
    expect((await openStateFile(options)).value).toBe(4);
  });

  test.each(['', 'null', '"x"', '\ufeff1', '{"__proto__":1}', '1 2'])(
    'that is %j stops the start and is left as it is',
    async (content) => {
      const { path, options } = await open();
      await writeFile(path, content);
      await expect(openStateFile(options)).rejects.toMatchObject({
        code: 'STORE_UNAVAILABLE',
        detail: expect.stringContaining(path),
      });
      expect(await readFile(path, 'utf8')).toBe(content);
    },
  );

  test('R2: that a newer Gatehouse wrote stops the start in those words', async () => {
    const { path, options } = await open();
    const schema = z.strictObject({ schemaVersion: z.literal(1), id: z.string() });
    const state = { ...options, parse: (value: unknown) => schema.parse(value), initial: () => schema.parse({}) };
    await writeFile(path, '{"schemaVersion":2,"id":"x","more":true}');
    await expect(openStateFile(state)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      detail: expect.stringContaining('newer Gatehouse: its schemaVersion is 2, this one reads up to 1'),
    });
    for (const other of ['{"schemaVersion":"2"}', '{"schemaVersion":0}', '{}', '[]', 'null']) {
      await writeFile(path, other);
      await expect(openStateFile(state)).rejects.toMatchObject({ detail: expect.not.stringContaining('newer') });
    }
  });

  test('R1: keeps value and file together when any one call of a write fails', async () => {
    for (let failAt = 0; failAt <= 10; failAt += 1) {
      const { files, arm, calls } = failingFiles(failAt, 'EIO');
      const { folder, path, state } = await open(files);
      arm();
      await state.save(7).catch((error) => expect(error.code).toBe('STORE_UNAVAILABLE'));
      const onDisk = await readFile(path, 'utf8').catch(() => '0\n');
      expect(onDisk, calls.at(failAt)).toBe(`${state.value}\n`);
      expect(await strayFiles(folder.path)).toEqual([]);
      await folder.release();
    }
  });
});
