import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { filePathFault } from '../../src/contract/file-path.js';
import { isGatehouseError } from '../../src/kernel/errors.js';
import { readArchive } from '../../src/workspaces/archive.js';
import { rawEntry, rawHeader, TAR_END, tarOf } from '../support/archives.js';

const LIMITS = { fileBytes: 1000, uploadBytes: 20_000, uploadFiles: 5 };

/** What was taken of an archive: paths with their content. */
async function read(bytes: Buffer, piece = 65_536, limits = LIMITS): Promise<[string, string][]> {
  const taken: [string, string][] = [];
  const pieces: Buffer[] = [];
  for (let from = 0; from < bytes.length; from += piece) pieces.push(bytes.subarray(from, from + piece));
  await readArchive(Readable.from(pieces, { objectMode: false }), limits, {
    async take(path, content) {
      const chunks: Buffer[] = [];
      for await (const chunk of content) chunks.push(chunk);
      taken.push([path, Buffer.concat(chunks).toString()]);
    },
    leavesOut: () => null,
    leftOut: () => {},
  });
  return taken;
}

describe('an archive', () => {
  test.each([1, 7, 511, 512, 513, 10_000])('is the same in pieces of %i bytes, plain and with gzip', async (piece) => {
    const files = { a: 'x'.repeat(700), 'b/c': '', 'b/d': 'y' };
    const tar = await tarOf(files);
    for (const bytes of [tar, gzipSync(tar)]) expect(Object.fromEntries(await read(bytes, piece))).toEqual(files);
  });

  test.each([
    ['a file that is too large', () => tarOf({ a: 'x'.repeat(1001) }), /^a is larger than 0.001 MB/],
    ['too many files', () => tarOf(Object.fromEntries([...'abcdef'].map((name) => [name, '']))), /more than 5 files/],
    [
      'too many folders',
      async () =>
        Buffer.concat([...Array.from({ length: 11 }, (_, at) => rawHeader({ name: `${at}/`, type: '5' })), TAR_END]),
      /more than 5 files/,
    ],
    [
      'too much in all',
      async () =>
        Buffer.concat([...'abcde'].map((name) => rawEntry({ name: `${name}/`, type: '5' }, 'z'.repeat(5000)))),
      /unpacks to more than/,
    ],
  ])('R3: with %s is refused as too large', async (_name, bytes, words) => {
    await expect(read(await bytes())).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE', detail: words });
  });

  test('a size that says more than is there is not believed', async () => {
    await expect(read(Buffer.concat([rawHeader({ name: 'a', size: 900 }), Buffer.alloc(512)]))).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      detail: 'The archive is not whole. Nothing was written.',
    });
  });

  test('R3: whatever the bytes are, it is an archive or a bad request, and every path it names can be one', async () => {
    const tar = await tarOf({ 'a/b': 'content', c: 'more' });
    const flips = fc.array(fc.tuple(fc.nat(tar.length - 1), fc.nat(255)), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(flips, fc.nat(tar.length), fc.boolean(), async (changes, end, zip) => {
        const bytes = Buffer.from(tar);
        for (const [at, value] of changes) bytes[at] = value;
        const cut = bytes.subarray(0, end);
        try {
          for (const [path] of await read(zip ? gzipSync(cut) : cut)) expect(filePathFault(path)).toBe(null);
        } catch (error) {
          if (!isGatehouseError(error)) throw error;
          expect(['BAD_REQUEST', 'PAYLOAD_TOO_LARGE']).toContain(error.code);
        }
      }),
      { numRuns: 300 },
    );
  }, 30_000);

  test('what the receiver throws is what comes out, and the rest is not read', async () => {
    const tar = await tarOf({ a: 'a', b: 'b' });
    const broken = readArchive(Readable.from([tar]), LIMITS, {
      take: () => Promise.reject(Object.assign(new Error('disk'), { code: 'ENOSPC' })),
      leavesOut: () => null,
      leftOut: () => {},
    });
    await expect(broken).rejects.toMatchObject({ code: 'ENOSPC' });
  });
});

test('R3: a path that is let through stays in its folder, whatever it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (path) => {
      if (filePathFault(path) !== null) return;
      const parts = path.split('/');
      expect(parts.some((part) => part === '' || part === '.' || part === '..')).toBe(false);
      expect(path).not.toMatch(/[\\\0]|^\/|^[A-Za-z]:/);
    }),
    { numRuns: 2000 },
  );
});
