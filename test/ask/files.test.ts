import { execFileSync } from 'node:child_process';
import { link, mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readTextFile } from '../../src/ask/text-file.js';
import { walkWorkspace } from '../../src/ask/walk.js';
import { type Desk, openDesk } from './desk.js';

const NO_RULES = { include: [], exclude: [] };
const MARKER = 'zqxmarkersecret';

let desk: Desk;
beforeEach(async () => {
  desk = await openDesk();
  await desk.write('README.md', '# Penguins\n');
});
afterEach(() => desk.close());

/** Asks for the marker in every way that could quote it. */
async function expectMarkerNowhere(): Promise<void> {
  desk.moveClock(5000);
  for (const question of [
    MARKER,
    `where is ${MARKER}`,
    'penguins',
    'How does this code work?',
    'private key',
    'token',
  ]) {
    expect(JSON.stringify(await desk.ask(question))).not.toContain(MARKER);
  }
}

test('the marker is found when nothing forbids it, so that the tests below can fail', async () => {
  await desk.write('notes.md', `${MARKER}\n`);
  expect(JSON.stringify(await desk.ask(MARKER))).toContain(MARKER);
});

describe('Q4: secret files are never indexed', () => {
  test.each([
    '.env',
    '.env.local',
    '.env.example',
    '.ENV',
    'deep/down/.env.production',
    '.envrc',
    'web.env',
    'prod.env.bak',
    'server.pem',
    'server.key',
    'SERVER.KEY',
    'store.p12',
    'store.pfx',
    'store.jks',
    'keys.kdbx',
    'id_rsa',
    'id_rsa.old',
    'id_ed25519',
    'id_ecdsa',
    '.npmrc',
    '.netrc',
    '.pgpass',
    '.git-credentials',
    '.htpasswd',
    '.aws/credentials',
    '.ssh/config',
    '.docker/config.json',
    '.kube/config',
    'terraform.tfstate',
    'terraform.tfstate.backup',
    'prod.tfvars',
    'secrets.yaml',
    'credentials.json',
    'service-account-prod.json',
    '.git/config',
    'sub/.git/config',
    '.gatehouse/users.json',
    'node_modules/x/index.js',
    'api-keys.json',
  ])('%s', async (file) => {
    await desk.write(file, `${MARKER}\n`);
    await expectMarkerNowhere();
  });

  test.each([
    ['a private key under an innocent name', `x\n-----BEGIN RSA PRIVATE KEY-----\n${MARKER}\n`],
    ['an OpenSSH key', `-----BEGIN OPENSSH PRIVATE KEY-----\n${MARKER}\n`],
    ['an unmarked PKCS #8 key', `-----BEGIN PRIVATE KEY-----\n${MARKER}\n`],
    ['a PGP key', `-----BEGIN PGP PRIVATE KEY BLOCK-----\n${MARKER}\n`],
    ['a service account', `{"type":"service_account","private_key" : "-----BEGIN X\\n${MARKER}"}`],
  ])('%s', async (_name, content) => {
    await desk.write('notes.txt', content);
    await expectMarkerNowhere();
    expect(desk.room.indexOf('w').skipped).toMatchObject({ secret: 1 });
  });

  test('a file that becomes secret after it was indexed is not quoted any more, not even within the second', async () => {
    await desk.write('notes.txt', 'penguin diary\n');
    expect((await desk.ask('penguin diary')).citations[0]?.path).toBe('notes.txt');
    await desk.write('notes.txt', `penguin diary\n-----BEGIN PRIVATE KEY-----\n${MARKER}\n`);
    expect(JSON.stringify(await desk.ask('penguin diary'))).not.toContain('notes.txt');
    await expectMarkerNowhere();
  });

  test('code about secrets is not itself a secret', async () => {
    await desk.write('src/secrets.ts', 'export const walrusSecret = 1;\n');
    await desk.write('src/keys.ts', 'export const walrusKey = 1;\n');
    await desk.write('src/env.ts', 'export const walrusEnv = 1;\n');
    expect((await desk.ask('walrus')).citations).toHaveLength(3);
  });
});

