import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run, serve } from '../cli/process.js';
import { startGatehouse } from '../support/gatehouse.js';
import { temporaryFolder, temporaryWorkspaces } from '../support/workspace.js';
import { expectProblem } from './problem.js';
import { head } from './raw.js';

const ADMIN = 'a'.repeat(16).concat('b'.repeat(16));

describe('stopping', () => {
  test('R6: SIGTERM lets the request that runs end properly, takes no new one, saves the counters and exits 0', async () => {
    await using folder = await temporaryWorkspaces();
    const place = { folder: folder.path, env: { ADMIN_API_KEY: ADMIN, API_RATE_LIMIT: '5' } };
    await using server = await serve(place);
    const { port } = new URL(server.url);
    const body = JSON.stringify({ workspaceId: 'example', question: 'How are fines calculated?' });
    const lines = [`x-api-key: ${ADMIN}`, 'Content-Type: application/json', `Content-Length: ${body.length}`];
    const socket = connect(Number(port), '127.0.0.1');
    let got = '';
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      got += chunk;
    });
    socket.write(head('POST /api/ask HTTP/1.1', ...lines) + body.slice(0, 20));
    await expect.poll(() => fetch(`${server.url}/readyz`).then(({ status }) => status), { timeout: 10_000 }).toBe(200);

    server.kill('SIGTERM');
    await expect.poll(() => server.stderr(), { timeout: 10_000 }).toContain('"stopping"');
    await expect(fetch(`${server.url}/readyz`)).rejects.toThrow();
    expect(got).toBe('');
    socket.write(body.slice(20));
    await closed;
    expect(got).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(got).toMatch(/connection: close/i);
    expect(got).toContain('"status":"completed"');
    expect(await server.ended).toBe(0);

    const usage = JSON.parse(await readFile(join(folder.path, '.gatehouse', 'usage.json'), 'utf8'));
    expect(usage.entries).toContainEqual(expect.objectContaining({ kind: 'window', count: 1 }));
    // The folder was given back: the next command needs no waiting.
    expect(await run(['audit', 'verify', '-q'], place)).toMatchObject({ code: 0 });
  });

  test('R6: while it drains, readiness says no and health says yes, and what is asked is still answered', async () => {
    await using gate = await startGatehouse();
    const { token } = await gate.createKey();
    expect((await gate.call('/readyz')).json).toEqual({ status: 'ok' });
    gate.gatehouse.drain();
    expectProblem(await gate.call('/readyz'), 'UNAVAILABLE');
    expect((await gate.call('/healthz')).json).toEqual({ status: 'ok' });
    expect((await gate.call('/api/auth/whoami', { key: token })).status).toBe(200);
  });
});

test('R6: connections on which no request runs do not hold the stop', async () => {
  await using folder = await temporaryWorkspaces({});
  await using server = await serve({ folder: folder.path });
  const { port } = new URL(server.url);
  const silent = connect(Number(port), '127.0.0.1');
  const half = connect(Number(port), '127.0.0.1', () => half.write('GET /healthz HTTP/1.1\r\nHost: x\r\n'));
  const closed = [silent, half].map(
    (socket) => new Promise((resolve) => socket.on('error', () => {}).on('close', resolve)),
  );
  await expect.poll(() => fetch(`${server.url}/readyz`).then(({ status }) => status), { timeout: 10_000 }).toBe(200);
  const startedMs = performance.now();
  server.kill('SIGTERM');
  expect(await server.ended).toBe(0);
  await Promise.all(closed);
  expect(performance.now() - startedMs).toBeLessThan(5000);
});

