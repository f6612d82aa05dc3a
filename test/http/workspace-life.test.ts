import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TAR, tarOf } from '../support/archives.js';
import { ADMIN_KEY, type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { bindMount, mayMount, tinyDisk } from '../support/mounts.js';
import { temporaryFolder } from '../support/workspace.js';
import { expectProblem } from './problem.js';

let gate: RunningGatehouse;
let other: string;
/** Service keys with every scope, of the first organization and of the other one. */
let mine: string;
let theirs: string;

beforeAll(async () => {
  gate = await startGatehouse({ ADMIN_API_KEY: ADMIN_KEY, API_RATE_LIMIT: 'off' });
  other = (await gate.local('/api/organizations', { body: { name: 'Other' } })).json.organization.id;
  const serviceKey = async (organizationId: string) =>
    (await gate.local('/api/service-keys', { body: { name: 's', scopes: ['*'], organizationId } })).json.token;
  mine = await serviceKey('org_default');
  theirs = await serviceKey(other);
});
afterAll(() => gate[Symbol.asyncDispose]());

const create = (body: object, key = mine) => gate.call('/api/workspaces', { key, body });
const remove = (id: string, confirm = id, key = mine) =>
  gate.call(`/api/workspaces/${id}?confirm=${confirm}`, { key, method: 'DELETE' });
const onDisk = async (name: string) => JSON.parse(await readFile(join(gate.folder, '.gatehouse', name), 'utf8'));

describe('making a workspace', () => {
  test('makes an empty folder, 0700, that belongs to the organization of its maker', async () => {
    const made = await create({ id: 'made' });
    expect([made.status, made.json.workspace]).toMatchObject([201, { id: 'made', organizationId: 'org_default' }]);
    expect((await stat(join(gate.folder, 'made'))).mode & 0o777).toBe(0o700);
    expect((await onDisk('workspaces.json')).workspaces).toContainEqual(
      expect.objectContaining({ id: 'made', organizationId: 'org_default' }),
    );
    expect((await create({ id: 'theirs' }, theirs)).json.workspace.organizationId).toBe(other);
    expect((await gate.local('/api/workspaces', { body: { id: 'given', organizationId: other } })).status).toBe(201);
    const [line] = (await gate.call('/api/audit?limit=1', { key: theirs })).json.data;
    expect(line).toMatchObject({ action: 'workspace.create', target: 'given', organizationId: other });
  });

  test.each([
    '',
    '.',
    '..',
    '.gatehouse',
    'api-keys.json/x',
    'A',
    'a/b',
    '../x',
    'ü',
    'a b',
    '-a',
    'a'.repeat(65),
    'a\0',
    7,
    null,
  ])('R3: %j is no name for one', async (id) => {
    const before = await readdir(gate.folder);
    expectProblem(await create({ id }), 'BAD_REQUEST');
    expect(await readdir(gate.folder)).toEqual(before);
  });

  test('a name that is taken is 409: by a workspace, of whomever, a file, or a link', async () => {
    await create({ id: 'taken' });
    await writeFile(join(gate.folder, 'a-file'), '');
    await symlink('/nowhere', join(gate.folder, 'a-link'));
    for (const id of ['taken', 'a-file', 'a-link', 'api-keys.json'])
      for (const key of [mine, theirs]) expectProblem(await create({ id }, key), 'CONFLICT');
    expect(await readFile(join(gate.folder, 'a-file'), 'utf8')).toBe('');
  });

  test('A7: another organization is refused, and a key that is bound to workspaces makes no others', async () => {
    expectProblem(await create({ id: 'x', organizationId: other }), 'FORBIDDEN');
    expectProblem(await create({ id: 'x', organizationId: 'org_none' }), 'FORBIDDEN');
    const { token } = await gate.createKey({ scopes: ['projects:write'], workspaceIds: ['example'] });
    expectProblem(await create({ id: 'x' }, token), 'FORBIDDEN', /bound to other workspaces/);
    expect(existsSync(join(gate.folder, 'x'))).toBe(false);
  });

  test('A7: no more than the organization may have, also when many are made at once', async () => {
    const few = (await gate.local('/api/organizations', { body: { name: 'Few' } })).json.organization.id;
    const limits = { keys: null, workspaces: 3, members: null, requestsPerHour: null };
    await gate.local(`/api/organizations/${few}/entitlements`, { method: 'PUT', body: limits });
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        gate.local('/api/workspaces', { body: { id: `few-${index}`, organizationId: few } }),
      ),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(3);
    for (const answer of answers.filter(({ status }) => status !== 201)) expectProblem(answer, 'ENTITLEMENT_REACHED');
    expect((await readdir(gate.folder)).filter((name) => name.startsWith('few-'))).toHaveLength(3);
    expect(JSON.stringify(await onDisk('workspaces.json')).match(/few-/g)).toHaveLength(3);
  });

  test('of one name at once, one is made', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => create({ id: 'once' })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
  });

  test('what a workspace left that was removed by hand falls to nobody else who takes its name', async () => {
    await create({ id: 'handy' });
    const body = { name: 'key', type: 'custom', fields: { values: { A: 'v' } } };
    expect((await gate.call('/api/workspaces/handy/credentials', { key: mine, body })).status).toBe(201);
    await rm(join(gate.folder, 'handy'), { recursive: true });
    await gate.local('/api/workspaces');
    expectProblem(await create({ id: 'handy' }, theirs), 'CONFLICT');
    expect(existsSync(join(gate.folder, 'handy'))).toBe(false);
    expect((await create({ id: 'handy' })).status).toBe(201);
  });
});

