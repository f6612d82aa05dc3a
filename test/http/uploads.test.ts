import { spawnSync } from 'node:child_process';
import { lstat, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  gzippedTarOf,
  rawEntry,
  rawHeader,
  TAR,
  TAR_END,
  type TarEntry,
  tarOf,
  tarOfEntries,
} from '../support/archives.js';
import { ADMIN_KEY, type Answer, type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { expectProblem } from './problem.js';

let gate: RunningGatehouse;
let folder: string;

beforeAll(async () => {
  gate = await startGatehouse({ ADMIN_API_KEY: ADMIN_KEY, API_RATE_LIMIT: 'off' });
  folder = join(gate.folder, 'w');
});
afterAll(() => gate[Symbol.asyncDispose]());
beforeEach(async () => {
  expect((await gate.local('/api/workspaces', { body: { id: 'w' } })).status).toBe(201);
});
afterEach(async () => {
  expect((await gate.local('/api/workspaces/w?confirm=w', { method: 'DELETE' })).status).toBe(200);
});

const upload = (body: Buffer, headers: Record<string, string> = TAR): Promise<Answer> =>
  gate.call('/api/workspaces/w/files', { method: 'POST', key: ADMIN_KEY, body, headers });
const put = (path: string, body: string | Buffer): Promise<Answer> =>
  gate.call(`/api/workspaces/w/file?path=${encodeURIComponent(path)}`, {
    method: 'PUT',
    key: ADMIN_KEY,
    body,
    headers: { 'content-type': 'application/octet-stream' },
  });
/** Every name below the workspace; links are not followed. */
const everything = async (): Promise<string[]> => {
  const names: string[] = [];
  const visit = async (place: string) => {
    for (const entry of await readdir(join(folder, place), { withFileTypes: true })) {
      names.push(join(place, entry.name));
      if (entry.isDirectory()) await visit(join(place, entry.name));
    }
  };
  await visit('');
  return names.sort();
};

/** Nothing of an upload is there: neither in its place nor beside it, and the workspaces folder holds what it held. */
async function expectNothingWritten(): Promise<void> {
  expect(await everything()).toEqual([]);
  const beside = (await readdir(gate.folder)).filter((name) => name !== 'api-keys.json');
  expect(beside.sort()).toEqual(['.gatehouse', 'example', 'w']);
}

describe('an archive', () => {
  test('becomes files and folders, plain and with gzip, and the answer names them', async () => {
    const files = {
      'src/a.ts': 'export const a = 1;\n',
      './README.md': '# R\n',
      'deep/er/b.bin': Buffer.from([0, 1, 2]),
    };
    const { status, json } = await upload(await tarOf(files));
    expect(status).toBe(200);
    expect(json).toEqual({
      workspaceId: 'w',
      files: 3,
      replaced: 0,
      bytes: 27,
      paths: ['src/a.ts', 'README.md', 'deep/er/b.bin'],
      leftOut: [],
      leftOutCount: 0,
    });
    expect(await readFile(join(folder, 'src/a.ts'), 'utf8')).toBe('export const a = 1;\n');
    expect(await readFile(join(folder, 'deep/er/b.bin'))).toEqual(Buffer.from([0, 1, 2]));
    const again = await upload(await gzippedTarOf({ 'src/a.ts': 'two', 'src/c.ts': '' }), {
      'content-type': 'application/gzip',
    });
    expect(again.json).toMatchObject({ files: 2, replaced: 1, bytes: 3 });
    expect(await readFile(join(folder, 'src/a.ts'), 'utf8')).toBe('two');
    expect(await everything()).toEqual(
      ['README.md', 'deep', 'deep/er', 'deep/er/b.bin', 'src', 'src/a.ts', 'src/c.ts'].sort(),
    );
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(join(folder, 'src/a.ts'))).mode & 0o777).toBe(0o600);
  });

  test('of the tar command, with long and foreign names, arrives whole; Unicode is composed', async () => {
    const made = await startGatehouse();
    const long = `${'long-folder-name/'.repeat(12)}file.txt`;
    await mkdir(join(made.folder, 'src', long, '..'), { recursive: true });
    await writeFile(join(made.folder, 'src', long), 'long');
    await writeFile(join(made.folder, 'src', 'cafe\u0301 日本.txt'), 'unicode');
    for (const format of ['gnu', 'pax']) {
      const tar = spawnSync('tar', [`--format=${format}`, '-cz', '-C', join(made.folder, 'src'), '.']);
      const { status, text, json } = await upload(tar.stdout);
      expect(status, text).toBe(200);
      expect(json.paths.sort()).toEqual(['caf\u00e9 日本.txt', long]);
    }
    await made[Symbol.asyncDispose]();
  });

  test('Q4: secret files, .git and dependencies in it are left out and named, never written', async () => {
    const { json } = await upload(
      await tarOf({
        '.env': 'KEY=1',
        'web/.env.local': 'KEY=1',
        id_rsa: 'k',
        '.git/config': 'c',
        'node_modules/x/index.js': 'x',
        '.aws/credentials': 'x',
        'a.ts': 'a',
      }),
    );
    expect(json).toMatchObject({ files: 1, paths: ['a.ts'], leftOutCount: 6 });
    expect(json.leftOut).toContainEqual({ path: 'web/.env.local', reason: 'secret' });
    expect(json.leftOut).toContainEqual({ path: '.git/config', reason: 'hidden' });
    expect(await everything()).toEqual(['a.ts']);
  });

  const evil: [name: string, entries: TarEntry[]][] = [
    ['an absolute path', [{ name: '/etc/evil', content: 'x' }]],
    ['dots in front', [{ name: '../evil', content: 'x' }]],
    ['dots behind a folder', [{ name: 'a/../../evil', content: 'x' }]],
    ['dots that stay inside', [{ name: 'a/../b', content: 'x' }]],
    ['dots at the end', [{ name: 'a/..', content: 'x' }]],
    ['dots behind ./', [{ name: './../evil', content: 'x' }]],
    ['two slashes', [{ name: 'a//b', content: 'x' }]],
    ['a dot as a folder', [{ name: 'a/./b', content: 'x' }]],
    ['backslashes', [{ name: '..\\evil', content: 'x' }]],
    ['a backslash path', [{ name: 'a\\..\\..\\evil', content: 'x' }]],
    ['a drive', [{ name: 'C:evil', content: 'x' }]],
    ['a drive and a backslash', [{ name: 'C:\\evil', content: 'x' }]],
    ['a folder outside', [{ name: '../out/', type: 'directory' }]],
    ['a symbolic link', [{ name: 'link', type: 'symlink', linkname: '/etc' }]],
    ['a symbolic link that stays inside', [{ name: 'link', type: 'symlink', linkname: 'a' }]],
    [
      'a link and a file through it',
      [
        { name: 'link', type: 'symlink', linkname: '..' },
        { name: 'link/evil', content: 'x' },
      ],
    ],
    ['a hard link', [{ name: 'link', type: 'link', linkname: '../api-keys.json' }]],
    ['a character device', [{ name: 'dev', type: 'character-device', devmajor: 1, devminor: 3 }]],
    ['a block device', [{ name: 'dev', type: 'block-device', devmajor: 8, devminor: 0 }]],
    ['a pipe', [{ name: 'pipe', type: 'fifo' }]],
    [
      'a file that is there twice',
      [
        { name: 'a', content: 'x' },
        { name: 'a', content: 'y' },
      ],
    ],
    [
      'a name in two normal forms',
      [
        { name: 'caf\u00e9', content: 'x' },
        { name: 'cafe\u0301', content: 'y' },
      ],
    ],
    [
      'a file that is also a folder',
      [
        { name: 'a', content: 'x' },
        { name: 'a/b', content: 'y' },
      ],
    ],
    [
      'a folder that is also a file',
      [
        { name: 'a/b', content: 'x' },
        { name: 'a', content: 'y' },
      ],
    ],
    ['our folder', [{ name: '.gatehouse/users.json', content: 'x' }]],
    ['our folder in other letters', [{ name: 'a/.GateHouse/x', content: 'x' }]],
    ['our key file', [{ name: 'api-keys.json', content: 'x' }]],
    ['a name of 300 bytes', [{ name: 'n'.repeat(300), content: 'x' }]],
    ['a path of 2,000 bytes', [{ name: `${'d/'.repeat(30)}${'dddddddddd/'.repeat(200)}x`, content: 'x' }]],
    ['a hundred folders', [{ name: `${'d/'.repeat(100)}x`, content: 'x' }]],
    ['a line break in a name', [{ name: 'a\nb', content: 'x' }]],
    ['a terminal escape in a name', [{ name: 'a\u001b[2Jb', content: 'x' }]],
    ['a direction mark in a name', [{ name: 'a\u202etxt.exe', content: 'x' }]],
  ];
  test.each(evil)('R3: with %s is refused whole, and nothing is written', async (_name, entries) => {
    const good = { name: 'good.txt', content: 'good' };
    for (const zip of [(bytes: Buffer) => bytes, gzipSync]) {
      const answer = await upload(zip(await tarOfEntries([good, ...entries, { ...good, name: 'more.txt' }])));
      expectProblem(answer, 'BAD_REQUEST');
      expect(answer.json.detail).toMatch(/^The entry ".*" .*\. Nothing was written\.$/s);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is the point
      expect(answer.json.detail).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
    }
    await expectNothingWritten();
  });

  const raw: [name: string, bytes: () => Buffer][] = [
    ['a NUL in a pax path', () => Buffer.concat([paxEntry('path', 'a\0b'), rawEntry({ name: 'x' }, 'x'), TAR_END])],
    ['dots in a pax path', () => Buffer.concat([paxEntry('path', '../evil'), rawEntry({ name: 'x' }, 'x'), TAR_END])],
    [
      'dots in a GNU long name',
      () => Buffer.concat([rawEntry({ name: 'L', type: 'L' }, '../evil\0'), rawEntry({ name: 'x' }, 'x'), TAR_END]),
    ],
    [
      'bytes that are no UTF-8',
      () => Buffer.concat([rawEntry({ name: Buffer.from([0x61, 0xff, 0xfe]) }, 'x'), TAR_END]),
    ],
    ['an empty name', () => Buffer.concat([rawEntry({ name: '' }, 'x'), TAR_END])],
    ['a kind nobody knows', () => Buffer.concat([rawEntry({ name: 'x', type: 'Z' }, 'x'), TAR_END])],
    ['a sparse file of GNU', () => Buffer.concat([rawEntry({ name: 'x', type: 'S' }, 'x'), TAR_END])],
    [
      'a size in a pax header that is none',
      () => Buffer.concat([paxEntry('size', 'NaN'), rawEntry({ name: 'x' }, 'x'), TAR_END]),
    ],
    ['a negative size', () => Buffer.concat([paxEntry('size', '-1'), rawEntry({ name: 'x' }, 'x'), TAR_END])],
    [
      'a pax header of 100 MB',
      () => Buffer.concat([rawHeader({ name: 'p', type: 'x', size: 100_000_000 }), Buffer.alloc(5_000_000, 0x20)]),
    ],
    ['no archive at all', () => Buffer.from('this is a text and no archive, whatever its label says'.repeat(40))],
    ['a JSON document', () => Buffer.from('{"a": 1}')],
    ['an empty body', () => Buffer.alloc(0)],
    ['a gzip of nothing', () => gzipSync(Buffer.alloc(0))],
    ['a gzip in a gzip', () => gzipSync(gzipSync(Buffer.from('x')))],
    ['the first half of a gzip', () => half(gzipSync(noise(100_000)))],
    ['a damaged gzip', () => damaged(gzipSync(noise(100_000)))],
    ['a body that ends in a file', () => Buffer.concat([rawHeader({ name: 'x', size: 5000 }), Buffer.alloc(1000, 1)])],
    [
      'a body that ends between two files',
      () => Buffer.concat([rawEntry({ name: 'x' }, 'x'), rawEntry({ name: 'y' }, 'y')]),
    ],
    ['a body that ends in a header', () => rawHeader({ name: 'x', size: 5 }).subarray(0, 300)],
  ];
  test.each(raw)('R3: %s is a bad request, and nothing is written', async (_name, bytes) => {
    const answer = await upload(bytes());
    expectProblem(answer, 'BAD_REQUEST');
    await expectNothingWritten();
  });

  test('R3: a bomb is found long before it is unpacked', async () => {
    const bomb = gzipSync(
      Buffer.concat([rawHeader({ name: 'zeros', size: 24_000_000 }), Buffer.alloc(24_000_000), TAR_END]),
    );
    expect(bomb.length).toBeLessThan(30_000);
    const answer = await upload(bomb);
    expectProblem(answer, 'PAYLOAD_TOO_LARGE');
    expect(answer.json.detail).toContain('far more than it is');
    await expectNothingWritten();
  });

  test('R3: a file over the bound is named before its content is read', async () => {
    const answer = await upload(
      Buffer.concat([rawHeader({ name: 'big.bin', size: 4_000_000_000 }), Buffer.alloc(2000)]),
    );
    expectProblem(answer, 'PAYLOAD_TOO_LARGE');
    expect(answer.json.detail).toBe('big.bin is larger than 25 MB.');
    await expectNothingWritten();
  });

  test('R3: a hundred thousand entries are too many, whatever they are', { timeout: 60_000 }, async () => {
    const entries: Buffer[] = [];
    for (let index = 0; index < 100_001; index += 1) entries.push(rawHeader({ name: `d${index}/`, type: '5' }));
    const answer = await upload(gzipSync(Buffer.concat([...entries, TAR_END]), { level: 1 }));
    expectProblem(answer, 'PAYLOAD_TOO_LARGE');
    await expectNothingWritten();
  });

  test('R3: another media type is 415, a body that says it is too large 413, before any of it is read', async () => {
    expectProblem(
      await upload(await tarOf({ a: 'a' }), { 'content-type': 'application/json' }),
      'UNSUPPORTED_MEDIA_TYPE',
    );
    const encoded = await upload(gzipSync(await tarOf({ a: 'a' })), { ...TAR, 'content-encoding': 'gzip' });
    expectProblem(encoded, 'UNSUPPORTED_MEDIA_TYPE');
    const { status } = await hangUp({ 'content-length': '600000000' });
    expect(status).toBe(413);
    await expectNothingWritten();
  });

  test('a caller who hangs up in the middle leaves nothing behind', async () => {
    const tar = await tarOf({ 'a.bin': noise(200_000), 'b.bin': noise(200_000) });
    await hangUp({ 'transfer-encoding': 'chunked' }, tar.subarray(0, 300_000));
    await expect.poll(everything).toEqual([]);
    await expectNothingWritten();
  });

  test('a key that is revoked while its upload arrives writes nothing', async () => {
    const { key, token } = await gate.createKey({ scopes: ['projects:write'] });
    const tar = await tarOf({ 'a.bin': noise(200_000) });
    const answer = await new Promise<number>((resolve, reject) => {
      const headers = { ...TAR, 'x-api-key': token, 'transfer-encoding': 'chunked' };
      const sent = httpRequest(`${gate.url}/api/workspaces/w/files`, { method: 'POST', headers }, (response) =>
        resolve(response.resume().statusCode ?? 0),
      );
      sent.on('error', reject);
      sent.write(tar.subarray(0, 1000));
      void gate.local(`/api/keys/${key.id}/revoke`, { method: 'POST' }).then(() => sent.end(tar.subarray(1000)));
    });
    expect(answer).toBe(401);
    await expectNothingWritten();
  });

  test('where a folder or a link is in the way, nothing is written and the path is named', async () => {
    await mkdir(join(folder, 'src/a.ts'), { recursive: true });
    await symlink(join(gate.folder, 'example'), join(folder, 'link'));
    await symlink(join(gate.folder, '.gatehouse'), join(folder, 'keys'));
    for (const [path, words] of [
      ['src/a.ts', 'src/a.ts is a folder'],
      ['link/x.txt', 'link is a link'],
      ['keys/users.json', 'keys is a link'],
      ['link', 'link is a link'],
    ] as const) {
      const answer = await upload(await tarOf({ 'aaa.txt': 'first', [path]: 'x' }));
      expectProblem(answer, 'CONFLICT');
      expect(answer.json.detail).toContain(words);
    }
    expect(await everything()).toEqual(['keys', 'link', 'src', 'src/a.ts']);
    expect(await readdir(join(gate.folder, 'example'))).not.toContain('x.txt');
    await rm(join(folder, 'link'));
    await rm(join(folder, 'keys'));
  });

  test('the staging folder is never a link that somebody left', async () => {
    await symlink(join(gate.folder, 'example'), join(folder, '.gatehouse'));
    const before = (await readdir(join(gate.folder, 'example'))).sort();
    const answer = await upload(await tarOf({ a: 'a' }));
    expect(answer.status).toBe(409);
    expect((await readdir(join(gate.folder, 'example'))).sort()).toEqual(before);
    await rm(join(folder, '.gatehouse'));
  });

  test('two at once are both there, and of one path the whole file of one of them', async () => {
    const one = noise(300_000);
    const two = noise(300_000);
    const sends = [one, two].map(async (content, index) =>
      upload(await tarOf({ 'same.bin': content, [`only-${index}.bin`]: content })),
    );
    const alone = put('same.bin', one);
    for (const { status, text } of await Promise.all([...sends, alone])) expect(status, text).toBe(200);
    expect(await everything()).toEqual(['only-0.bin', 'only-1.bin', 'same.bin']);
    const same = await readFile(join(folder, 'same.bin'));
    expect([one, two].some((content) => content.equals(same))).toBe(true);
  });

  test('one line of the audit log tells of it, without its content', async () => {
    await upload(await tarOf({ 'a.txt': 'the-content-of-a-file' }));
    const { json, text } = await gate.local('/api/audit?limit=1');
    expect(json.data[0]).toMatchObject({
      action: 'workspace.upload',
      target: 'w',
      detail: { files: 1, paths: ['a.txt'] },
    });
    expect(text).not.toContain('the-content-of-a-file');
    expect(gate.logs()).not.toContain('the-content-of-a-file');
  });
});

