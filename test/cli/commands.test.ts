import { spawn } from 'node:child_process';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { REPOSITORY, temporaryFolder, temporaryWorkspaces } from '../support/workspace.js';
import { type Place, run, serve } from './process.js';

const TOKEN = /^gate_sdk_test_[0-9A-Za-z]{49}$/;
const ids = async (place: Place) =>
  (await run(['keys', 'list', '-q'], place)).stdout.split('\n').filter((id) => id !== '');

describe('secrets', () => {
  test('K1, D3: a key typed where a name belongs is refused, repeated nowhere and kept nowhere', async () => {
    await using folder = await temporaryWorkspaces({});
    const place = { folder: folder.path };
    const token = (await run(['keys', 'create', 'real', '-q'], place)).stdout.trim();
    for (const args of [
      ['keys', 'create', token],
      ['keys', 'show', token],
      ['keys', 'rotate', token],
      ['keys', 'revoke', token, '--yes'],
      ['keys', 'verify', token],
    ]) {
      const { code, stdout, stderr } = await run(args, place);
      expect({ code, stdout }, args.slice(0, 2).join(' ')).toEqual({ code: 2, stdout: '' });
      expect(stderr).toContain('does not belong on a command line');
      expect(stderr).not.toContain(token);
    }
    expect((await run(['audit', 'tail', '--json'], place)).stdout).not.toContain(token);
    expect(await ids(place)).toHaveLength(1);
  });

  test('D3: a reader that has seen enough is no fault', async () => {
    await using folder = await temporaryWorkspaces({});
    const main = join(REPOSITORY, 'dist', 'main.js');
    const script = `"$0" ${main} --help | head -1; "$0" ${main} config show --json | head -c 1 > /dev/null`;
    const shell = spawn('sh', ['-c', script, process.execPath], {
      env: { PATH: process.env['PATH'], WORKSPACES_DIR: folder.path },
      cwd: folder.path,
    });
    let words = '';
    shell.stderr.on('data', (chunk) => {
      words += chunk;
    });
    await new Promise((resolve) => shell.on('close', resolve));
    expect(words).toBe('');
  });

  test('D3: KEY=$(gatehouse keys create NAME -q) is the key and nothing else', async () => {
    await using folder = await temporaryWorkspaces({});
    const main = join(REPOSITORY, 'dist', 'main.js');
    const script = `KEY=$("$0" ${main} keys create ci --scopes ask:run -q) && printf '%s|' "$KEY"`;
    const shell = spawn('sh', ['-c', script, process.execPath], {
      env: { PATH: process.env['PATH'], WORKSPACES_DIR: folder.path },
      cwd: folder.path,
    });
    let out = '';
    shell.stdout.on('data', (chunk) => {
      out += chunk;
    });
    expect(await new Promise((resolve) => shell.on('close', resolve))).toBe(0);
    expect(out).toMatch(/^gate_sdk_test_[0-9A-Za-z]{49}\|$/);
  });

  test('K1, D3: --out writes the key to a new file of mode 0600 and prints it nowhere; an existing file stays as it is', async () => {
    await using folder = await temporaryWorkspaces({});
    const place = { folder: folder.path };
    const out = join(folder.path, 'key.txt');
    const made = await run(['keys', 'create', 'filed', '--out', out], place);
    expect(made.code).toBe(0);
    const token = (await readFile(out, 'utf8')).trimEnd();
    expect(token).toMatch(TOKEN);
    expect((await stat(out)).mode & 0o777).toBe(0o600);
    expect(made.stdout).toMatch(/^Made key_\w{22}\. The key is in .*key\.txt\.\n$/);
    expect(made.stdout + made.stderr).not.toContain(token);

    const again = await run(['keys', 'create', 'second', '--out', out], place);
    expect(again).toEqual({
      code: 2,
      stdout: '',
      stderr: `gatehouse: --out ${out}: the file exists and is not overwritten.\n`,
    });
    expect((await readFile(out, 'utf8')).trimEnd()).toBe(token);
    expect(await ids(place)).toHaveLength(1);
    const rotated = await run(['keys', 'rotate', 'filed', '--out', `${out}.2`, '--json'], place);
    expect(rotated.code).toBe(0);
    expect(JSON.parse(rotated.stdout).data).toMatchObject({ file: `${out}.2`, key: { name: 'filed' } });
    expect(rotated.stdout).not.toContain((await readFile(`${out}.2`, 'utf8')).trim());
  });

  test('D3: when no key is made, --out leaves no empty file behind', async () => {
    await using folder = await temporaryWorkspaces({});
    const out = join(folder.path, 'key.txt');
    const place = { folder: folder.path };
    expect((await run(['keys', 'create', 'x', '--scopes', 'no:such', '--out', out], place)).code).toBe(2);
    expect((await run(['keys', 'rotate', 'key_0000000000000000000000', '--out', out], place)).code).toBe(3);
    await expect(stat(out)).rejects.toThrow('ENOENT');
  });

  test('D3: a key in an argument is refused with the reason, before anything is opened', async () => {
    await using folder = await temporaryWorkspaces({});
    const { code, stdout, stderr } = await run(['keys', 'verify', 'gate_sdk_test_marker'], { folder: folder.path });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/does not belong on a command line/);
    expect(stderr).not.toContain('marker');
    expect(await readdir(folder.path)).toEqual([]);
  });
});

