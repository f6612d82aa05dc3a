import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const WORDS = join(import.meta.dirname, '..', '..', 'src', 'dashboard', 'words');
const files = readdirSync(join(WORDS, 'en'));

type Texts = Readonly<Record<string, string>>;
const load = async (language: string, file: string): Promise<Texts> =>
  (await import(join(WORDS, language, file))).default;
const placeholders = (text = '') => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name).sort();

test.each(files)('D1: %s: German has every word that English has, with the same gaps to fill', async (file) => {
  const [en, de] = [await load('en', file), await load('de', file)];
  expect(Object.keys(de).sort()).toEqual(Object.keys(en).sort());
  for (const [key, text] of Object.entries(en)) {
    expect(placeholders(de[key]), `${file}: ${key}`).toEqual(placeholders(text));
    expect(de[key]?.trim(), `${file}: ${key}`).not.toBe('');
  }
});

test('no word of a person is missing its file in the other language', () => {
  expect(readdirSync(join(WORDS, 'de')).filter((name) => name !== 'index.ts')).toEqual(files);
});
