import { writeFileSync } from 'node:fs';
import { chmod, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { Change } from '../../src/store/collection.js';
import {
  claim,
  document,
  eventually,
  FILE,
  type Note,
  notesOnDisk,
  openNotes,
  parseNote,
  strayFiles,
  temporaryFolder,
} from '../support/store-kit.js';

const note = (id: string, text = '') => ({ id, text });
const line = (id: string, text = '') => JSON.stringify(note(id, text));

async function setUp(text?: string) {
  const folder = await claim(await temporaryFolder());
  const file = join(folder.path, FILE);
  if (text !== undefined) await writeFile(file, text);
  return { folder, file, notes: await openNotes(folder) };
}

describe('a collection', () => {
  test('that has no file is empty, and the file is made by the first change, 0600', async () => {
    const { folder, file, notes } = await setUp();
    expect(notes.size).toBe(0);
    await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' });
    await notes.change((draft) => draft.put(note('a', 'é "\n')));
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, 'utf8')).toBe(document(line('a', 'é "\n')));
    expect(await strayFiles(folder.path)).toEqual([]);
  });

  test('is one record a line, keeps places on replacing, and puts what came back at the end', async () => {
    const { file, notes } = await setUp();
    await notes.change((draft) => ['a', 'b', 'c'].map((id) => draft.put(note(id))));
    await notes.change((draft) => draft.put(note('b', 'new')));
    await notes.change((draft) => {
      draft.remove('a');
      draft.put(note('a', 'back'));
      expect([...draft.values()].map(({ id }) => id)).toEqual(['b', 'c', 'a']);
    });
    expect(await readFile(file, 'utf8')).toBe(document(line('b', 'new'), line('c'), line('a', 'back')));
    expect([...notes.values()].map(({ id }) => id)).toEqual(['b', 'c', 'a']);
  });

  test('becomes an empty list again when its last record goes', async () => {
    const { file, notes } = await setUp(document(line('a')));
    await notes.change((draft) => draft.remove('a'));
    expect(await readFile(file, 'utf8')).toBe('{"schemaVersion":1,"notes":[\n]}\n');
  });

  test('answers each of many parallel changes after it is on disk, in order, in few writes', async () => {
    const { folder, notes } = await setUp();
    const commits = vi.fn();
    notes.subscribe(commits);
    const order: number[] = [];
    const counts = await Promise.all(
      Array.from({ length: 500 }, async (_, number) => {
        const size = await notes.change((draft) => {
          draft.put(note(`n${number}`));
          return draft.size;
        });
        order.push(number);
        return size;
      }),
    );
    expect(counts).toEqual(Array.from({ length: 500 }, (_, number) => number + 1));
    expect(order).toEqual(counts.map((count) => count - 1));
    expect(await notesOnDisk(folder.path)).toHaveLength(500);
    expect(commits.mock.calls.length).toBeLessThan(5);
  });

  test('drops only the change that throws, and all of it', async () => {
    const { folder, notes } = await setUp();
    const outcomes = await Promise.allSettled([
      notes.change((draft) => draft.put(note('a'))),
      notes.change((draft) => {
        draft.put(note('b'));
        draft.remove('a');
        throw new RangeError('no');
      }),
      notes.change((draft) => draft.put({ id: 'c' } as Note)),
      notes.change((draft) => draft.put(note('d'))),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    expect(outcomes[1]).toMatchObject({ reason: expect.any(RangeError) });
    expect(await notesOnDisk(folder.path)).toEqual([note('a'), note('d')]);
    expect([...notes.values()]).toEqual([note('a'), note('d')]);
  });

  test('holds what the file holds, not the object a caller may change later', async () => {
    const { notes } = await setUp();
    const mine = { id: 'a', text: 'saved', extra: undefined };
    await notes.change((draft) => draft.put(mine));
    mine.text = 'changed behind its back';
    expect(notes.get('a')).toEqual(note('a', 'saved'));
  });

  test('writes nothing when a change changes nothing', async () => {
    const { file, notes } = await setUp(document(line('a')));
    const before = await stat(file);
    await notes.change((draft) => draft.get('a'));
    expect((await stat(file)).ino).toBe(before.ino);
  });

  test('tells subscribers before and after, until they stop listening', async () => {
    const { notes } = await setUp(document(line('a'), line('b')));
    const seen: (readonly Change<Note>[])[] = [];
    notes.subscribe(() => {
      throw new Error('a bad listener harms nobody');
    });
    const stop = notes.subscribe((changes) => seen.push(changes));
    await notes.change((draft) => {
      draft.put(note('a', 'new'));
      draft.remove('b');
      draft.put(note('c'));
    });
    stop();
    await notes.change((draft) => draft.remove('a'));
    expect(seen).toEqual([
      [
        { id: 'a', before: note('a'), after: note('a', 'new') },
        { id: 'b', before: note('b'), after: undefined },
        { id: 'c', before: undefined, after: note('c') },
      ],
    ]);
  });

  test('refuses a draft that is used after its change returned', async () => {
    const { notes } = await setUp();
    const draft = await notes.change((inside) => inside);
    expect(() => draft.put(note('late'))).toThrow('no async work');
  });

  test('finishes changes in flight when it is closed, and takes no more', async () => {
    const { folder, notes } = await setUp();
    const saved = notes.change((draft) => draft.put(note('a')));
    await notes.close();
    expect(await notesOnDisk(folder.path)).toEqual([note('a')]);
    await saved;
    await expect(notes.change((draft) => draft.put(note('b')))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });

  test('moves older records forward in memory at once and on disk with the next change', async () => {
    const { folder, file } = await setUp(document(line('a', 'one')));
    const options = {
      schemaVersion: 3,
      migrations: {
        1: (record: unknown) => ({ ...(record as Note), text: `${(record as Note).text} two` }),
        2: (record: unknown) => ({ ...(record as Note), text: `${(record as Note).text} three` }),
      },
    };
    const migrated = await openNotes(folder, options);
    expect(migrated.get('a')).toEqual(note('a', 'one two three'));
    expect(await readFile(file, 'utf8')).toContain('"schemaVersion":1');
    await migrated.change((draft) => draft.put(note('b')));
    expect(await readFile(file, 'utf8')).toBe(
      `{"schemaVersion":3,"notes":[\n${line('a', 'one two three')},\n${line('b')}\n]}\n`,
    );
  });
});

describe('an edit by hand', () => {
  test('K5: is taken over within 2 s, and subscribers are told what differs', async () => {
    const { file, notes } = await setUp(document(line('a'), line('b'), line('c')));
    const seen: Change<Note>[] = [];
    notes.subscribe((changes) => seen.push(...changes));
    await writeFile(file, document(line('a'), line('b', 'edited'), line('d')));
    await eventually(() => seen.length > 0, 2000);
    expect(seen).toEqual([
      { id: 'b', before: note('b'), after: note('b', 'edited') },
      { id: 'd', before: undefined, after: note('d') },
      { id: 'c', before: note('c'), after: undefined },
    ]);
    expect(notes.get('b')?.text).toBe('edited');
  });

  test('K5: in a file of many chunks finds the one line, wherever lines before it came or went', async () => {
    const lines = Array.from({ length: 3000 }, (_, number) => line(`n${number}`, 'x'.repeat(300)));
    const parse = vi.fn(parseNote);
    const folder = await claim(await temporaryFolder());
    await writeFile(join(folder.path, FILE), document(...lines));
    const notes = await openNotes(folder, { parse });
    expect(parse).toHaveBeenCalledTimes(3000);
    parse.mockClear();
    const seen: Change<Note>[] = [];
    notes.subscribe((changes) => seen.push(...changes));
    const edited = [line('first'), ...lines.slice(0, 1500), ...lines.slice(1501)];
    await writeFile(join(folder.path, FILE), document(...edited));
    await eventually(() => seen.length > 0, 2000);
    expect(seen.map(({ id }) => id).sort()).toEqual(['first', 'n1500']);
    expect(parse.mock.calls.length).toBeLessThan(1000);
    await notes.change((draft) => draft.put(note('last')));
    expect(await readFile(join(folder.path, FILE), 'utf8')).toBe(document(...edited, line('last')));
  });

  test('between reading and writing is kept, with the change on top', async () => {
    const { folder, file, notes } = await setUp(document(line('a')));
    let runs = 0;
    await notes.change((draft) => {
      runs += 1;
      draft.put(note('mine', `sees ${draft.size}`));
      // The hand is quicker than the write: it saves after this change was computed and before it is renamed.
      if (runs === 1) writeFileSync(file, document(line('a'), line('by-hand')));
    });
    expect(runs).toBe(2);
    expect(await notesOnDisk(folder.path)).toEqual([note('a'), note('by-hand'), note('mine', 'sees 2')]);
    expect(notes.size).toBe(3);
  });

  test('that re-formats the file is read as well', async () => {
    const { file, notes } = await setUp(document(line('a')));
    const pretty = JSON.stringify({ notes: [note('a', 'pretty'), note('b', ']},"')], schemaVersion: 1 }, null, 2);
    await writeFile(file, pretty);
    await eventually(() => notes.size === 2, 2000);
    await notes.change((draft) => draft.put(note('c')));
    expect(await readFile(file, 'utf8')).toBe(document(line('a', 'pretty'), line('b', ']},"'), line('c')));
  });

  test('that damages the file stops changes, keeps the last good state and the file, until it is mended', async () => {
    const { file, notes } = await setUp(document(line('a'), line('b')));
    const broken = document(line('a'), '{"id":"b","text":');
    await writeFile(file, broken);
    await eventually(() => notes.fault !== null, 2000);
    expect(notes.fault).toContain(`${file}, line 3`);
    await expect(notes.change((draft) => draft.put(note('c')))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(await readFile(file, 'utf8')).toBe(broken);
    expect(notes.get('b')).toEqual(note('b'));
    await writeFile(file, document(line('a'), line('b', 'mended')));
    await notes.change((draft) => draft.put(note('c')));
    expect(notes.fault).toBeNull();
    expect(await readFile(file, 'utf8')).toBe(document(line('a'), line('b', 'mended'), line('c')));
  });

  test('that removes the file never empties the collection, and putting it back mends it', async () => {
    const { file, notes } = await setUp(document(line('a')));
    await rename(file, `${file}.away`);
    await eventually(() => notes.fault !== null, 2000);
    expect(notes.fault).toContain('is gone');
    await expect(notes.change((draft) => draft.put(note('b')))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(notes.size).toBe(1);
    await rename(`${file}.away`, file);
    await eventually(() => notes.fault === null, 2000);
    await notes.change((draft) => draft.put(note('b')));
    expect(notes.size).toBe(2);
  });

  test('that puts a symbolic link in its place is refused and not followed', async () => {
    const { folder, file, notes } = await setUp(document(line('a')));
    const other = join(folder.path, 'other.json');
    await writeFile(other, document());
    await rm(file);
    await symlink(other, file);
    await expect(notes.change((draft) => draft.put(note('b')))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(notes.fault).toContain('symbolic link');
    expect(await readFile(other, 'utf8')).toBe(document());
  });

  test('that makes a file appear where there was none is taken over', async () => {
    const { file, notes } = await setUp();
    await writeFile(file, document(line('a')));
    await notes.change((draft) => draft.put(note('b')));
    expect([...notes.values()]).toEqual([note('a'), note('b')]);
  });

  test('of the mode is put right by the next change', async () => {
    const { file, notes } = await setUp(document(line('a')));
    await chmod(file, 0o644);
    await notes.change((draft) => draft.put(note('b')));
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });
});

describe('a file that is', () => {
  const cases: [string, string | Buffer, RegExp][] = [
    ['empty', '', /line 1 .*empty/],
    ['null', 'null', /expected an object/],
    ['a list', '[]', /expected an object/],
    ['a number', '42', /expected an object/],
    ['white space', ' \n', /expected an object/],
    ['truncated in a record', document(line('a'), line('b')).slice(0, -14), /line 3 .*cut off/],
    ['truncated behind a record', document(line('a'), line('b')).slice(0, -4), /line 3 .*expected/],
    ['truncated behind the list', document(line('a')).slice(0, -2), /cut off/],
    ['begun with a byte order mark', `\ufeff${document()}`, /byte order mark/],
    ['filled with NUL', Buffer.alloc(4096), /NUL/],
    ['ended with NUL', `${document(line('a'))}\0\0\0`, /behind the end/],
    [
      'invalid UTF-8',
      Buffer.concat([
        Buffer.from('{"schemaVersion":1,"notes":[\n{"id":"a","text":"'),
        Buffer.from([0xff]),
        Buffer.from('"}\n]}\n'),
      ]),
      /line 2 .*UTF-8/,
    ],
    ['without its member', '{"schemaVersion":1}', /"notes" is missing/],
    ['without a version', '{"notes":[]}', /"schemaVersion" is missing/],
    ['of version 0', '{"schemaVersion":0,"notes":[]}', /whole number/],
    ['of a newer version', '{"schemaVersion":7,"notes":[]}', /newer Gatehouse: its schemaVersion is 7/],
    ['not a list in its member', '{"schemaVersion":1,"notes":{}}', /not an array/],
    ['possessed of other members', '{"schemaVersion":1,"notes":[],"more":1}', /unknown member "more"/],
    ['of a member twice', '{"schemaVersion":1,"notes":[],"notes":[]}', /.+/],
    ['of a record that is no object', document(line('a'), '7'), /line 3 .*record 2 is not an object/],
    ['of a bad record', document(line('a'), '{"id":"b"}'), /line 3 .*record 2: text: not a string/],
    ['of a record without id', document('{"id":"","text":""}'), /record 1 has no id/],
    ['of a double id', document(line('a'), line('b'), line('a')), /line 4 .*id a is there twice/],
    ['of a __proto__ member', document('{"id":"a","text":"","__proto__":{"admin":true}}'), /line 2 .*__proto__/],
    [
      'of an escaped __proto__ member',
      document('{"id":"a","text":"","x":{"\\u005f_proto__":1}}'),
      /line 2 .*__proto__/,
    ],
    ['of a comma too many', document(line('a'), line('b')).replace('}\n]', '},\n]'), /line 4 .*record 3/],
    ['of a comma too few', document(line('a'), line('b')).replace('},', '}'), /line 2 .*expected/],
  ];

  test.each(cases)(
    '%s stops the start, with its place and the remedy, and is left as it is',
    async (_, content, reason) => {
      const folder = await claim(await temporaryFolder());
      const file = join(folder.path, FILE);
      await writeFile(file, content);
      const failure = await openNotes(folder).then(
        () => null,
        (error) => error,
      );
      expect(failure).toMatchObject({ code: 'STORE_UNAVAILABLE' });
      expect(failure.detail).toMatch(reason);
      expect(failure.detail).toContain(file);
      expect(failure.detail).toContain('Mend the file');
      expect(await readFile(file)).toEqual(Buffer.from(content));
    },
  );

  test('damaged beyond the first chunk is named with its line', async () => {
    const folder = await claim(await temporaryFolder());
    const lines = Array.from({ length: 2000 }, (_, number) => line(`n${number}`, 'x'.repeat(300)));
    lines[1500] = '{"id":"n1500","text":7}';
    await writeFile(join(folder.path, FILE), document(...lines));
    await expect(openNotes(folder)).rejects.toMatchObject({ detail: expect.stringContaining('line 1502 ') });
    lines[1500] = '{"id":"n1500","text":"}';
    await writeFile(join(folder.path, FILE), document(...lines));
    await expect(openNotes(folder)).rejects.toMatchObject({ detail: expect.stringContaining('line 1502 ') });
  });

  test.each([
    ['pretty-printed', JSON.stringify({ schemaVersion: 1, notes: [note('a'), note('b')] }, null, 2)],
    ['minified', JSON.stringify({ schemaVersion: 1, notes: [note('a'), note('b')] })],
    ['sorted by member', JSON.stringify({ notes: [note('a'), note('b')], schemaVersion: 1 })],
    ['saved with CRLF', document(line('a'), line('b')).replaceAll('\n', '\r\n')],
  ])('%s is read and written back one record a line', async (_, text) => {
    const { folder, file, notes } = await setUp(text);
    expect([...notes.values()]).toEqual([note('a'), note('b')]);
    await notes.change((draft) => draft.put(note('c')));
    expect(await notesOnDisk(folder.path)).toEqual([note('a'), note('b'), note('c')]);
    expect((await readFile(file, 'utf8')).split('\n')).toHaveLength(6);
  });
});