describe('with a running server', () => {
  test('Q1, D3: a key made by the command line works at once over HTTP, and a question through it is answered', async () => {
    await using folder = await temporaryWorkspaces();
    const place = { folder: folder.path, env: { BASE_PATH: '/gate' } };
    await using server = await serve(place);
    expect(server.url).toMatch(/\/gate$/);
    expect(server.stdout()).toContain(
      'No keys yet. Make the first one in another terminal:\n  gatehouse keys create my-first-key',
    );
    const key = (await run(['keys', 'create', 'first', '-q'], place)).stdout.trim();
    const answer = await fetch(`${server.url}/api/auth/whoami`, { headers: { 'x-api-key': key } });
    expect(answer.status).toBe(200);
    const asked = await run(['ask', 'example', 'How', 'are', 'fines', 'calculated?'], place);
    expect(asked).toMatchObject({ code: 0, stderr: '' });
    expect(asked.stdout).toContain('fines');

    const { port } = new URL(server.url);
    const healthy = await run(['healthcheck'], { ...place, env: { ...place.env, PORT: port } });
    expect(healthy).toEqual({ code: 0, stdout: 'ok\n', stderr: '' });
    const sick = await run(['healthcheck'], { folder: folder.path, env: { PORT: '1' } });
    expect(sick).toEqual({ code: 1, stdout: '', stderr: 'gatehouse: http://127.0.0.1:1/healthz does not answer.\n' });
  });

  test('D3: a socket path of 120 characters works', async () => {
    await using folder = await temporaryWorkspaces({});
    await using elsewhere = await temporaryFolder();
    const SOCKET = join(elsewhere.path, 's'.repeat(119 - elsewhere.path.length));
    expect(SOCKET).toHaveLength(120);
    await using server = await serve({ folder: folder.path, env: { SOCKET } });
    const made = await run(['keys', 'create', 'x', '-q'], { folder: folder.path, env: { SOCKET } });
    expect(made).toMatchObject({ code: 0, stderr: '' });
    const answer = await fetch(`${server.url}/api/auth/whoami`, { headers: { 'x-api-key': made.stdout.trim() } });
    expect(answer.status).toBe(200);
    expect(await readdir(elsewhere.path), 'no socket under a cut name').toEqual([]);
  });

  test('D3: without a command socket, or when it is gone, exit 6 says what to do', async () => {
    await using folder = await temporaryWorkspaces({});
    const place = { folder: folder.path };
    {
      await using server = await serve({ ...place, env: { SOCKET: 'off' } });
      const { code, stdout, stderr } = await run(['keys', 'create', 'x'], place);
      expect({ code, stdout }).toEqual({ code: 6, stdout: '' });
      expect(stderr).toMatch(/runs on this folder without a command socket.*SOCKET/);
      server.kill('SIGTERM');
      await server.ended;
    }
    await using server = await serve(place);
    await rm(join(folder.path, '.gatehouse', 'gatehouse.sock'));
    const { code, stderr } = await run(['keys', 'list'], place);
    expect(code).toBe(6);
    expect(stderr).toMatch(/cannot be reached through .*gatehouse\.sock \(ENOENT\)/);
    expect(server.stderr()).not.toContain('"level":"error"');
  });
});

