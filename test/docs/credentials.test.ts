import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { REPOSITORY } from '../support/workspace.js';
import { credentialPages } from './credential-pages.js';

const FOLDER = join(REPOSITORY, 'docs', 'credentials');

/** `UPDATE_PAGES=1 npx vitest run test/docs/credentials.test.ts` writes the pages anew. */
test('docs/credentials/ is what the catalogue says, a page for each type', () => {
  const pages = credentialPages();
  if (process.env['UPDATE_PAGES'] === '1') {
    rmSync(FOLDER, { recursive: true, force: true });
    mkdirSync(FOLDER);
    for (const [name, text] of pages) writeFileSync(join(FOLDER, name), text);
  }
  expect(readdirSync(FOLDER).sort()).toEqual([...pages.keys()].sort());
  for (const [name, text] of pages) expect(readFileSync(join(FOLDER, name), 'utf8'), name).toBe(text);
});
