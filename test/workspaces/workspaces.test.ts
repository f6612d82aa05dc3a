import { chmod, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Logger } from '../../src/kernel/logger.js';
import { openWorkspaces } from '../../src/workspaces/workspaces.js';

const warnings: string[] = [];
const log: Logger = { debug() {}, info() {}, warn: (message) => warnings.push(message), error() {} };

let outside: string;
let root: string;

beforeEach(async () => {
  warnings.length = 0;
  outside = await realpath(await mkdtemp(path.join(tmpdir(), 'gatehouse-workspaces-')));
  root = path.join(outside, 'workspaces');
  await mkdir(root);
});
afterEach(() => rm(outside, { recursive: true, force: true }));

const ownership = { ownerOf: () => 'org_default' };
const open = () => openWorkspaces({ root, log, ownership });

describe('discovery', () => {
  test('folders are workspaces of the default organization, sorted by id', async () => {
    for (const name of ['zebra', 'api', 'a.b_c-1', '0']) await mkdir(path.join(root, name));
    const workspaces = await open();
    expect(workspaces.list().map((workspace) => workspace.id)).toEqual(['0', 'a.b_c-1', 'api', 'zebra']);
    expect(workspaces.get('api')).toEqual({ id: 'api', path: path.join(root, 'api') });
    expect(workspaces.ownerOf('api')).toBe('org_default');
    expect(workspaces.skipped()).toEqual([]);
  });

  test.each([
    '..',
    '.',
    '',
    '../workspaces/api',
    'api/',
    './api',
    'api/..',
    '%2e%2e',
    'API',
    '__proto__',
    'constructor',
  ])('Q4: %j is no workspace, however it is spelled', async (id) => {
    await mkdir(path.join(root, 'api'));
    const workspaces = await open();
    expect(workspaces.get(id)).toBeUndefined();
    expect(workspaces.ownerOf(id)).toBeUndefined();
  });

  test.each(['Upper', 'with space', '-dash', '_low', 'ünicode', 'x'.repeat(65), 'a\nb'])(
    'a folder named %j is skipped, with the rule for names as the reason',
    async (name) => {
      await mkdir(path.join(root, name));
      const workspaces = await open();
      expect(workspaces.list()).toEqual([]);
      expect(workspaces.skipped()).toHaveLength(1);
      expect(workspaces.skipped()[0]?.reason).toContain('1 to 64 characters');
      expect(workspaces.skipped()[0]?.name).not.toContain('\n');
    },
  );

  test('dotfolders and files are neither workspaces nor reported', async () => {
    await mkdir(path.join(root, '.gatehouse'));
    await mkdir(path.join(root, '.git'));
    await writeFile(path.join(root, 'api-keys.json'), '{}');
    const workspaces = await open();
    expect(workspaces.list()).toEqual([]);
    expect(workspaces.skipped()).toEqual([]);
  });

  test('a folder that does not exist holds no workspaces, and may be made later', async () => {
    await rm(root, { recursive: true });
    const workspaces = await open();
    expect(workspaces.list()).toEqual([]);
    await mkdir(path.join(root, 'api'), { recursive: true });
    await workspaces.refresh();
    expect(workspaces.ownerOf('api')).toBe('org_default');
  });

  test('a path that is a file stops the start', async () => {
    await rm(root, { recursive: true });
    await writeFile(root, '');
    await expect(open()).rejects.toMatchObject({ code: 'ENOTDIR' });
  });
});

describe('Q4: links never leave the folder', () => {
  const links: [string, () => string, string | null][] = [
    ['to a folder outside', () => outside, 'leaves the workspaces folder'],
    ['to a sibling whose name starts alike', () => `${root}-evil`, 'leaves the workspaces folder'],
    ['to the system', () => '/etc', 'leaves the workspaces folder'],
    ['to the root itself', () => root, 'leaves the workspaces folder'],
    ['out by dots', () => '../elsewhere', 'leaves the workspaces folder'],
    ['to the folder of keys', () => path.join(root, '.gatehouse'), 'hidden folder'],
    ['below the folder of keys', () => path.join(root, '.gatehouse', 'audit'), 'hidden folder'],
    ['to nothing', () => path.join(root, 'nowhere'), 'cannot be read'],
    ['to itself', () => path.join(root, 'link'), 'cannot be read'],
    ['to a folder inside', () => path.join(root, 'api'), null],
  ];
  test.each(links)('a link %s', async (_name, target, reason) => {
    await mkdir(path.join(root, 'api'));
    await mkdir(path.join(root, '.gatehouse', 'audit'), { recursive: true });
    await mkdir(path.join(outside, 'elsewhere'));
    await mkdir(`${root}-evil`);
    await symlink(target(), path.join(root, 'link'));
    const workspaces = await open();
    if (reason === null) {
      expect(workspaces.get('link')?.path).toBe(path.join(root, 'api'));
      expect(workspaces.skipped()).toEqual([]);
    } else {
      expect(workspaces.get('link')).toBeUndefined();
      expect(workspaces.skipped()).toEqual([{ name: 'link', reason: expect.stringContaining(reason) }]);
    }
  });

  test('the root may itself be reached through a link', async () => {
    await mkdir(path.join(root, 'api'));
    await symlink(root, path.join(outside, 'alias'));
    const workspaces = await openWorkspaces({ root: path.join(outside, 'alias'), log, ownership });
    expect(workspaces.get('api')?.path).toBe(path.join(root, 'api'));
  });
});

describe('refresh', () => {
  test('a new folder appears and a removed one goes, without restart', async () => {
    await mkdir(path.join(root, 'old'));
    const workspaces = await open();
    await mkdir(path.join(root, 'new'));
    await rm(path.join(root, 'old'), { recursive: true });
    expect(workspaces.ownerOf('new')).toBeUndefined();
    await workspaces.refresh();
    expect(workspaces.list().map((workspace) => workspace.id)).toEqual(['new']);
    expect(workspaces.ownerOf('old')).toBeUndefined();
  });

  test('a call made while another reads sees what was there when it was made', async () => {
    const workspaces = await open();
    for (let round = 0; round < 20; round++) {
      const earlier = workspaces.refresh();
      await mkdir(path.join(root, `w${round}`));
      await workspaces.refresh();
      expect(workspaces.ownerOf(`w${round}`)).toBe('org_default');
      await earlier;
    }
  });

  test.skipIf(process.getuid?.() === 0)('a folder that cannot be read keeps what was known and warns', async () => {
    await mkdir(path.join(root, 'api'));
    const workspaces = await open();
    await chmod(root, 0);
    await workspaces.refresh();
    await chmod(root, 0o700);
    expect(workspaces.ownerOf('api')).toBe('org_default');
    expect(warnings).toHaveLength(1);
  });

  test('a folder that turned into a file keeps what was known and warns', async () => {
    await mkdir(path.join(root, 'api'));
    const workspaces = await open();
    await rm(root, { recursive: true });
    await writeFile(root, '');
    await workspaces.refresh();
    expect(workspaces.ownerOf('api')).toBe('org_default');
    expect(warnings).toHaveLength(1);
  });
});
