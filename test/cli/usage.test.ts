import { expect, test } from 'vitest';
import { sparkline } from '../../src/cli/commands/usage.js';
import { temporaryWorkspaces } from '../support/workspace.js';
import { run, serve } from './process.js';

test('a chart is one character a value', () => {
  expect(sparkline([0, 1, 4, 8, 2])).toBe('·▁▄█▂');
  expect(sparkline([0, 0])).toBe('··');
  expect(sparkline([3])).toBe('█');
  expect(sparkline([])).toBe('');
  expect(sparkline([1, 100_000])).toBe('▁█');
});

test('D3: what a key sent is shown while the server runs, and after it has stopped', async () => {
  await using folder = await temporaryWorkspaces({});
  const place = { folder: folder.path };
  const token = (await run(['keys', 'create', 'ci', '-q'], place)).stdout.trim();
  const [id] = (await run(['keys', 'list', '-q'], place)).stdout.split('\n');
  {
    await using server = await serve(place);
    const headers = { 'x-api-key': token };
    for (let n = 0; n < 3; n += 1) await fetch(`${server.url}/api/auth/whoami`, { headers });
    await fetch(`${server.url}/api/keys`, { headers });
    const running = await run(['keys', 'usage', 'ci'], place);
    expect(running.code).toBe(0);
    expect(running.stdout).toMatch(/^4 requests, 3 allowed, from /);
    expect(running.stdout).toMatch(/\n·*[▁▂▃▄▅▆▇█]+ {2}each an hour, the highest \d\n/);
    expect(running.stdout).toMatch(/\nFORBIDDEN +1\n/);
    expect(running.stdout).toMatch(/\nwhoami +3 +3\n/);
    expect(running.stdout).toMatch(
      /\nLast used \d+ s ago from 127\.0\.0\.1\.\n\nFrom 1 address, by the last 4 requests:\n/,
    );
    expect(running.stdout).not.toContain('OLD SECRET');
    await run(['keys', 'rotate', 'ci', '-q'], place);
    await fetch(`${server.url}/api/auth/whoami`, { headers });
    const rotated = (await run(['keys', 'usage', 'ci'], place)).stdout;
    expect(rotated).toMatch(/\nADDRESS +REQUESTS +ALLOWED +OLD SECRET +LAST\n127\.0\.0\.1 +5 +4 +1 +\d+ s ago\n/);
    server.kill('SIGTERM');
    expect(await server.ended).toBe(0);
  }
  const { stdout } = await run(['usage', '--key', 'ci', '--by', 'day', '--json'], place);
  const { data } = JSON.parse(stdout);
  expect(data).toMatchObject({ groupBy: 'day', totals: { requests: 5, allowed: 4 } });
  expect(data.keys).toEqual([{ id, kind: 'api_key', name: 'ci', requests: 5, allowed: 4 }]);
  expect((await run(['usage'], place)).stdout).toMatch(/\nlocal +- +\d+ +\d+\n/);
});

test('the audit tells a workspace that is called like something every object has by its name alone', async () => {
  await using folder = await temporaryWorkspaces({});
  const place = { folder: folder.path };
  await run(['workspaces', 'create', 'constructor'], place);
  const { code, stdout } = await run(['audit', 'tail', '--target', 'constructor'], place);
  expect(code).toBe(0);
  expect(stdout).toMatch(/ {2}workspace\.create {2}by local {2}socket {2}constructor( {2}|\n)/);
});