describe('a single file', () => {
  test('is written with its folders, replaced, and never half', async () => {
    expect((await put('docs/a b/ü.md', '# One')).json).toEqual({
      workspaceId: 'w',
      path: 'docs/a b/ü.md',
      bytes: 5,
      replaced: false,
    });
    expect((await put('docs/a b/ü.md', '')).json).toMatchObject({ bytes: 0, replaced: true });
    expect(await readFile(join(folder, 'docs/a b/ü.md'), 'utf8')).toBe('');
    expect((await lstat(join(folder, 'docs/a b'))).mode & 0o777).toBe(0o700);
  });

  test.each([
    '/etc/x',
    '../x',
    'a/../x',
    'a\\x',
    'C:x',
    'a//b',
    'a/',
    './a',
    '.gatehouse/x',
    'api-keys.json',
    'a\0b',
    'a\nb',
    '',
    'x'.repeat(256),
    `${'d/'.repeat(70)}x`,
    '.env',
    'web/.env.production',
    'key.pem',
    '.git/hooks/pre-commit',
    'node_modules/x.js',
  ])('R3 Q4: %j is no path for one', async (path) => {
    expectProblem(await put(path, 'x'), 'BAD_REQUEST');
    await expectNothingWritten();
  });

  test('R3: over the bound it is 413, however it comes', async () => {
    const big = Buffer.alloc(25_000_001, 97);
    expectProblem(await put('big.txt', big), 'PAYLOAD_TOO_LARGE');
    const { status } = await hangUp(
      { 'transfer-encoding': 'chunked' },
      big,
      '/api/workspaces/w/file?path=big.txt',
      'PUT',
    );
    expect(status).toBe(413);
    await expectNothingWritten();
  });
});

