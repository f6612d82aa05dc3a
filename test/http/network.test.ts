import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { HOUR, MINUTE, SECOND } from '../support/clock.js';
import { ADMIN_KEY, type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { expectProblem } from './problem.js';

const PATH = '/api/settings/network';

/** Behind a proxy that says who calls, so that one test may call from many addresses. */
const start = (settings: Record<string, string> = {}) =>
  startGatehouse({ ADMIN_API_KEY: ADMIN_KEY, TRUST_PROXY: 'loopback', API_RATE_LIMIT: 'off', ...settings });

const from = (address: string, body?: unknown, method = body === undefined ? 'GET' : 'PUT') => ({
  key: ADMIN_KEY,
  method,
  headers: { 'X-Forwarded-For': address },
  ...(body === undefined ? {} : { body }),
});

const OFFICE = '192.0.2.7';
const HOME = '198.51.100.9';
const statusFrom = async (running: RunningGatehouse, address: string) =>
  (await running.call('/api/auth/whoami', from(address))).status;

describe('the saved list of addresses', () => {
  test('G2: both lists must pass, from the next request on, on every door', async () => {
    await using running = await start({ ALLOWED_IPS: `${OFFICE}, ${HOME}` });
    expect(await statusFrom(running, HOME)).toBe(200);
    const set = await running.call(
      PATH,
      from(OFFICE, { allowedIps: ['192.0.2.0/24', '203.0.113.5', '2001:db8::/32'] }),
    );
    expect(set.json).toMatchObject({
      applied: true,
      network: { allowedIps: ['192.0.2.0/24', '203.0.113.5', '2001:db8::/32'] },
    });
    expect(await statusFrom(running, OFFICE)).toBe(200);
    const refused = await running.call('/api/auth/whoami', from(HOME));
    expectProblem(refused, 'IP_NOT_ALLOWED');
    expect(refused.json.detail).toContain('the network settings');
    const forwarded = { 'X-Forwarded-Method': 'GET', 'X-Forwarded-Uri': '/', 'X-Forwarded-Host': 'h' };
    expectProblem(
      await running.call('/api/verify', { key: ADMIN_KEY, headers: { ...forwarded, 'X-Forwarded-For': HOME } }),
      'IP_NOT_ALLOWED',
    );
    const other = await running.call('/api/auth/whoami', from('203.0.113.5'));
    expectProblem(other, 'IP_NOT_ALLOWED');
    expect(other.json.detail).toContain('ALLOWED_IPS');
  });

  test('G2: a dry run tells which addresses of the last day would be kept out, and changes nothing', async () => {
    await using running = await start();
    await statusFrom(running, '203.0.113.1');
    running.clock.advance(25 * HOUR);
    await statusFrom(running, HOME);
    await statusFrom(running, HOME);
    running.clock.advance(MINUTE);
    const { token } = await running.createKey();
    await running.call('/api/auth/whoami', { key: token, headers: { 'X-Forwarded-For': '203.0.113.2' } });
    const before = await readFile(join(running.folder, '.gatehouse', 'settings.json'), 'utf8');
    const dry = await running.call(PATH, from(OFFICE, { allowedIps: ['192.0.2.0/24'], dryRun: true }));
    expect(dry.json).toMatchObject({
      applied: false,
      blocksYou: false,
      blockedCount: 2,
      seenCount: 3,
      network: { allowedIps: null },
    });
    const at = running.clock.nowMs();
    expect(dry.json.blocked).toEqual([
      { address: '203.0.113.2', lastUsedAt: new Date(at).toISOString(), requests: 1 },
      // The same key was used from elsewhere since, and yet somebody sits there.
      { address: HOME, lastUsedAt: new Date(at - MINUTE).toISOString(), requests: 2 },
    ]);
    expect(await readFile(join(running.folder, '.gatehouse', 'settings.json'), 'utf8')).toBe(before);
    expect(await statusFrom(running, HOME)).toBe(200);
    const { data } = (await running.local('/api/audit?action=network.set')).json;
    expect(data).toEqual([]);
  });

  test('G2: nobody locks themselves out by mistake', async () => {
    await using running = await start();
    const refused = await running.call(PATH, from(HOME, { allowedIps: [OFFICE] }));
    expectProblem(refused, 'CONFLICT');
    expect(refused.json.detail).toContain(HOME);
    expect(await statusFrom(running, HOME)).toBe(200);
    const dry = await running.call(PATH, from(HOME, { allowedIps: [OFFICE], dryRun: true }));
    expect(dry.json.blocksYou).toBe(true);
  });

  test('G2: a list that nobody confirms goes back by itself, and the lock-out with it', async () => {
    await using running = await start();
    const set = await running.call(PATH, from(HOME, { allowedIps: [OFFICE], confirm: true }));
    expect(set.json.network.pending).toEqual({
      previous: null,
      revertsAt: new Date(running.clock.nowMs() + 300 * SECOND).toISOString(),
    });
    expect(await statusFrom(running, HOME)).toBe(403);
    // Who is locked out cannot confirm it.
    expect((await running.call(`${PATH}/confirm`, from(HOME, undefined, 'POST'))).status).toBe(403);
    running.clock.advance(299 * SECOND);
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(await statusFrom(running, HOME)).toBe(403);
    running.clock.advance(SECOND);
    await vi.waitFor(async () => expect(await statusFrom(running, HOME)).toBe(200), 2000);
    expectProblem(await running.call(`${PATH}/confirm`, from(OFFICE, undefined, 'POST')), 'CONFLICT');
    expect((await running.local('/api/audit?action=network.revert')).json.data).toHaveLength(1);
  });

  test('G2: a second call from an allowed address keeps it', async () => {
    await using running = await start();
    await running.call(PATH, from(OFFICE, { allowedIps: [OFFICE] }));
    const kept = await running.call(`${PATH}/confirm`, from(OFFICE, undefined, 'POST'));
    expect(kept.json).toMatchObject({ allowedIps: [OFFICE], pending: null });
    running.clock.advance(HOUR);
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(await statusFrom(running, HOME)).toBe(403);
  });

  test('G2: several changes in a row go back to what was confirmed last', async () => {
    await using running = await start();
    await running.call(PATH, from(OFFICE, { allowedIps: [OFFICE, HOME], revertAfterSeconds: 0 }));
    await running.call(PATH, from(OFFICE, { allowedIps: [OFFICE], revertAfterSeconds: 60 }));
    const second = await running.call(PATH, from(OFFICE, { allowedIps: ['192.0.2.0/24'], revertAfterSeconds: 90 }));
    expect(second.json.network.pending.previous).toEqual([OFFICE, HOME]);
    running.clock.advance(90 * SECOND);
    await vi.waitFor(async () => expect(await statusFrom(running, HOME)).toBe(200), 2000);
    expect((await running.call(PATH, from(OFFICE))).json).toMatchObject({ allowedIps: [OFFICE, HOME], pending: null });
  });

  test('G2: what waits goes back also when its time passed while nothing ran', async () => {
    const running = await start();
    const { folder, clock } = running;
    await running.call(PATH, from(HOME, { allowedIps: [OFFICE], confirm: true }));
    await running.gatehouse.close();
    clock.advance(HOUR);
    await using again = await startGatehouse({ ADMIN_API_KEY: ADMIN_KEY, TRUST_PROXY: 'loopback' }, { folder, clock });
    expect(await statusFrom(again, HOME)).toBe(200);
    await running[Symbol.asyncDispose]();
  });

  test('G2: the command socket is locked out by no list, and its changes hold at once', async () => {
    await using running = await start();
    const set = await running.local(PATH, { method: 'PUT', body: { allowedIps: ['192.0.2.0/24'] } });
    expect(set.json).toMatchObject({
      applied: true,
      blocksYou: false,
      network: { pending: null, yourAddress: 'socket' },
    });
    expect(await statusFrom(running, HOME)).toBe(403);
    await running.local(PATH, { method: 'PUT', body: { allowedIps: null } });
    expect(await statusFrom(running, HOME)).toBe(200);
  });

  test('G2: an edit of settings.json by hand holds within two seconds', async () => {
    await using running = await start();
    const path = join(running.folder, '.gatehouse', 'settings.json');
    const settings = JSON.parse(await readFile(path, 'utf8'));
    await writeFile(path, JSON.stringify({ ...settings, network: { allowedIps: [OFFICE], pending: null } }));
    await vi.waitFor(async () => expect(await statusFrom(running, HOME)).toBe(403), 2000);
    await writeFile(path, JSON.stringify({ ...settings, network: { allowedIps: ['nonsense'], pending: null } }));
    await vi.waitFor(() => expect(running.gatehouse.settings.fault).toContain('network.allowedIps[0]'), 2000);
    expect(await statusFrom(running, HOME)).toBe(403);
    expect(await statusFrom(running, OFFICE)).toBe(200);
    const refused = await running.call(PATH, from(OFFICE, { allowedIps: null }));
    expectProblem(refused, 'STORE_UNAVAILABLE');
  });

  test.each([
    [[], 'names no address'],
    [['10.0.0.0/33'], 'allowedIps[0]'],
    [['192.0.2.1', '010.0.0.1'], 'allowedIps[1]'],
    [['::ffff:10.0.0.0/8'], 'allowedIps[0]'],
    [['x'.repeat(100)], 'allowedIps[0]'],
    [Array(1001).fill('192.0.2.1'), 'allowedIps'],
    ['192.0.2.1', 'allowedIps'],
    [undefined, 'allowedIps'],
  ])('R3: %j is no list', async (allowedIps, words) => {
    await using running = await start();
    const answer = await running.call(PATH, from(OFFICE, { allowedIps }));
    expectProblem(answer, 'BAD_REQUEST');
    expect(answer.json.detail).toContain(words);
  });

  test('* is every address, and one address is kept once however it is written', async () => {
    await using running = await start();
    const view = async (allowedIps: string[]) =>
      (await running.call(PATH, from(OFFICE, { allowedIps }))).json.network.allowedIps;
    expect(await view([OFFICE, '::ffff:192.0.2.7', '192.0.2.7/32'])).toEqual([OFFICE]);
    expect(await view([OFFICE, '*'])).toBeNull();
  });

  test('R4: who changed it and how is in the audit', async () => {
    await using running = await start();
    await running.call(PATH, from(OFFICE, { allowedIps: [OFFICE] }));
    await running.call(`${PATH}/confirm`, from(OFFICE, undefined, 'POST'));
    const { data } = (await running.local('/api/audit')).json;
    const lines = data.filter(({ action }: { action: string }) => action.startsWith('network.'));
    expect(lines.map(({ action, address }: { action: string; address: string }) => [action, address])).toEqual([
      ['network.confirm', OFFICE],
      ['network.set', OFFICE],
    ]);
    expect(lines[1].detail).toMatchObject({ allowedIps: [OFFICE], revertAfterSeconds: 300 });
  });
});

describe('how the own address was found', () => {
  const ME = '/api/settings/network/me';

  test('each hop says whether it is believed, and where the reading ended', async () => {
    await using running = await start();
    const { json } = await running.call(ME, from(`192.0.2.99, ${HOME}`));
    expect(json).toEqual({
      address: HOME,
      hops: [
        { from: 'peer', address: '127.0.0.1', trusted: true },
        { from: 'x-forwarded-for', address: HOME, trusted: false },
      ],
      words: expect.stringContaining(`1 from the right: ${HOME}`),
      host: new URL(running.url).host,
      headers: [{ name: 'x-forwarded-for', value: `192.0.2.99, ${HOME}`, read: true }],
      trustProxy: 'loopback',
      refusedBy: null,
      advice: null,
    });
  });

  test('a proxy that is not trusted is named with the setting that trusts it', async () => {
    await using running = await start({ TRUST_PROXY: '192.0.2.1' });
    const { json } = await running.call(ME, from(HOME));
    expect(json).toMatchObject({
      address: '127.0.0.1',
      hops: [{ from: 'peer', address: '127.0.0.1', trusted: false }],
      headers: [{ name: 'x-forwarded-for', read: false }],
      advice: expect.stringContaining('TRUST_PROXY=127.0.0.1'),
    });
  });

  test('a trusted proxy that does not say for whom it asks is told of', async () => {
    await using running = await start();
    const { json } = await running.call(ME, {
      key: ADMIN_KEY,
      headers: { 'x-forwarded-proto': 'https', via: '1.1 edge' },
    });
    expect(json.advice).toContain('did not say for whom');
    expect(json.headers.map(({ name }: { name: string }) => name)).toEqual(['x-forwarded-proto', 'via']);
  });

  test('X-Real-IP is read where there is nothing better, and the command line has no address', async () => {
    await using running = await start();
    const { json } = await running.call(ME, { key: ADMIN_KEY, headers: { 'X-Real-IP': HOME } });
    expect(json).toMatchObject({ address: HOME, headers: [{ name: 'x-real-ip', read: true }] });
    expect((await running.local(ME)).json).toMatchObject({ address: 'socket', hops: [], advice: null });
  });
});
