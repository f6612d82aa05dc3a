import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { type Place, run, serve } from '../cli/process.js';
import { temporaryFolder, temporaryWorkspaces } from '../support/workspace.js';

const exec = promisify(execFile);

async function listen(server: Server): Promise<AsyncDisposable & { port: number }> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

const gatewayOf = (stdout: string) => /gateway to \S+ listens on (\S+)/.exec(stdout)?.[1] ?? '';

async function keyIn(place: Place): Promise<string> {
  return (await run(['keys', 'create', 'caller', '-q'], place)).stdout.trim();
}

test('G9, R6: `gatehouse serve` opens the gateway and says where; SIGTERM ends its tunnels and lets its requests end', async () => {
  const app = createServer((_request, response) => void setTimeout(() => response.end('done'), 700));
  const sockets = new WebSocketServer({ server: app });
  await using upstream = await listen(app);
  await using folder = await temporaryWorkspaces({});
  const url = `http://127.0.0.1:${upstream.port}`;
  const place = { folder: folder.path, env: { UPSTREAM_URL: url, GATEWAY_PORT: '0' } };
  await using server = await serve(place);
  expect(server.stdout()).toContain(`The gateway to ${url}/ listens on http://127.0.0.1:`);
  const gateway = gatewayOf(server.stdout());
  const key = await keyIn(place);
  const socket = new WebSocket(gateway.replace('http:', 'ws:'), { headers: { 'x-api-key': key } });
  await once(socket, 'open');
  const running = fetch(gateway, { headers: { 'x-api-key': key } });
  await new Promise((resolve) => setTimeout(resolve, 200));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  server.kill('SIGTERM');
  await closed;
  const answer = await running;
  expect([answer.status, await answer.text()]).toEqual([200, 'done']);
  expect(await server.ended).toBe(0);
  sockets.close();
});

test('R2: a port of the gateway that is taken ends with exit 5 and names the setting', async () => {
  const taken = createTcpServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as AddressInfo;
  await using folder = await temporaryWorkspaces({});
  const env = { UPSTREAM_URL: 'http://127.0.0.1:9', GATEWAY_PORT: String(port) };
  const { code, stderr } = await run(['serve'], { folder: folder.path, env });
  expect(code).toBe(5);
  expect(stderr).toContain(`127.0.0.1:${port} is taken by another program. Set GATEWAY_PORT to a free one.`);
  taken.close();
});

test('a port without an app behind it ends with exit 2', async () => {
  await using folder = await temporaryWorkspaces({});
  const { code, stderr } = await run(['serve'], { folder: folder.path, env: { GATEWAY_PORT: '3001' } });
  expect(code).toBe(2);
  expect(stderr).toContain('GATEWAY_PORT is set and UPSTREAM_URL is not');
});

test('G9: an app behind TLS is asked by its own name, and its certificate is checked', async () => {
  await using place = await temporaryFolder();
  const [keyFile, certFile] = [join(place.path, 'key.pem'), join(place.path, 'cert.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  await exec('openssl', [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    '1',
    ...subject,
    '-keyout',
    keyFile,
    '-out',
    certFile,
  ]);
  const names: unknown[] = [];
  const app = createTlsServer({ key: await readFile(keyFile), cert: await readFile(certFile) }, (request, response) => {
    names.push((request.socket as { servername?: unknown }).servername);
    response.end('secret');
  });
  await using upstream = await listen(app);
  const trusting: Record<string, string> = { NODE_EXTRA_CA_CERTS: certFile };
  for (const [host, env, status] of [
    ['localhost', trusting, 200],
    ['localhost', {}, 502],
    ['127.0.0.1', trusting, 502],
  ] as const) {
    await using folder = await temporaryWorkspaces({});
    const at = {
      folder: folder.path,
      env: { ...env, UPSTREAM_URL: `https://${host}:${upstream.port}`, GATEWAY_PORT: '0' },
    };
    await using server = await serve(at);
    const answer = await fetch(gatewayOf(server.stdout()), { headers: { 'x-api-key': await keyIn(at) } });
    expect([host, answer.status]).toEqual([host, status]);
  }
  expect(names).toEqual(['localhost']);
});
