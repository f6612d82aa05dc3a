import { type Dirent, readdirSync, readFileSync } from 'node:fs';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import balena from '@balena/dockerignore';
import { expect, test } from 'vitest';
import { REPOSITORY, temporaryFolder } from '../support/workspace.js';
import { copiedFromContext, parseDockerfile } from './parse.js';

// The package is CommonJS with `module.exports` as the function, and types that say `export default`.
const dockerignore = balena as unknown as typeof balena.default;

const rules = readFileSync(join(REPOSITORY, '.dockerignore'), 'utf8');
const copied = copiedFromContext(parseDockerfile(readFileSync(join(REPOSITORY, 'Dockerfile'), 'utf8')));

/** The files of a folder that `docker build` would be sent. */
function contextOf(folder: string): string[] {
  const matcher = dockerignore().add(rules);
  return filesOf(folder, '').filter((path) => !matcher.ignores(path));
}

/** Without the big folders; other tests may make and remove files in a checkout while it is walked. */
function filesOf(root: string, folder: string): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(join(root, folder), { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) return [path];
    return path === 'node_modules' || path === '.git' ? [] : filesOf(root, path);
  });
}

const isUnder = (path: string, source: string) => path === source || path.startsWith(`${source}/`);

const SECRETS = [
  '.env',
  '.env.local',
  '.env.production.local',
  '.npmrc',
  '.git/config',
  'server.pem',
  'admin-api-key',
  'docs/deploy/.env.local',
  'docs/deploy/admin-api-key',
  'src/config/.env',
  'src/http/tls.key',
  'src/http/tls.pem',
  'src/http/tls.p12',
  'workspaces/api-keys.json',
  'workspaces/.api-keys.json.4f1c.tmp',
  'workspaces/.gatehouse/master.key',
  'workspaces/.gatehouse/usage.json',
  'workspaces/.gatehouse/audit/2026-01.jsonl',
  'workspaces/private/notes.ts',
  'workspaces/example.old/notes.ts',
  'workspaces/example/.env.local',
  'workspaces/example/.git/config',
  'workspaces/example/api-keys.json',
  'workspaces/example/.gatehouse/master.key',
  'workspaces/example/server/.npmrc',
  'workspaces/example/server/id_rsa',
  'workspaces/example/server/.ssh/id_ed25519',
  'workspaces/loose.txt',
  'node_modules/a/index.js',
  'src/node_modules/a/index.js',
  'workspaces/example/node_modules/a/index.js',
  'dist/main.js',
  'backup.tgz',
];

test('R7: no key, .env or state file planted in a checkout reaches the build, and everything the build copies does', async () => {
  await using folder = await temporaryFolder();
  for (const name of ['src', 'workspaces/example', 'package.json', 'package-lock.json', 'tsconfig.json']) {
    await cp(join(REPOSITORY, name), join(folder.path, name), { recursive: true });
  }
  const clean = contextOf(folder.path);
  for (const name of SECRETS) {
    await mkdir(dirname(join(folder.path, name)), { recursive: true });
    await writeFile(join(folder.path, name), 'planted');
  }
  const matcher = dockerignore().add(rules);
  expect(SECRETS.filter((path) => !matcher.ignores(path))).toEqual([]);
  expect(contextOf(folder.path)).toEqual(clean);

  expect(copied.filter((source) => !clean.some((path) => isUnder(path, source)))).toEqual([]);
  const source = readdirSync(join(folder.path, 'src'), { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  );
  expect(clean).toEqual(expect.arrayContaining(source.map((path) => `src/${path}`)));
});

test('R7: nothing is sent to the build that it does not copy, from this very checkout', () => {
  const sent = contextOf(REPOSITORY);
  expect(sent.filter((path) => !copied.some((source) => isUnder(path, source)))).toEqual([]);
  expect(sent).toContain('src/main.ts');
  expect(sent).toContain('workspaces/example/README.md');
});