describe('deleting a workspace', () => {
  /** One with a file, a credential, a secret, a variable and targets on the LAN. */
  async function furnished(id: string): Promise<void> {
    const at = `/api/workspaces/${id}`;
    expect((await create({ id })).status).toBe(201);
    const upload = { key: mine, method: 'POST', body: await tarOf({ 'a/b.txt': 'b' }), headers: TAR };
    expect((await gate.call(`${at}/files`, upload)).status).toBe(200);
    const credential = { name: 'shop', type: 'custom', fields: { values: { A: 'v' } } };
    expect((await gate.call(`${at}/credentials`, { key: mine, body: credential })).status).toBe(201);
    const secret = { key: mine, method: 'PUT', body: { value: 'v', hosts: [] } };
    expect((await gate.call(`${at}/secrets/S`, secret)).status).toBe(200);
    expect((await gate.call(`${at}/variables/V`, { ...secret, body: { value: 'v' } })).status).toBe(200);
    const lan = { method: 'PUT', body: { targets: ['10.0.0.7'] } };
    expect((await gate.local(`/api/settings/lan-targets/${id}`, lan)).status).toBe(200);
  }

  test('takes everything that is kept for it, and says what', async () => {
    await furnished('doomed');
    await gate.createKey({ workspaceIds: ['doomed'] });
    await gate.createKey({ workspaceIds: ['doomed', 'example'] });
    const gone = await remove('doomed');
    expect([gone.status, gone.json]).toEqual([
      200,
      { workspaceId: 'doomed', credentials: 1, secrets: 1, variables: 1, keysLeft: 1 },
    ]);
    expect(existsSync(join(gate.folder, 'doomed'))).toBe(false);
    expect(await readdir(join(gate.folder, '.gatehouse', 'trash'))).toEqual([]);
    for (const name of ['credentials', 'secrets', 'variables', 'workspace-keys', 'workspaces', 'lan-targets'])
      expect(JSON.stringify(await onDisk(`${name}.json`)), name).not.toContain('doomed');
    for (const path of ['', '/files', '/credentials', '/secrets'])
      expectProblem(await gate.call(`/api/workspaces/doomed${path}`, { key: mine }), 'NOT_FOUND');
    const { data } = (await gate.call('/api/audit?action=workspace.delete', { key: mine })).json;
    expect(data[0]).toMatchObject({ target: 'doomed', detail: { credentials: ['shop'], secrets: ['S'] } });
    // Who takes the name next begins with nothing.
    expect((await create({ id: 'doomed' }, theirs)).status).toBe(201);
    const credentials = await gate.call('/api/workspaces/doomed/credentials', { key: theirs });
    expect(credentials.json.data).toEqual([]);
  });

  test('its index goes with it, out of the thread and off the disk, also while the index is at work', async () => {
    await create({ id: 'indexed' });
    const at = '/api/workspaces/indexed';
    const files = Object.fromEntries(
      Array.from({ length: 300 }, (_, n) => [`f${n}.md`, `# Penguin ${n}\n`.repeat(40)]),
    );
    const upload = { key: mine, method: 'POST', body: await tarOf(files), headers: TAR };
    expect((await gate.call(`${at}/files`, upload)).status).toBe(200);
    const question = { workspaceId: 'indexed', question: 'penguin 7' };
    expect((await gate.call('/api/ask', { key: mine, body: question })).status).toBe(200);
    const folder = join(gate.folder, '.gatehouse', 'index', 'indexed');
    expect(existsSync(folder)).toBe(true);
    const change = { key: mine, method: 'PUT', body: '# Ostrich\n', headers: { 'content-type': 'text/plain' } };
    await gate.call(`${at}/file?path=f1.md`, change);
    const asked = gate.call('/api/ask', { key: mine, body: question });
    expect((await remove('indexed')).status).toBe(200);
    await asked;
    // Long enough for a write that was on its way.
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(existsSync(folder)).toBe(false);
    // Who takes the name next finds nothing of what was there.
    expect((await create({ id: 'indexed' }, theirs)).status).toBe(201);
    const answer = await gate.call('/api/ask', { key: theirs, body: question });
    expect(answer.json.citations).toEqual([]);
  });

  test('needs its name once more; without it nothing goes', async () => {
    await furnished('kept');
    for (const confirm of ['', 'Kept', 'kep', 'yes', 'example'])
      expectProblem(await remove('kept', confirm), 'BAD_REQUEST');
    expectProblem(await gate.call('/api/workspaces/kept', { key: mine, method: 'DELETE' }), 'BAD_REQUEST');
    expect(existsSync(join(gate.folder, 'kept/a/b.txt'))).toBe(true);
    expect((await gate.call('/api/workspaces/kept/credentials', { key: mine })).json.data).toHaveLength(1);
  });

  test('A7: of another organization is 404, and so is every route below it; bound keys see no other', async () => {
    await furnished('private');
    const { token: bound } = await gate.createKey({ scopes: ['projects:*', 'secrets:*'], workspaceIds: ['example'] });
    for (const key of [theirs, bound]) {
      expectProblem(await remove('private', 'private', key), 'NOT_FOUND');
      const at = '/api/workspaces/private';
      const write = { key, method: 'PUT', body: 'x', headers: { 'content-type': 'text/plain' } };
      expectProblem(await gate.call(`${at}/file?path=a/b.txt`, { key }), 'NOT_FOUND');
      expectProblem(await gate.call(`${at}/files`, { key }), 'NOT_FOUND');
      expectProblem(await gate.call(`${at}/file?path=a/b.txt`, write), 'NOT_FOUND');
      expectProblem(await gate.call(`${at}/file?path=a/b.txt`, { key, method: 'DELETE' }), 'NOT_FOUND');
      const upload = { key, method: 'POST', body: await tarOf({ 'a/b.txt': 'x' }), headers: TAR };
      expectProblem(await gate.call(`${at}/files`, upload), 'NOT_FOUND');
    }
    expect(await readFile(join(gate.folder, 'private/a/b.txt'), 'utf8')).toBe('b');
  });

  test('a workspace that is a link to another one is neither written nor deleted', async () => {
    await create({ id: 'target' }, theirs);
    await symlink(join(gate.folder, 'target'), join(gate.folder, 'alias'));
    await gate.local('/api/workspaces');
    await gate.local('/api/workspaces/alias', { method: 'PATCH', body: { organizationId: 'org_default' } });
    expectProblem(await remove('alias'), 'CONFLICT', /a link to another folder/);
    const upload = { key: mine, method: 'POST', body: await tarOf({ 'a.txt': 'x' }), headers: TAR };
    expectProblem(await gate.call('/api/workspaces/alias/files', upload), 'CONFLICT', /a link to another folder/);
    expect(await readdir(join(gate.folder, 'target'))).toEqual([]);
    await rm(join(gate.folder, 'alias'));
  });

  test.skipIf(!mayMount)('a mounted folder: nothing is lost, and the words say what to do', async () => {
    await using elsewhere = await temporaryFolder();
    await writeFile(join(elsewhere.path, 'a.txt'), 'a');
    await furnished('mounted');
    await mkdir(join(gate.folder, 'mounted/deep'));
    const at = '/api/workspaces/mounted';
    const put = (path: string) =>
      gate.call(`${at}/file?path=${path}`, { key: mine, method: 'PUT', body: 'x', headers: { 'content-type': 'a/b' } });
    for (const place of ['mounted', 'mounted/deep']) {
      const release = bindMount(elsewhere.path, join(gate.folder, place), { readOnly: true });
      try {
        expectProblem(await remove('mounted'), 'CONFLICT', /mounted from elsewhere/);
        const file = place === 'mounted' ? 'a.txt' : 'deep/a.txt';
        expectProblem(await put(file), 'CONFLICT', /read-only|mounted from elsewhere/);
        expectProblem(
          await gate.call(`${at}/file?path=${file}`, { key: mine, method: 'DELETE' }),
          'CONFLICT',
          /read-only/,
        );
        expect((await gate.call(`${at}/file?path=${file}`, { key: mine })).json.lines).toEqual(['a']);
      } finally {
        release();
      }
    }
    expect(await readFile(join(elsewhere.path, 'a.txt'), 'utf8')).toBe('a');
    expect((await gate.call(`${at}/credentials`, { key: mine })).json.data).toHaveLength(1);
    expect((await put('deep/a.txt')).status).toBe(200);
    expect((await remove('mounted')).status).toBe(200);
  });

  test.skipIf(!mayMount)('R2: a full disk is told as one, and leaves no half file', async () => {
    await create({ id: 'small' });
    const release = tinyDisk(join(gate.folder, 'small'));
    try {
      const put = (path: string, bytes: number) =>
        gate.call(`/api/workspaces/small/file?path=${path}`, {
          key: mine,
          method: 'PUT',
          body: 'x'.repeat(bytes),
          headers: { 'content-type': 'text/plain' },
        });
      expect((await put('fits.txt', 1000)).status).toBe(200);
      expectProblem(await put('fits.txt', 3_000_000), 'STORE_UNAVAILABLE', /disk is full/);
      const tar = await tarOf({ 'a.txt': 'a'.repeat(900_000), 'b.txt': 'b'.repeat(900_000) });
      const sent = await gate.call('/api/workspaces/small/files', {
        key: mine,
        method: 'POST',
        body: tar,
        headers: TAR,
      });
      expectProblem(sent, 'STORE_UNAVAILABLE', /disk is full/);
      expect(await readdir(join(gate.folder, 'small'))).toEqual(['fits.txt']);
      expect(await readFile(join(gate.folder, 'small/fits.txt'), 'utf8')).toBe('x'.repeat(1000));
      expect((await put('more.txt', 1000)).status).toBe(200);
    } finally {
      release();
    }
  });

  test('an upload that is under way writes nothing when its workspace goes', async () => {
    await create({ id: 'racing' });
    const tar = await tarOf({ 'a.txt': 'a'.repeat(500_000) });
    const [, ...answers] = await Promise.all([
      remove('racing'),
      ...Array.from({ length: 5 }, () =>
        gate.call('/api/workspaces/racing/files', { key: mine, method: 'POST', body: tar, headers: TAR }),
      ),
    ]);
    for (const answer of answers) if (answer.status !== 200) expectProblem(answer, 'NOT_FOUND');
    expect(existsSync(join(gate.folder, 'racing'))).toBe(false);
  });
});
