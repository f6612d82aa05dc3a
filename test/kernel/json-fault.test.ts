import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonFaultAt } from '../../src/kernel/json-fault.js';

test.each<[string, number]>([
  ['{"a": oops}', 6],
  ["{'a': 1}", 1],
  ['{"a": 1,}', 8],
  ['[1,]', 3],
  ['[1 2]', 3],
  ['{"a" 1}', 5],
  ['{"a": 01}', 7],
  ['{"a": "\\x"}', 6],
  ['{"a": "b', 6],
  ['{"a": 1', 7],
  ['{"a": 1]', 7],
  ['{}{}', 2],
  ['{} x', 3],
  ['', 0],
  [']', 0],
  ['{"a": NaN}', 6],
  ['{"a": 1 /* c */}', 8],
])('R3: the fault of %j is at character %i', (text, at) => {
  expect(() => JSON.parse(text)).toThrow();
  expect(jsonFaultAt(text)).toBe(at);
});

test('R3: JSON is JSON up to its end, and one broken character in it is found where it stands or before', () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(), (text, place) => {
      expect(jsonFaultAt(text)).toBe(text.length);
      const at = place % (text.length + 1);
      const broken = `${text.slice(0, at)}\u0001${text.slice(at)}`;
      expect(jsonFaultAt(broken)).toBeLessThanOrEqual(at);
    }),
  );
});

test('R3: a long text is read in time that grows with its length only', () => {
  const text = `["${'\\\\"'.repeat(1)}${'x'.repeat(250_000)}`;
  const startedMs = performance.now();
  jsonFaultAt(text);
  jsonFaultAt('['.repeat(250_000));
  expect(performance.now() - startedMs).toBeLessThan(1000);
});
