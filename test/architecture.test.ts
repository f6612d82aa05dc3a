import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

const SRC = join(import.meta.dirname, '..', 'src');

/** What is put together into one Gatehouse. */
const ROOMS = [
  'contract',
  'kernel',
  'config',
  'store',
  'seal',
  'audit',
  'egress',
  'settings',
  'usage',
  'workspaces',
  'mail',
  'identity',
  'vault',
  'ask',
  'prompts',
  'models',
  'jobs',
  'guard',
  'live',
  'front-page.ts',
];

/** What each room may import besides itself. A path with a slash allows that folder or file only. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  contract: [],
  kernel: ['contract'],
  config: ['contract', 'kernel'],
  store: ['contract', 'kernel'],
  seal: ['contract', 'kernel', 'store'],
  audit: ['contract', 'kernel', 'store', 'seal'],
  egress: ['contract', 'kernel'],
  usage: ['contract', 'kernel', 'store'],
  // It keeps the lists that egress judges by, and checks them as egress reads them.
  settings: ['contract', 'kernel', 'store', 'audit', 'egress'],
  workspaces: ['contract', 'kernel', 'store', 'audit'],
  mail: ['contract', 'kernel', 'audit'],
  identity: ['contract', 'kernel', 'store', 'audit', 'seal'],
  ask: ['contract', 'kernel', 'store', 'audit', 'egress'],
  prompts: ['contract', 'kernel', 'store', 'audit'],
  models: ['contract', 'kernel'],
  jobs: ['contract', 'kernel', 'store', 'audit'],
  vault: ['contract', 'kernel', 'store', 'audit', 'seal', 'egress'],
  guard: ['contract', 'kernel'],
  live: ['contract', 'kernel'],
  overview: ['contract', 'kernel', 'config', 'seal'],
  'gatehouse.ts': [...ROOMS, 'asking.ts', 'gatehouse-rooms.ts'],
  'gatehouse-rooms.ts': ROOMS,
  // Fits the rooms that answering and indexing ask of to what `ask` wants to know.
  'asking.ts': ['contract', 'config', 'store', 'ask', 'jobs', 'prompts', 'vault', 'workspaces'],
  'checkup.ts': ['contract', 'config', 'seal', 'kernel/clock.ts'],
  // Puts together what pages show first, from the rooms that know it.
  'front-page.ts': [
    'contract',
    'kernel',
    'config',
    'audit',
    'seal',
    'usage',
    'settings',
    'identity',
    'jobs',
    'guard',
    'live',
    'overview',
    'checkup.ts',
  ],
  'running.ts': ['config', 'store'],
  http: ['contract', 'kernel', 'gatehouse.ts', 'guard/adapters'],
  gateway: ['contract', 'kernel', 'gatehouse.ts', 'guard/adapters', 'guard/request-path.ts'],
  // What a folder holds that is no workspace's to take is the index's own rule.
  cli: ['contract', 'kernel', 'gatehouse.ts', 'ask/file-judge.ts'],
  // What browsers load: the codes, and of the rest of the contract not even types (see docs/decisions/0017).
  client: ['contract/codes.ts'],
  // Types, and what imports nothing; vite.config.ts, which runs at build time, writes the addresses of the routes in.
  dashboard: ['contract', 'client'],
  // Its remote half is the guard itself on look-ups that ask another Gatehouse; there is no main to give it a config.
  express: ['contract', 'kernel', 'config', 'gatehouse.ts', 'guard', 'client'],
  'main.ts': ['kernel', 'config', 'gatehouse.ts', 'running.ts', 'http', 'gateway', 'cli'],
};

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name));

function importsOf(file: string): string[] {
  const text = readFileSync(join(SRC, file), 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g)].map(([, path]) =>
    relative(SRC, join(SRC, dirname(file), path ?? '')).replace(/\.js$/, '.ts'),
  );
}

const roomOf = (file: string) => file.split('/')[0] ?? file;

test('imports point one way: every room imports only what the house plan allows', () => {
  const breaches = files.flatMap((file) => {
    const allowed = MAY_IMPORT[roomOf(file)];
    if (allowed === undefined) return [`${file}: its room is not in the plan`];
    return importsOf(file)
      .filter((target) => roomOf(target) !== roomOf(file))
      .filter((target) => !allowed.some((room) => target === room || target.startsWith(`${room}/`)))
      .map((target) => `${file} imports ${target}`);
  });
  expect(breaches).toEqual([]);
});

test('the walk sees imports at all', () => {
  expect(importsOf('main.ts')).toContain('gatehouse.ts');
  expect(importsOf('http/handlers/keys.ts')).toContain('http/handler.ts');
});

test('no file imports itself in a circle of files', () => {
  const graph = new Map(files.map((file) => [file, importsOf(file)]));
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, path: readonly string[]) => {
    if (path.includes(file)) {
      circles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
      return;
    }
    if (done.has(file)) return;
    for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  expect(circles).toEqual([]);
});

test('only config reads the process environment', () => {
  const readers = files.filter(
    // Pages have no environment; what they show people to copy may speak of it.
    (file) =>
      !['config', 'dashboard'].includes(roomOf(file)) && /process\.env\b/.test(readFileSync(join(SRC, file), 'utf8')),
  );
  expect(readers).toEqual([]);
});

test('nothing in src asks whether it is being tested', () => {
  const askers = files.filter((file) => /NODE_ENV|VITEST|JEST/.test(readFileSync(join(SRC, file), 'utf8')));
  expect(askers).toEqual([]);
});

test('no room grows past 300 lines', () => {
  const long = files.filter((file) => readFileSync(join(SRC, file), 'utf8').split('\n').length > 301);
  expect(long).toEqual([]);
});