describe('Q4: links never lead out', () => {
  const cases: [string, (desk: Desk) => Promise<void>][] = [
    ['a file link to the outside', (d) => symlink(path.join(d.outside, 'secret.txt'), d.pathOf('a.txt'))],
    ['a folder link to the outside', (d) => symlink(path.join(d.outside, 'secrets'), d.pathOf('sub'))],
    ['a relative link by dots', (d) => symlink('../../secret.txt', d.pathOf('a.txt'))],
    ['a link to another workspace', (d) => symlink('../other', d.pathOf('other'))],
    ['a file link into another workspace', (d) => symlink('../other/a.txt', d.pathOf('b.txt'))],
    ['a link to the folder of all workspaces', (d) => symlink('..', d.pathOf('all'))],
    ['a link to /proc', (d) => symlink('/proc/self', d.pathOf('proc'))],
    [
      'a link to a link to the outside',
      async (d) => {
        await symlink(path.join(d.outside, 'secret.txt'), path.join(d.outside, 'hop'));
        await symlink(path.join(d.outside, 'hop'), d.pathOf('a.txt'));
      },
    ],
    [
      'a link to a secret file inside',
      async (d) => {
        await d.write('.env', MARKER);
        await symlink('.env', d.pathOf('readme.txt'));
      },
    ],
    [
      'a .gitignore that is a link to the outside',
      (d) => symlink(path.join(d.outside, 'secret.txt'), d.pathOf('.gitignore')),
    ],
  ];
  test.each(cases)('%s', async (_name, arrange) => {
    await writeFile(path.join(desk.outside, 'secret.txt'), `${MARKER}\n`);
    await mkdir(path.join(desk.outside, 'secrets'));
    await writeFile(path.join(desk.outside, 'secrets', 'a.txt'), `${MARKER}\n`);
    await desk.write('other:a.txt', `${MARKER}\n`);
    await arrange(desk);
    await expectMarkerNowhere();
    expect(desk.room.indexOf('w').skipped['link']).toBeGreaterThanOrEqual(1);
  });

  test('loops of links end', async () => {
    await desk.write('a/b/c.md', '# Walrus\n');
    await symlink('.', desk.pathOf('a/self'));
    await symlink('../..', desk.pathOf('a/b/up'));
    await symlink('ping', desk.pathOf('pong'));
    await symlink('pong', desk.pathOf('ping'));
    expect((await desk.ask('walrus')).citations.map((citation) => citation.path)).toEqual(['a/b/c.md']);
    expect(desk.room.indexOf('w').skipped).toMatchObject({ link: 4 });
  });

  test('a file or folder that becomes a link between the walk and the reading is refused', async () => {
    await desk.write('sub/a.txt', 'harmless\n');
    await mkdir(path.join(desk.outside, 'secrets'));
    await writeFile(path.join(desk.outside, 'secrets', 'a.txt'), `${MARKER}\n`);
    const root = path.join(desk.root, 'w');
    expect(await readTextFile(root, 'sub/a.txt')).toMatchObject({ kind: 'text' });

    await rm(desk.pathOf('sub/a.txt'));
    await symlink(path.join(desk.outside, 'secrets', 'a.txt'), desk.pathOf('sub/a.txt'));
    expect(await readTextFile(root, 'sub/a.txt')).toMatchObject({ kind: 'left out', reason: 'link' });

    await rename(desk.pathOf('sub'), desk.pathOf('was'));
    await symlink(path.join(desk.outside, 'secrets'), desk.pathOf('sub'));
    expect(await readTextFile(root, 'sub/a.txt')).toMatchObject({ kind: 'left out', reason: 'link' });
    expect(await readTextFile(root, '../../secrets/a.txt')).toMatchObject({ kind: 'text' });
  });

  test('an indexed file whose folder is swapped for a link is not quoted from the other side', async () => {
    await desk.write('sub/a.txt', 'walrus diary\n');
    await desk.ask('walrus diary');
    await mkdir(path.join(desk.outside, 'secrets'));
    await writeFile(path.join(desk.outside, 'secrets', 'a.txt'), `walrus diary ${MARKER}\n`);
    await rename(desk.pathOf('sub'), desk.pathOf('was'));
    await symlink(path.join(desk.outside, 'secrets'), desk.pathOf('sub'));
    expect(JSON.stringify(await desk.ask('walrus diary'))).not.toContain(MARKER);
    await expectMarkerNowhere();
  });
});

describe('files that are not files, or not text', () => {
  test('a pipe and a socket do not hang the walk or the reading', async () => {
    execFileSync('mkfifo', [desk.pathOf('pipe.md')]);
    const server = createServer().listen(desk.pathOf('s.md'));
    await desk.ask('penguins');
    expect(desk.room.indexOf('w').skipped).toMatchObject({ 'not a file': 2 });
    expect(await readTextFile(path.join(desk.root, 'w'), 'pipe.md')).toMatchObject({ reason: 'not a file' });
    server.close();
  });

  test.each([
    ['binary', 'a.dat', Buffer.from(`${MARKER}\0`)],
    ['binary', 'late.dat', Buffer.from(`${'x\n'.repeat(50_000)}${MARKER}\0`)],
    ['binary', 'utf16.txt', Buffer.from(`\ufeff${MARKER}`, 'utf16le')],
    ['not UTF-8', 'latin1.txt', Buffer.from(`${MARKER} caf\xe9`, 'latin1')],
    ['too large', 'huge.md', `${MARKER}\n${'x'.repeat(512 * 1024)}`],
    ['generated', 'bundle.js', `${MARKER};${'a();'.repeat(10_000)}`],
    ['generated', 'app.min.js', MARKER],
    ['generated', 'package-lock.json', MARKER],
    ['unprintable name', 'a\u001b[2Jb.md', MARKER],
  ])('%s: %s is left out and counted', async (reason, file, content) => {
    await desk.write(file, content);
    await expectMarkerNowhere();
    expect(desk.room.indexOf('w').skipped[reason]).toBe(1);
  });

  test('exactly 512 KB is read', async () => {
    const line = 'penguin walrus\n';
    const text = line.repeat(Math.floor((512 * 1024) / line.length));
    await desk.write('big.md', text + 'x'.repeat(512 * 1024 - text.length));
    await desk.ask('walrus');
    expect(desk.room.indexOf('w')).toMatchObject({ filesTotal: 2, skipped: {} });
  });

  test('a hard link inside is a file like others', async () => {
    await link(desk.pathOf('README.md'), desk.pathOf('copy.md'));
    await desk.ask('penguins');
    expect(desk.room.indexOf('w').filesTotal).toBe(2);
  });
});

