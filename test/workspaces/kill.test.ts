import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run, type Server, serve } from '../cli/process.js';
import { TAR, tarOf } from '../support/archives.js';
import { temporaryWorkspaces } from '../support/workspace.js';

const ROUNDS = 8;
const FILES = 300;
const SIZE = 4000;
const contentOf = (round: number, index: number) => `${round}-${index} `.repeat(SIZE).slice(0, SIZE);

async function tree(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** Sends an archive and kills the server some milliseconds after; @returns whether it was answered */
async function uploadAndKill(server: Server, key: string, tar: Buffer, delayMs: number): Promise<boolean> {
  const headers = { ...TAR, 'x-api-key': key, 'content-length': String(tar.length) };
  const answered = new Promise<boolean>((resolve) => {
    const sent = request(`${server.url}/api/workspaces/w/files`, { method: 'POST', headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode === 200));
      response.on('error', () => resolve(false));
    });
    sent.on('error', () => resolve(false));
    sent.end(tar);
  });
  await new Promise((resolve) => setTimeout(resolve, delayMs));
  server.kill('SIGKILL');
  await server.ended;
  return answered;
}

test(`R1: kill -9 in the middle of an upload, ${ROUNDS} times: no half file, no leftovers, nothing lost that was answered`, async () => {
  await using folder = await temporaryWorkspaces();
  const place = { folder: folder.path, env: { API_RATE_LIMIT: 'off' } };
  await run(['workspaces', 'create', 'w'], place);
  const { stdout } = await run(['keys', 'create', 'k', '-q', '--scopes', 'projects:write'], place);
  let answered = -1;
  for (let round = 0; round < ROUNDS; round += 1) {
    const files = Object.fromEntries(
      Array.from({ length: FILES }, (_, index) => [`d${index % 7}/f${index}.txt`, contentOf(round, index)]),
    );
    const tar = await tarOf(files);
    await using server = await serve(place);
    // A start takes away what the one before left.
    expect(existsSync(join(folder.path, 'w/.gatehouse'))).toBe(false);
    if (await uploadAndKill(server, stdout.trim(), tar, (round * 40) % 260)) answered = round;
    for (const file of await tree(join(folder.path, 'w'))) {
      if (file.includes('.gatehouse')) continue;
      const text = await readFile(file, 'utf8');
      const [, from = '', index = ''] = /^(\d+)-(\d+) /.exec(text) ?? [];
      expect(text, file).toBe(contentOf(Number(from), Number(index)));
      expect(Number(from)).toBeGreaterThanOrEqual(answered);
    }
  }
  await using _server = await serve(place);
  expect(existsSync(join(folder.path, 'w/.gatehouse'))).toBe(false);
}, 120_000);

test('R1: a deletion that a crash cut off is ended by the next start, with all that was kept for the workspace', async () => {
  await using folder = await temporaryWorkspaces();
  const place = { folder: folder.path };
  await run(['workspaces', 'create', 'w'], place);
  await run(['variables', 'set', 'w', 'REGION', 'eu'], place);
  await run(['secrets', 'set', 'w', 'TOKEN', '--hosts', 'example.com'], place, 'a-secret-value');
  // As it stands when the folder is taken away and nothing else yet.
  const trash = join(folder.path, '.gatehouse/trash');
  await mkdir(trash, { recursive: true });
  await mkdir(join(trash, 'w~0123456789abcdef'));
  await writeFile(join(trash, 'w~0123456789abcdef', 'a.txt'), 'a');
  await rm(join(folder.path, 'w'), { recursive: true });
  await using _server = await serve(place);
  expect(await readdir(trash)).toEqual([]);
  for (const name of ['variables', 'secrets', 'workspace-keys', 'workspaces'])
    expect(await readFile(join(folder.path, '.gatehouse', `${name}.json`), 'utf8'), name).not.toMatch(/"w["/]/);
}, 60_000);