describe('starts that cannot be', () => {
  test('R2: a port that is taken ends with exit 5 and says so', async () => {
    await using one = await temporaryWorkspaces({});
    await using two = await temporaryWorkspaces({});
    await using server = await serve({ folder: one.path });
    const { port } = new URL(server.url);
    const { code, stderr, stdout } = await run(['serve'], { folder: two.path, env: { PORT: port } });
    expect({ code, stdout }).toEqual({ code: 5, stdout: '' });
    expect(stderr).toContain(`\ngatehouse: 127.0.0.1:${port} is taken by another program. Set PORT to a free one.\n`);
  });

  test('R2: a second server on one folder ends with exit 5 at once, and the first goes on', async () => {
    await using folder = await temporaryWorkspaces({});
    await using server = await serve({ folder: folder.path });
    const startedMs = performance.now();
    const { code, stderr } = await run(['serve'], { folder: folder.path });
    // Far from the 15 s after which a silent owner counts as dead; most of it is Node reading the program.
    expect(performance.now() - startedMs).toBeLessThan(8000);
    expect(code).toBe(5);
    expect(stderr).toContain(folder.path);
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  });

  test('R2: a folder that cannot be written tells the chown line for this user', async () => {
    await using folder = await temporaryWorkspaces({});
    const asRoot = process.getuid?.() === 0;
    const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
    const below = join(folder.path, 'file');
    await writeFile(below, '');
    const { code, stderr } = asRoot
      ? await run(['serve'], { folder: folder.path, cwd: '/', prefix: nobody })
      : await run(['serve'], { folder: join(below, 'inside'), cwd: folder.path });
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/cannot be made or written \(E[A-Z]+\)/);
    const owner = asRoot ? '65534:65534' : `${process.getuid?.()}:${process.getgid?.()}`;
    expect(stderr).toContain(`chown -R ${owner} ${asRoot ? folder.path : join(below, 'inside')}`);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test.each<[string, string, RegExp]>([
    ['cut off', '{"schemaVersion":1,"keys":[\n{"id":"key_', /api-keys\.json/],
    ['empty', '', /api-keys\.json/],
    ['null', 'null', /api-keys\.json/],
    ['a list', '[]', /api-keys\.json/],
    [
      'edited wrongly',
      '{"schemaVersion":1,"keys":[\n{"id":"key_0000000000000000000000","name":7}\n]}',
      /api-keys\.json.*line 2/s,
    ],
    ['of a newer version', '{"schemaVersion":99,"keys":[]}', /99/],
  ])('R2: an api-keys.json that is %s stops the start, is named, and stays as it is', async (_what, text, words) => {
    await using folder = await temporaryWorkspaces({});
    const path = join(folder.path, 'api-keys.json');
    await writeFile(path, text);
    const { code, stdout, stderr } = await run(['serve'], { folder: folder.path });
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(words);
    expect(stderr).toContain(path);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(await readFile(path, 'utf8')).toBe(text);
  });

  test('R6: all bad settings are told at once with their remedies, exit 2, and no secret is repeated', async () => {
    await using folder = await temporaryFolder();
    const secrets = ['marker-one with a blank', 'marker-two,marker-two', 'marker-three-master'];
    const env = {
      ADMIN_API_KEY: secrets[0]!,
      VALID_API_KEYS: secrets[1]!,
      MASTER_KEY: secrets[2]!,
      ALLOWED_IPS: '10.0.0.0/33 nonsense',
      TRUST_PROXY: 'true',
      API_RATE_LIMIT: 'many',
      PORT: '99999',
      KEY_PREFIX: 'Gate-',
      ENVIRONMENT: 'prod',
      BASE_PATH: 'gate/',
      LOG_LEVEL: 'loud',
      AUDIT_MAX_MB: '0',
      CLIENT_SCOPES: 'ask:rum',
    };
    const { code, stdout, stderr } = await run(['serve'], { folder: folder.path, env });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    for (const name of Object.keys(env)) expect(stderr).toMatch(new RegExp(`^ *${name} `, 'm'));
    expect(stderr).toContain('13 settings need attention');
    expect(stderr).not.toContain('marker-');
    expect(stderr).toContain('openssl rand -base64 32');
  });

  test('R6: Ctrl+C twice ends it at once', async () => {
    await using folder = await temporaryWorkspaces({});
    await using server = await serve({ folder: folder.path, env: { ADMIN_API_KEY: ADMIN } });
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.on('error', () => {});
    const lines = [`x-api-key: ${ADMIN}`, 'Content-Type: application/json', 'Content-Length: 50'];
    socket.write(`${head('POST /api/ask HTTP/1.1', ...lines)}{`);
    await fetch(`${server.url}/healthz`);
    server.kill('SIGINT');
    await expect.poll(() => server.stderr(), { timeout: 10_000 }).toContain('"stopping"');
    server.kill('SIGINT');
    expect(await server.ended).toBe(130);
    socket.destroy();
  });
});

test('R1: a server that was killed leaves a folder that the next one takes at once, with every key', async () => {
  await using folder = await temporaryWorkspaces({});
  const place = { folder: folder.path };
  let token: string;
  {
    await using server = await serve(place);
    token = (await run(['keys', 'create', 'kept', '-q'], place)).stdout.trim();
    server.kill('SIGKILL');
    await server.ended;
  }
  await using again = await serve(place);
  const answer = await fetch(`${again.url}/api/auth/whoami`, { headers: { 'x-api-key': token } });
  expect(answer.status).toBe(200);
});
