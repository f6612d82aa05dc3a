import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BUILT, PROMISES } from './requirements.js';

/** Ids at the start of a test's name: `test('K1, K3: …'`. */
function citedIds(): Map<string, string> {
  const cited = new Map<string, string>();
  for (const name of readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.test.ts')) continue;
    const text = readFileSync(join(import.meta.dirname, name), 'utf8');
    for (const [, ids] of text.matchAll(
      /\b(?:test|it|describe)(?:\.\w+)*(?:\([^()'"`]*\))?\(\s*['"`]((?:[A-Z]\d+(?:, )?)+): /g,
    )) {
      for (const id of ids?.split(', ') ?? []) cited.set(id, name);
    }
  }
  return cited;
}

test('every built promise is proved by a test that cites it', () => {
  const cited = citedIds();
  expect(BUILT.filter((id) => !cited.has(id))).toEqual([]);
});

test('no test cites a promise that does not exist', () => {
  expect([...citedIds().keys()].filter((id) => !(id in PROMISES))).toEqual([]);
});