/** Sends a beginning; waits for an answer only when nothing of the body is sent, or all of it. */
function hangUp(
  headers: Record<string, string>,
  body?: Buffer,
  path = '/api/workspaces/w/files',
  method = 'POST',
): Promise<{ status: number | null }> {
  return new Promise((resolve) => {
    const sent = httpRequest(`${gate.url}${path}`, {
      method,
      headers: { ...TAR, 'x-api-key': ADMIN_KEY, ...headers },
    });
    sent.on('response', (response) => {
      resolve({ status: response.statusCode ?? null });
      sent.destroy();
    });
    sent.on('error', () => resolve({ status: null }));
    sent.flushHeaders();
    if (body === undefined) return;
    sent.write(body);
    if (method === 'POST') setTimeout(() => sent.destroy(), 200);
  });
}

/** A pax header that says one thing about the entry behind it. */
function paxEntry(name: string, value: string): Buffer {
  const rest = ` ${name}=${value}\n`;
  let length = Buffer.byteLength(rest) + 1;
  while (String(length).length + Buffer.byteLength(rest) !== length) length += 1;
  return rawEntry({ name: 'pax', type: 'x' }, `${length}${rest}`);
}

const half = (bytes: Buffer) => bytes.subarray(0, bytes.length / 2);
const damaged = (bytes: Buffer) => {
  const copy = Buffer.from(bytes);
  copy.fill(0xaa, 5000, 6000);
  return copy;
};

let seed = 1;
/** Bytes that do not compress. */
function noise(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let index = 0; index < length; index += 1) {
    seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff;
    bytes[index] = seed >> 16;
  }
  return bytes;
}
