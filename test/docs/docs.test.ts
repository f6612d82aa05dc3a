import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { FAR_SCOPES } from '../../src/contract/fresh.js';
import { REPOSITORY } from '../support/workspace.js';
import { errorTable, freshTable, routeTable } from './api-page.js';

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

test('docs/people.md lists what people are asked a fresh proof for, as it is', () => {
  const page = read('docs/people.md');
  expect(page).toContain(freshTable());
  for (const scope of FAR_SCOPES) expect(page).toContain(`\`${scope}\``);
});

test('every link between pages leads to a file that is there', () => {
  const broken = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)]
      .filter(([, target]) => !existsSync(join(REPOSITORY, dirname(page), target ?? '')))
      .map(([, target]) => `${page}: ${target}`),
  );
  expect(broken).toEqual([]);
});
