import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { randomBase62, toBase62 } from '../../src/kernel/base62.js';
import { newId } from '../../src/kernel/ids.js';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

function fromBase62(text: string): bigint {
  return [...text].reduce((sum, character) => sum * 62n + BigInt(ALPHABET.indexOf(character)), 0n);
}

test('base62 uses 0-9A-Za-z, is padded with 0 on the left, and reads back as the same number', () => {
  expect(toBase62(0n, 6)).toBe('000000');
  expect(toBase62(61n, 2)).toBe('0z');
  expect(toBase62(62n, 2)).toBe('10');
  fc.assert(
    fc.property(fc.bigInt(0n, (1n << 256n) - 1n), (value) => {
      const text = toBase62(value, 43);
      expect(text).toMatch(/^[0-9A-Za-z]{43}$/);
      expect(fromBase62(text)).toBe(value);
    }),
  );
});

test('the checksum of the sample that GitHub published comes out as published', () => {
  expect(toBase62(BigInt(crc32('zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ')), 6)).toBe('0mLq17');
});

test('32 random bytes are 43 characters, 16 are 22, also when they begin with zeros', () => {
  for (let round = 0; round < 500; round += 1) {
    expect(randomBase62(32)).toMatch(/^[0-9A-Za-z]{43}$/);
    expect(randomBase62(16)).toMatch(/^[0-9A-Za-z]{22}$/);
  }
});

test('ids are a prefix and 22 characters, and no two are alike', () => {
  const ids = Array.from({ length: 1000 }, () => newId('key'));
  for (const id of ids) expect(id).toMatch(/^key_[0-9A-Za-z]{22}$/);
  expect(new Set(ids).size).toBe(1000);
});
