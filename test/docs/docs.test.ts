import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { REPOSITORY } from '../support/workspace.js';
import { errorTable, routeTable } from './api-page.js';

const pages = [
  'README.md',
  'CHANGELOG.md',
  ...readdirSync(join(REPOSITORY, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];
const read = (page: string) => readFileSync(join(REPOSITORY, page), 'utf8');

test('docs/api.md lists every route and every error of the contract, as they are', () => {
  const page = read('docs/api.md');
  expect(page).toContain(routeTable());
  expect(page).toContain(errorTable());
});

test('every link between pages leads to a file that is there', () => {
  const broken = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)]
      .filter(([, target]) => !existsSync(join(REPOSITORY, dirname(page), target ?? '')))
      .map(([, target]) => `${page}: ${target}`),
  );
  expect(broken).toEqual([]);
});
