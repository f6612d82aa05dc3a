import { chmod, writeFile } from 'node:fs/promises';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { Api } from '../../src/cli/api.js';
import { checkProxy } from '../../src/cli/proxy-check.js';
import { ADMIN_KEY, type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { freePort, missing, startCaddy, startNginx } from './proxy.js';

const apiOf = (running: RunningGatehouse) => new Api(running.gatehouse.folder.commandSocketPath ?? '', '');
const portOf = (running: RunningGatehouse) => Number(new URL(running.url).port);

/** The system's own clock: the key that is made for a check ends by it. */
const start = () =>
  startGatehouse(
    { TRUST_PROXY: 'loopback', API_RATE_LIMIT: 'off' },
    { clock: { nowMs: () => Date.now(), advance() {} } as never },
  );

const states = (checks: Awaited<ReturnType<typeof checkProxy>>) => checks.map(({ name, state }) => `${state} ${name}`);

describe.each([
  { name: 'nginx', start: startNginx, skip: missing('nginx') },
  { name: 'Caddy', start: startCaddy, skip: missing('caddy') },
])('doctor --proxy: $name as printed', ({ start: startProxy, skip }) => {
  test.skipIf(skip !== null)('G8: passes on every line', async () => {
    await using running = await start();
    const echoPort = await freePort();
    await using proxy = await startProxy({ gatehouse: portOf(running), app: echoPort });
    const checks = await checkProxy(apiOf(running), { url: `${proxy.url}/`, scopes: [], echoPort });
    expect(checks.filter(({ state }) => state !== 'pass')).toEqual([]);
    expect(checks).toHaveLength(9);
    const { data } = (await running.local('/api/keys')).json;
    expect(data).toMatchObject([{ name: 'doctor', status: 'revoked', scopes: [] }]);
  });
});

test('G8: a proxy that asks Gatehouse and believes callers fails on the lines that say so', async () => {
  await using running = await start();
  const app = createServer((request, response) => response.end(request.rawHeaders.join('\n')));
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
  // Passes every header on, forged or not, and answers 500 where it does not know better.
  const careless = createServer((request, response) => {
    const question = httpRequest(`${running.url}/api/verify`, {
      headers: {
        ...request.headers,
        'x-forwarded-method': String(request.headers['x-forwarded-method'] ?? request.method),
        'x-forwarded-uri': String(request.headers['x-forwarded-uri'] ?? request.url),
        'x-forwarded-host': 'app',
      },
    });
    question.on('response', (answer) => {
      answer.resume();
      if (answer.statusCode !== 204) {
        response.statusCode = answer.statusCode === 429 ? 500 : (answer.statusCode ?? 500);
        response.end();
        return;
      }
      const passed = httpRequest({
        host: '127.0.0.1',
        port: (app.address() as AddressInfo).port,
        headers: { ...request.headers },
      });
      passed.on('response', (shown) => shown.pipe(response));
      passed.end();
    });
    question.end();
  });
  await new Promise<void>((resolve) => careless.listen(0, '127.0.0.1', resolve));
  try {
    const url = `http://127.0.0.1:${(careless.address() as AddressInfo).port}/`;
    const checks = await checkProxy(apiOf(running), { url, scopes: [], echoPort: null });
    expect(states(checks)).toEqual([
      'pass no key',
      'pass a bad key',
      'fail WWW-Authenticate',
      'pass a good key',
      'fail forged X-Forwarded-For, X-Real-IP, Forwarded',
      'fail forged X-Gatehouse-Subject, in five spellings',
      'fail the key itself',
      'pass forged facts of the request',
      'fail a burst',
    ]);
  } finally {
    careless.close();
    app.close();
  }
});

test('G8: a proxy that asks nobody fails, and nobody at all is unreachable', async () => {
  await using running = await start();
  const open = createServer((_request, response) => response.end('hello'));
  await new Promise<void>((resolve) => open.listen(0, '127.0.0.1', resolve));
  const { port } = open.address() as AddressInfo;
  const options = { url: `http://127.0.0.1:${port}/`, scopes: [], echoPort: null };
  const [first] = await checkProxy(apiOf(running), options);
  expect(first).toMatchObject({ name: 'no key', state: 'fail' });
  expect(first?.words).toContain('PASSES');
  await new Promise((resolve) => open.close(resolve));
  await expect(checkProxy(apiOf(running), options)).rejects.toThrow('does not answer');
  const { data } = (await running.local('/api/keys')).json;
  expect(data.map(({ status }: { status: string }) => status)).toEqual(['revoked', 'revoked']);
});

describe('doctor', () => {
  const checksOf = async (running: RunningGatehouse) =>
    Object.fromEntries(
      (await running.local('/api/system')).json.checks.map((check: { name: string; state: string; words: string }) => [
        check.name,
        check,
      ]),
    );

  test('a fresh instance has nothing to complain about', async () => {
    await using running = await startGatehouse();
    for (const check of Object.values(await checksOf(running))) expect(check).toMatchObject({ state: 'pass' });
  });

  test('open files, weak keys, a broken edit, plain HTTP and hop counts are named with their remedy', async () => {
    await using running = await startGatehouse({
      ADMIN_API_KEY: 'short',
      PUBLIC_URL: 'https://gate.example.com',
      VALID_API_KEYS: ADMIN_KEY,
    });
    await chmod(join(running.folder, '.gatehouse', 'settings.json'), 0o644);
    await writeFile(join(running.folder, '.gatehouse', 'routes.json'), '{');
    await vi.waitFor(async () => expect((await checksOf(running))['settings']).toMatchObject({ state: 'fail' }), 2000);
    const checks = await checksOf(running);
    expect(checks['file modes']).toMatchObject({ state: 'warn' });
    expect(checks['file modes'].words).toContain('chmod go=');
    expect(checks['settings'].words).toContain('routes.json, line 1');
    expect(checks['environment keys']).toMatchObject({ state: 'warn' });
    expect(checks['environment keys'].words).not.toContain('short');
    expect(checks['proxy'].words).toContain('TRUST_PROXY names none');
    await using hops = await startGatehouse({
      TRUST_PROXY: '1',
      HOST: '0.0.0.0',
      PUBLIC_URL: 'http://gate.example.com',
    });
    expect(await checksOf(hops)).toMatchObject({ proxy: { state: 'warn' }, 'public URL': { state: 'warn' } });
  });

  test('V3: a locked vault is named with the fingerprint that is wanted', async () => {
    await using running = await startGatehouse();
    await running.gatehouse.close();
    await writeFile(join(running.folder, '.gatehouse', 'master.key'), Buffer.alloc(32, 7).toString('base64'), {
      mode: 0o600,
    });
    await using locked = await startGatehouse({}, { folder: running.folder });
    expect((await checksOf(locked))['instance key']).toMatchObject({ state: 'fail' });
  });
});
