import { expect, test } from 'vitest';
import { temporaryWorkspaces } from '../support/workspace.js';
import { run, serve, spawnGatehouse } from './process.js';

test('D3, G11: the last requests are told one by one, with the command that says why one was refused', async () => {
  await using folder = await temporaryWorkspaces({});
  const place = { folder: folder.path };
  await using server = await serve(place);
  const token = (await run(['keys', 'create', 'ci', '-q'], place)).stdout.trim();
  const ask = (path: string, key: string) => fetch(server.url + path, { headers: { 'x-api-key': key } });
  await ask('/api/auth/whoami', token);
  await ask('/api/keys', token);
  await ask('/api/keys', 'nobody-knows-this-one');

  const all = await run(['requests'], place);
  const [header, ...rows] = all.stdout.trim().split('\n');
  expect(header).toMatch(/^TIME +STATUS +OUTCOME +METHOD +ROUTE +CALLER +ADDRESS +TOOK$/);
  expect(rows.map((row) => row.split(/ {2,}/).slice(1, 6).join(' '))).toEqual([
    '200 ALLOWED GET /api/auth/whoami ci',
    '403 FORBIDDEN GET /api/keys ci',
    '401 UNAUTHORIZED GET /api/keys unknown',
  ]);
  expect(all.stdout + all.stderr).not.toContain(token);
  expect(all.stdout + all.stderr).not.toContain('nobody-knows-this-one');

  const refused = await run(['requests', '--refused', '--key', 'ci', '--json'], place);
  const { data } = JSON.parse(refused.stdout);
  expect(data).toMatchObject([{ outcome: 'FORBIDDEN', keyName: 'ci' }]);

  const hint = (await run(['requests', '--key', 'ci'], place)).stderr;
  const command = /^Why the last one was refused: \S+ (.*)$/m.exec(hint)?.[1] ?? '';
  const why = await run(command.split(' '), place);
  expect(why.code).toBe(7);
  expect(why.stdout).toMatch(/keys:read/);
});

test('G11: the command for a key of pages names an origin of its own, and nothing that is not known', async () => {
  await using folder = await temporaryWorkspaces({});
  const place = { folder: folder.path };
  await using server = await serve(place);
  const made = await run(['keys', 'create', 'web', '-q', '--allow-origin', 'https://shop.example.com'], place);
  const headers = { 'x-api-key': made.stdout.trim(), origin: 'https://shop.example.com' };
  await fetch(`${server.url}/api/keys`, { headers });
  const { stderr } = await run(['requests', '--refused'], place);
  expect(stderr).toContain('--header "Origin: https://shop.example.com"');
  expect(stderr).not.toContain('undefined');
});

test('D3: requests are followed as they come, each once', async () => {
  await using folder = await temporaryWorkspaces({});
  const place = { folder: folder.path };
  await using server = await serve(place);
  const token = (await run(['keys', 'create', 'ci', '-q'], place)).stdout.trim();
  const send = () => fetch(`${server.url}/api/auth/whoami`, { headers: { 'x-api-key': token } });
  for (let n = 0; n < 3; n += 1) await send();
  const following = spawnGatehouse(['--json', 'requests', '-f', '-n', '1'], place);
  let text = '';
  following.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const lines = () => text.split('\n').filter((line) => line !== '');
  await expect.poll(() => lines().length, { timeout: 15_000 }).toBe(1);
  await send();
  await send();
  await expect.poll(() => lines().length, { timeout: 15_000 }).toBe(3);
  // Another look finds nothing new.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const ids = lines().map((line) => JSON.parse(line).requestId);
  expect(new Set(ids).size).toBe(3);
  following.kill('SIGINT');
});

test.each([
  [['requests'], 6, /No server runs on this folder/],
  [['requests', '-n', '0'], 2, /--lines "0": a whole number from 1 to 200/],
  [['requests', '--refused', '--outcome', 'ALLOWED'], 2, /cannot be used with option/],
])('%j without a server says what is wrong', async (args, code, words) => {
  await using folder = await temporaryWorkspaces({});
  const ran = await run(args, { folder: folder.path });
  expect(ran.code).toBe(code);
  expect(ran.stderr).toMatch(words);
  expect(ran.stdout).toBe('');
});

test('D3: what deserves a look is told without a server too', async () => {
  await using folder = await temporaryWorkspaces({});
  const place = { folder: folder.path, env: { ALLOWED_IPS: '*' } };
  await run(['keys', 'create', 'ci'], place);
  const { code, stdout } = await run(['overview'], place);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^Requests in 24 hours: \d+.*\nKeys that work now: 1\n/);
  expect(stdout).toMatch(/KEYS_WITHOUT_EXPIRY: .*\(ci\)/);
  expect(JSON.parse((await run(['overview', '--json'], place)).stdout).data.tiles.activeKeys).toBe(1);
});
