import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/kernel/clock.js';
import { openCollection } from '../../src/store/collection.js';
import {
  claim,
  FILE,
  type Note,
  notesOnDisk,
  parseNote,
  quietLog,
  strayFiles,
  temporaryFolder,
} from '../support/store-kit.js';

type Step =
  | { kind: 'put' | 'remove' | 'return'; ids: string[]; text: string }
  | { kind: 'fail'; ids: string[]; text: string }
  | { kind: 'hand'; ids: string[]; text: string; pretty: boolean }
  | { kind: 'reopen' };

const ids = fc.array(fc.constantFrom(...'abcdefghij'), { minLength: 1, maxLength: 4 });
// Some records are large, so that chunks split and merge.
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.nat(200_000).map((length) => 'x'.repeat(length)),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom('put', 'remove', 'return'), ids, text }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('fail'), ids, text }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('hand'), ids, text, pretty: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reopen') }) },
);

function applyTo(model: Map<string, Note> | Draftlike, change: Exclude<Step, { kind: 'reopen' }>): void {
  for (const id of change.ids) {
    if (change.kind === 'remove' || change.kind === 'return') model.delete(id);
    if (change.kind !== 'remove') model.set(id, { id, text: change.text });
  }
}

interface Draftlike {
  set(id: string, note: Note): void;
  delete(id: string): void;
}

test('memory and file equal a plain Map after any changes, failed changes, edits by hand and reopenings', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const folder = await claim(await temporaryFolder());
      const open = () =>
        openCollection<Note>({
          folder,
          file: FILE,
          member: 'notes',
          schemaVersion: 1,
          parse: parseNote,
          clock: systemClock,
          log: quietLog,
          pollMs: 100_000,
        });
      let notes = await open();
      const model = new Map<string, Note>();
      const told = new Map<string, Note>();
      const listen = () =>
        notes.subscribe((changes) => {
          for (const { id, before, after } of changes) {
            expect(told.get(id)).toEqual(before);
            if (after === undefined) told.delete(id);
            else told.set(id, after);
          }
        });
      listen();
      for (const next of steps) {
        if (next.kind === 'reopen') {
          await notes.close();
          notes = await open();
          listen();
        } else if (next.kind === 'hand') {
          // An edit by hand is met by the next change at the latest, which here changes nothing itself.
          applyTo(model, next);
          const document = { schemaVersion: 1, notes: [...model.values()] };
          await writeFile(join(folder.path, FILE), JSON.stringify(document, null, next.pretty ? 2 : 0));
          await notes.change(() => {});
        } else {
          const change = notes.change((draft) => {
            applyTo({ set: (_, note) => draft.put(note), delete: (id) => draft.remove(id) }, next);
            if (next.kind === 'fail') throw new Error('dropped');
          });
          if (next.kind === 'fail') await expect(change).rejects.toThrow('dropped');
          else {
            applyTo(model, next);
            await change;
          }
        }
        expect([...notes.values()]).toEqual([...model.values()]);
        const backward = [...model.values()].reverse();
        expect([...notes.newestFirst()]).toEqual(backward);
        for (const { id } of backward.slice(0, 3)) {
          const at = backward.findIndex((note) => note.id === id);
          expect([...notes.newestFirst(id)]).toEqual(backward.slice(at + 1));
        }
        expect([...notes.newestFirst('nowhere')]).toEqual([]);
        expect(notes.size).toBe(model.size);
        expect(await notesOnDisk(folder.path)).toEqual([...model.values()]);
        expect(new Map([...told].sort())).toEqual(new Map([...model].sort()));
      }
      await notes.close();
      expect(await strayFiles(folder.path)).toEqual([]);
      await folder.release();
      if (model.size > 0) expect(await readFile(join(folder.path, FILE), 'utf8')).toContain('"schemaVersion"');
    }),
    { numRuns: 60 },
  );
});
