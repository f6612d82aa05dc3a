import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CitationReader } from '../../src/ask/answering/citation-reader.js';
import type { Citation } from '../../src/contract/ask.js';

const passage = (number: number, path: string, startLine: number, endLine: number): Citation => ({
  number,
  path,
  startLine,
  endLine,
  text: 'x',
  score: 1,
  cited: false,
});
const SHOWN = [passage(1, 'src/fees.ts', 10, 20), passage(2, 'README.md', 1, 8), passage(4, 'src/a b/notes.md', 3, 5)];

function read(text: string, pieces: readonly number[] = []) {
  const reader = new CitationReader(SHOWN);
  let out = '';
  let from = 0;
  for (const length of pieces) {
    out += reader.take(text.slice(from, from + length));
    from += length;
  }
  out += reader.take(text.slice(from)) + reader.end();
  return { out, cited: [...reader.cited].sort(), dropped: reader.dropped };
}

describe('Q2: citations of an answer', () => {
  test.each([
    ['It is capped [1].', 'It is capped [1].', [1], 0],
    ['It is capped[1].', 'It is capped[1].', [1], 0],
    ['It is [1, 2] so [4][2].', 'It is [1, 2] so [4][2].', [1, 2, 4], 0],
    ['It is [1; 9].', 'It is [1].', [1], 1],
    ['All of it [1-4].', 'All of it [1, 2, 4].', [1, 2, 4], 1],
    ['See src/fees.ts:12 there.', 'See src/fees.ts:12 there.', [1], 0],
    ['See (fees.ts:12-14), there.', 'See (fees.ts:12-14), there.', [1], 0],
    ['See `./src/fees.ts:18`.', 'See `./src/fees.ts:18`.', [1], 0],
    ['See src/fees.ts#L12-L13.', 'See src/fees.ts#L12-L13.', [1], 0],
    ['In [src/fees.ts:12, README.md:3] it is.', 'In [src/fees.ts:12, README.md:3] it is.', [1, 2], 0],
  ])('kept: %s', (text, out, cited, dropped) => {
    expect(read(text)).toEqual({ out, cited, dropped });
  });

  test.each([
    ['It is free [3].', 'It is free.', 1],
    ['It is free [99] today.', 'It is free today.', 1],
    ['It is free [0].', 'It is free.', 1],
    ['It is free [7] [8].', 'It is free.', 2],
    ['See src/fees.ts:99 there.', 'See src/fees.ts there.', 1],
    ['See src/nowhere.ts:1-3.', 'See src/nowhere.ts.', 1],
    ['See `src/nowhere.ts:1`.', 'See `src/nowhere.ts`.', 1],
    ['See [src/nowhere.ts:1].', 'See.', 1],
    ['See [src/nowhere.ts:1, fees.ts:10].', 'See [fees.ts:10].', 1],
  ])('dropped and counted: %s', (text, out, dropped) => {
    const answer = read(text);
    expect({ out: answer.out, dropped: answer.dropped }).toEqual({ out, dropped });
  });

  test.each([
    'Use `argv[9]`, as in `list[0]`.',
    'Thus:\n\n```ts\nconst x = list[9]; // see src/nowhere.ts:1\n```\n',
    '~~~\nlist[9]\n~~~\n',
    'A [link](https://example.com/a) and [9](https://example.com).',
    'It listens on localhost:3000, http://example.com:8080/a.b and example.com:443 at 10:30.',
    'A list: [ ] open, [x] done, [a, b].',
    'Never closed [1',
  ])('no citation, so left alone: %s', (text) => {
    expect(read(text)).toMatchObject({ out: text, dropped: 0 });
  });

  test('a mark inside a block of code does not end it', () => {
    const text = '````\n```\nlist[9]\n```\n````\nSo it is [9].';
    expect(read(text).out).toBe('````\n```\nlist[9]\n```\n````\nSo it is.');
  });

  test('whatever the pieces are that an answer comes in, it reads the same', () => {
    const words = fc.constantFrom(
      ...[
        'The fee',
        ' ',
        '[1]',
        '[9]',
        ' [1, 9]',
        '`',
        '```',
        '\n',
        '\n```\n',
        'src/fees.ts:12',
        'src/x.ts:7',
        '.',
        '[',
        ']',
        '(',
      ],
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 25 }), fc.array(fc.integer({ min: 1, max: 5 })), (parts, pieces) => {
        const text = parts.join('');
        expect(read(text, pieces)).toEqual(read(text));
      }),
      { numRuns: 2000 },
    );
  });

  test('work grows with the length only', () => {
    const startedMs = performance.now();
    read('['.repeat(50_000) + 'a/'.repeat(50_000) + '`'.repeat(20_000) + '[1'.repeat(20_000));
    expect(performance.now() - startedMs).toBeLessThan(3000);
  });
});
