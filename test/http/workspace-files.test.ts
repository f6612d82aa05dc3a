import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UPLOAD_LIMITS } from '../../src/contract/workspace-files.js';
import { MINUTE } from '../support/clock.js';
import { ADMIN_KEY, type Answer, type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { expectProblem } from './problem.js';

const LONG = Array.from({ length: 5000 }, (_, index) => `line ${index + 1}`).join('\n');
const FILES: Readonly<Record<string, string | Buffer>> = {
  'README.md': '# Readme\n\nFines are red.\n',
  'src/main.ts': 'export const answer = 42;\n',
  'src/windows.ts': 'a\r\nb\r\n',
  'src.txt': 'beside the folder',
  'long.txt': LONG,
  'empty.txt': '',
  'pic.png': Buffer.from([0x89, 0x50, 0x4e, 0x47]),
  'zeros.dat': Buffer.alloc(10),
  'latin1.txt': Buffer.from([0x63, 0x61, 0x66, 0xe9]),
  'huge.txt': 'a'.repeat(600_000),
  '.env': 'API_KEY=do-not-show-me',
  'config/.env.production': 'API_KEY=do-not-show-me',
  'deploy.pem': 'do-not-show-me',
  'key-inside.txt': '-----BEGIN PRIVATE KEY-----\ndo-not-show-me\n',
  '.gitignore': 'local/\n*.log\n',
  'local/settings.json': '{"password": "do-not-show-me"}',
  'app.log': 'do-not-show-me',
  'node_modules/x/index.js': 'do-not-show-me',
  '.git/config': 'do-not-show-me',
  'sub/.gitignore': 'mine.txt\n',
  'sub/mine.txt': 'do-not-show-me',
};

let gate: RunningGatehouse;
let folder: string;

beforeAll(async () => {
  gate = await startGatehouse(
    { ADMIN_API_KEY: ADMIN_KEY, API_RATE_LIMIT: 'off' },
    { files: { 'other/a.txt': 'other' } },
  );
  folder = join(gate.folder, 'w');
  for (const [name, content] of Object.entries(FILES)) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  await symlink(join(gate.folder, 'api-keys.json'), join(folder, 'keys-link'));
  await symlink(join(gate.folder, 'other'), join(folder, 'folder-link'));
  await gate.local('/api/workspaces');
});
afterAll(() => gate[Symbol.asyncDispose]());

const read = (path: string, more = ''): Promise<Answer> =>
  gate.call(`/api/workspaces/w/file?path=${encodeURIComponent(path)}${more}`, { key: ADMIN_KEY });
const list = async (query: string) => (await gate.call(`/api/workspaces/w/files?${query}`, { key: ADMIN_KEY })).json;

describe('the list', () => {
  test('tells of every file whether it answers questions, and else why not; nothing of what is in it', async () => {
    const { data, nextCursor } = await list('limit=200');
    expect(nextCursor).toBe(null);
    const told = Object.fromEntries(
      data.map(({ path, reason }: { path: string; reason: string | null }) => [path, reason]),
    );
    expect(told).toEqual({
      '.env': 'secret',
      '.git/': 'hidden',
      '.gitignore': null,
      'README.md': null,
      'app.log': 'ignored by .gitignore',
      'config/.env.production': 'secret',
      'deploy.pem': 'secret',
      'empty.txt': null,
      'folder-link': 'link',
      'huge.txt': 'too large',
      'key-inside.txt': 'secret',
      'keys-link': 'link',
      'latin1.txt': 'not UTF-8',
      'local/': 'ignored by .gitignore',
      'long.txt': null,
      'node_modules/': 'dependencies',
      'pic.png': 'binary',
      'src.txt': null,
      'src/main.ts': null,
      'src/windows.ts': null,
      'sub/.gitignore': null,
      'sub/mine.txt': 'ignored by .gitignore',
      'zeros.dat': 'binary',
    });
    expect(data.find((file: { path: string }) => file.path === 'src/main.ts')).toMatchObject({
      bytes: 26,
      indexed: true,
      modifiedAt: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect(JSON.stringify(data)).not.toContain('do-not-show-me');
  });

  test.each([1, 2, 3, 7])('comes in pages of %i that hold every file once, in order', async (limit) => {
    const all = (await list('limit=200')).data.map(({ path }: { path: string }) => path);
    const seen: string[] = [];
    for (let cursor = ''; ; ) {
      const page = await list(`limit=${limit}${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`);
      expect(page.data.length).toBeLessThanOrEqual(limit);
      seen.push(...page.data.map(({ path }: { path: string }) => path));
      if (page.nextCursor === null) break;
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(all);
    expect(seen).toEqual([...seen].sort());
  });

  test('can be of paths that begin alike', async () => {
    const of = async (prefix: string) =>
      (await list(`prefix=${encodeURIComponent(prefix)}`)).data.map(({ path }: { path: string }) => path);
    expect(await of('src')).toEqual(['src.txt', 'src/main.ts', 'src/windows.ts']);
    expect(await of('src/')).toEqual(['src/main.ts', 'src/windows.ts']);
    expect(await of('src/m')).toEqual(['src/main.ts']);
    for (const prefix of ['nowhere', '../', '/', 'folder-link/', 'node_modules/x'])
      expect(await of(prefix)).toEqual([]);
  });

  test('R3: foreign cursors and bad limits are no failure of ours', async () => {
    expect((await list(`cursor=${encodeURIComponent('../../zzz')}`)).data).toBeDefined();
    expectProblem(await gate.call('/api/workspaces/w/files?limit=0', { key: ADMIN_KEY }), 'BAD_REQUEST');
    expectProblem(await gate.call('/api/workspaces/w/files?path=x', { key: ADMIN_KEY }), 'BAD_REQUEST');
    expectProblem(await gate.call('/api/workspaces/nowhere/files', { key: ADMIN_KEY }), 'NOT_FOUND');
  });
});

test('what a workspace chose not to index is told so, and not shown', async () => {
  const choose = (rules: object) => gate.local('/api/workspaces/other', { method: 'PATCH', body: rules });
  await mkdir(join(gate.folder, 'other/docs'), { recursive: true });
  await writeFile(join(gate.folder, 'other/docs/b.md'), 'b');
  const told = async () =>
    (await gate.local('/api/workspaces/other/files')).json.data.map(
      ({ path, reason }: { path: string; reason: string | null }) => [path, reason],
    );
  expect((await choose({ exclude: ['docs/'] })).status).toBe(200);
  expect(await told()).toEqual([
    ['a.txt', null],
    ['docs/', 'excluded'],
  ]);
  expectProblem(await gate.local('/api/workspaces/other/file?path=docs/b.md'), 'NOT_FOUND');
  await choose({ exclude: [], include: ['*.md'] });
  expect(await told()).toEqual([
    ['a.txt', 'not included'],
    ['docs/b.md', null],
  ]);
  expect((await gate.local('/api/workspaces/other/file?path=docs/b.md')).json.lines).toEqual(['b']);
  expectProblem(await gate.local('/api/workspaces/other/file?path=a.txt'), 'NOT_FOUND');
  await choose({ include: [] });
});

describe('lines of a file', () => {
  test('are those of its citations: both ends included, with how many there are', async () => {
    expect((await read('README.md')).json).toEqual({
      path: 'README.md',
      startLine: 1,
      endLine: 4,
      totalLines: 4,
      lines: ['# Readme', '', 'Fines are red.', ''],
    });
    expect((await read('long.txt', '&startLine=10&endLine=12')).json).toMatchObject({
      startLine: 10,
      endLine: 12,
      totalLines: 5000,
      lines: ['line 10', 'line 11', 'line 12'],
    });
    expect((await read('src/windows.ts')).json.lines).toEqual(['a\r', 'b\r', '']);
    expect((await read('empty.txt')).json).toMatchObject({ endLine: 1, lines: [''] });
  });

  test('come two thousand at once', async () => {
    const { json } = await read('long.txt', '&startLine=1001');
    expect(json).toMatchObject({ startLine: 1001, endLine: 3000, totalLines: 5000 });
    expect(json.lines).toHaveLength(2000);
    expect((await read('long.txt', '&startLine=5001')).json).toMatchObject({ endLine: 5000, lines: [] });
    expect((await read('long.txt', '&startLine=10&endLine=5')).json).toMatchObject({ endLine: 9, lines: [] });
  });

  test('fit what a question cited', async () => {
    const key = ADMIN_KEY;
    const asked = await gate.call('/api/ask', { key, body: { workspaceId: 'w', question: 'Which colour are fines?' } });
    const [{ path, startLine, endLine, text }] = asked.json.citations;
    const { json } = await read(path, `&startLine=${startLine}&endLine=${endLine}`);
    expect(json.lines.join('\n')).toBe(text);
  });

  test.each([
    '.env',
    'config/.env.production',
    'deploy.pem',
    'key-inside.txt',
    'local/settings.json',
    'app.log',
    'sub/mine.txt',
    'node_modules/x/index.js',
    '.git/config',
    'keys-link',
    'folder-link/a.txt',
    'nowhere.txt',
    'src',
    'src/main.ts/x',
    'README.MD',
  ])('Q4: of %j are not shown, and look like nothing', async (path) => {
    const answer = await read(path);
    expectProblem(answer, 'NOT_FOUND', 'There is no such file in this workspace, or none that is shown.');
  });

  test.each(['pic.png', 'zeros.dat', 'latin1.txt', 'huge.txt'])(
    'of %j are refused in words: it is no text',
    async (path) => {
      expectProblem(await read(path), 'BAD_REQUEST', /^path: this file is (binary|not UTF-8|larger than 512 KB)/);
    },
  );

  test.each([
    '',
    '..',
    '../other/a.txt',
    'a/../../other/a.txt',
    '/etc/passwd',
    'src\\main.ts',
    'a\0',
    '.gatehouse/users.json',
    './README.md',
  ])('R3 Q4: %j is no path', async (path) => expectProblem(await read(path), 'BAD_REQUEST'));

  test('R3: bad numbers, no path and two paths are a bad request', async () => {
    for (const more of [
      '&startLine=0',
      '&startLine=-1',
      '&startLine=x',
      '&endLine=1.5',
      '&startLine=99999999999',
      '&path=b',
    ])
      expectProblem(await read('README.md', more), 'BAD_REQUEST');
    expectProblem(await gate.call('/api/workspaces/w/file', { key: ADMIN_KEY }), 'BAD_REQUEST');
  });
});

describe('deleting a file', () => {
  const remove = (path: string) =>
    gate.call(`/api/workspaces/w/file?path=${encodeURIComponent(path)}`, { method: 'DELETE', key: ADMIN_KEY });

  test('takes it away with the folders that are empty without it, and nothing else', async () => {
    await mkdir(join(folder, 'x/y/z'), { recursive: true });
    await writeFile(join(folder, 'x/y/z/a.txt'), 'a');
    await writeFile(join(folder, 'x/b.txt'), 'b');
    expect((await remove('x/y/z/a.txt')).json).toEqual({ workspaceId: 'w', path: 'x/y/z/a.txt', status: 'deleted' });
    expect(await readdir(join(folder, 'x'))).toEqual(['b.txt']);
    expectProblem(await remove('x/y/z/a.txt'), 'NOT_FOUND');
  });

  test('follows no link: the link goes, what it leads to stays', async () => {
    await symlink(join(gate.folder, 'other/a.txt'), join(folder, 'gone-link'));
    expect((await remove('gone-link')).status).toBe(200);
    expectProblem(await remove('folder-link/a.txt'), 'NOT_FOUND');
    expect(await readFile(join(gate.folder, 'other/a.txt'), 'utf8')).toBe('other');
    expectProblem(await remove('src'), 'CONFLICT');
    for (const path of ['../other/a.txt', '/etc/hosts', '.gatehouse/x'])
      expectProblem(await remove(path), 'BAD_REQUEST');
    expect(existsSync(join(folder, 'src/main.ts'))).toBe(true);
  });
});

test('a workspace takes no more than its bound, also of what others put there', async () => {
  await mkdir(join(gate.folder, 'full'));
  await gate.local('/api/workspaces');
  const put = () =>
    gate.call('/api/workspaces/full/file?path=a.txt', {
      method: 'PUT',
      key: ADMIN_KEY,
      body: 'a',
      headers: { 'content-type': 'text/plain' },
    });
  expect((await put()).status).toBe(200);
  // A file with a hole is as large as it says, and takes no room here.
  const { truncate } = await import('node:fs/promises');
  await writeFile(join(gate.folder, 'full/hole.bin'), '');
  await truncate(join(gate.folder, 'full/hole.bin'), UPLOAD_LIMITS.workspaceBytes);
  gate.clock.advance(2 * MINUTE);
  expectProblem(await put(), 'PAYLOAD_TOO_LARGE', /A workspace holds at most 2000 MB in 200000 files/);
  expect(await readdir(join(gate.folder, 'full'))).toEqual(['a.txt', 'hole.bin']);
});