describe('.gitignore', () => {
  const found = async () => [...(await walkWorkspace(path.join(desk.root, 'w'))).files.keys()].sort();

  test('is honoured as git does, nested and negated', async () => {
    const files: Record<string, string> = {
      '.gitignore': '*.log\n/build/\n!keep.log\ndocs/private\n# a comment\n\n\\#odd.md\nCase.md\n',
      'a.log': '',
      'keep.log': '',
      'build/out.md': '',
      'sub/build/kept.md': '',
      'docs/private/x.md': '',
      'docs/public/x.md': '',
      '#odd.md': '',
      'case.md': '',
      'sub/.gitignore': '!special.log\n/only-here.md\ntmp\nx/y.md\n!keep.log\n',
      'sub/special.log': '',
      'sub/other.log': '',
      'sub/only-here.md': '',
      'sub/deep/only-here.md': '',
      'sub/deep/tmp/a.md': '',
      'sub/x/y.md': '',
      'sub/deep/x/y.md': '',
      'tmp/a.md': '',
      'only-here.md': '',
      'we[i]rd/.gitignore': '*.md\n!b.md\n',
      'we[i]rd/a.md': '',
      'we[i]rd/b.md': '',
      'wei/a.md': '',
      'gone/.gitignore': '!*\n',
      'gone/a.log': '',
      'shut/.gitignore': '*\n',
      'shut/a.md': '',
      'again/.gitignore': 'inner/\n',
      'again/inner/.gitignore': '!a.md\n',
      'again/inner/a.md': '',
    };
    for (const [file, content] of Object.entries(files)) await desk.write(file, content);
    // git itself is the judge of what should be left.
    const cwd = path.join(desk.root, 'w');
    execFileSync('git', ['init', '-q'], { cwd });
    const listed = execFileSync('git', ['-c', 'core.quotePath=false', 'ls-files', '-co', '--exclude-standard', '-z'], {
      cwd,
    });
    expect(await found()).toEqual(listed.toString().split('\0').filter(Boolean).sort());
    expect(await found()).toContain('sub/special.log');
  });

  test('a file that becomes ignored is forgotten', async () => {
    await desk.write('notes.md', `${MARKER}\n`);
    expect((await desk.ask(MARKER)).citations).toHaveLength(1);
    await desk.write('.gitignore', 'notes.md\n');
    await expectMarkerNowhere();
  });

  test('a pattern made to be slow is passed over', async () => {
    await desk.write('.gitignore', `${'*a'.repeat(40)}*b\n`);
    await desk.write(`${'a'.repeat(200)}.md`, 'walrus\n');
    const startedAt = performance.now();
    await desk.ask('walrus');
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });
});

describe('bounds', () => {
  test('beyond the limit of files, those near the top are kept and the rest is counted', async () => {
    for (let at = 0; at < 30; at++) await desk.write(`a/deep/f${at}.md`, 'x');
    for (let at = 0; at < 10; at++) await desk.write(`z${at}.md`, 'x');
    const { files, skipped } = await walkWorkspace(path.join(desk.root, 'w'), NO_RULES, {
      maxFiles: 15,
      maxEntries: 1000,
    });
    expect(files.size).toBe(15);
    expect([...files.keys()].filter((file) => !file.includes('/'))).toHaveLength(11);
    expect(skipped.get('workspace full')).toBe(26);
  });

  test('beyond the limit of entries the walk ends and says so', async () => {
    for (let at = 0; at < 50; at++) await desk.write(`f${at}.md`, 'x');
    const { files, skipped } = await walkWorkspace(path.join(desk.root, 'w'), NO_RULES, {
      maxFiles: 1000,
      maxEntries: 20,
    });
    expect(files.size).toBeLessThanOrEqual(20);
    expect(skipped.get('workspace full')).toBe(1);
  });

  test('nothing is written into the workspace', async () => {
    await desk.ask('penguins');
    expect(await readdir(path.join(desk.root, 'w'))).toEqual(['README.md']);
  });
});