describe('without a server', () => {
  test('R2: commands at the same time make every key they answered for; one that finds the folder taken says so', async () => {
    await using folder = await temporaryWorkspaces({});
    const place = { folder: folder.path };
    const ran = await Promise.all([1, 2, 3].map((n) => run(['keys', 'create', `key-${n}`, '-q'], place)));
    for (const { code, stdout, stderr } of ran) {
      expect([0, 5, 6]).toContain(code);
      if (code === 0) expect(stdout.trim()).toMatch(TOKEN);
      else expect(stderr).toMatch(/^gatehouse: \S.*\.\n$/);
    }
    const made = ran.filter(({ code }) => code === 0).length;
    expect(made).toBeGreaterThan(0);
    expect(await ids(place)).toHaveLength(made);
  });

  test('R4, D3: a changed audit line is found: exit 7, naming the place', async () => {
    await using folder = await temporaryWorkspaces({});
    const place = { folder: folder.path };
    for (const name of ['one', 'two']) await run(['keys', 'create', name, '-q'], place);
    const audit = join(folder.path, '.gatehouse', 'audit');
    const part = (await readdir(audit)).find((name) => name.endsWith('.jsonl')) ?? '';
    const text = await readFile(join(audit, part), 'utf8');
    await writeFile(join(audit, part), text.replace('"one"', '"eno"'));
    const { code, stdout } = await run(['audit', 'verify'], place);
    expect(code).toBe(7);
    expect(stdout).toMatch(new RegExp(`The chain is broken\\. .*${part}:1: `));
  });

  test('D3: control characters that somebody wrote into the file never reach the terminal', async () => {
    await using folder = await temporaryWorkspaces({});
    const place = { folder: folder.path };
    await run(['keys', 'create', 'plain', '-q'], place);
    const path = join(folder.path, 'api-keys.json');
    const nasty = '\\u001b[2J\\u0007\\u009b31m\\r\\nkey_forged row';
    await writeFile(path, (await readFile(path, 'utf8')).replace('"plain"', `"${nasty}"`));
    const [id = ''] = await ids(place);
    for (const args of [['list'], ['show', id], ['list', '--json'], ['show', id, '--json'], ['revoke', id, '--yes']]) {
      const { code, stdout, stderr } = await run(['keys', ...args], place);
      expect(code).toBe(0);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be there
      expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
      expect(stdout).not.toMatch(/^key_forged/m);
    }
  });

  test('D3: .env.local of the folder it is started in is read, and a bad setting ends every command with exit 2', async () => {
    await using folder = await temporaryWorkspaces({});
    await using cwd = await temporaryFolder();
    await writeFile(join(cwd.path, '.env.local'), 'KEY_PREFIX=chy\nAPI_RATE_LIMT=5\n');
    const place = { folder: folder.path, cwd: cwd.path };
    expect((await run(['keys', 'create', 'x', '-q'], place)).stdout).toMatch(/^chy_sdk_test_/);
    const shown = await run(['config', 'show', '--json'], place);
    const { data, warnings } = JSON.parse(shown.stdout);
    expect(data).toContainEqual({ name: 'KEY_PREFIX', value: 'chy', source: '.env.local' });
    expect(warnings).toEqual([
      'UNKNOWN_SETTING: .env.local: API_RATE_LIMT is no setting of Gatehouse and does nothing.',
    ]);

    const bad = await run(['keys', 'list'], { ...place, env: { KEY_PREFIX: 'Bad-' } });
    expect({ code: bad.code, stdout: bad.stdout }).toEqual({ code: 2, stdout: '' });
    expect(bad.stderr).toMatch(/^gatehouse: KEY_PREFIX must be 2 to 16 characters/);
  });
});
