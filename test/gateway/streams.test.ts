import { type EventEmitter, once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { listenGateway } from '../../src/gateway/server.js';
import { HOUR, TestClock } from '../support/clock.js';
import { startGatehouse } from '../support/gatehouse.js';
import { startGateway, startGatewayTo, wire } from './gateway.js';

/** An app that sends server-sent events at `/events`, and echoes over WebSocket everywhere. */
async function startStreams(settings: Record<string, string> = {}, clock = new TestClock(), routes?: unknown) {
  const handshakes: IncomingMessage[] = [];
  const app = createServer((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.write('data: 0\n\n');
    const timer = setInterval(() => response.write('data: tick\n\n'), 50);
    response.on('close', () => clearInterval(timer));
  });
  const sockets = new WebSocketServer({ server: app });
  sockets.on('connection', (socket, request) => {
    handshakes.push(request);
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
  const upstream = `http://127.0.0.1:${(app.address() as AddressInfo).port}`;
  const house = await startGatehouse(
    { UPSTREAM_URL: upstream, GATEWAY_PORT: '0', ...settings },
    { files: routes === undefined ? {} : { '.gatehouse/routes.json': JSON.stringify(routes) }, clock },
  );
  const gateway = await listenGateway(house.gatehouse, new URL(upstream));
  onTestFinished(async () => {
    await gateway.close(0);
    await house[Symbol.asyncDispose]();
    for (const socket of sockets.clients) socket.terminate();
    app.closeAllConnections();
    app.close();
  });
  return { url: gateway.url, gateway, house, clock, handshakes, clients: () => sockets.clients.size };
}

function open(url: string, headers: Record<string, string>): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url.replace('http:', 'ws:'), { headers });
    socket.on('open', () => resolve(socket));
    socket.on('error', reject);
  });
}

/** Not `once`, which would take the error before it for its own. */
function closed(stream: EventEmitter): Promise<void> {
  return new Promise((resolve) => stream.once('close', () => resolve()));
}

function events(url: string, key: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(`${url}/events`, { headers: { 'x-api-key': key }, agent: false }, resolve);
    sent.on('error', reject);
    sent.end();
  });
}

describe('server-sent events', () => {
  test('G9: each arrives when it is sent, the head too', async () => {
    let send = (_event: string) => {};
    await using gateway = await startGateway((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.flushHeaders();
      send = (event) => response.write(event);
    });
    const { token } = await gateway.house.createKey();
    // The head is here before there is any event, and each event before there is a next one.
    const response = await events(gateway.url, token);
    response.on('error', () => {});
    for (const event of ['data: 1\n\n', 'data: 2\n\n']) {
      send(event);
      const [chunk] = (await once(response, 'data')) as [Buffer];
      expect(String(chunk)).toBe(event);
    }
    response.destroy();
  });
});

describe('WebSocket', () => {
  test('G9: the guard decides before the upgrade; the app sees who is calling and no credential; messages pass untouched', async () => {
    const { url, house, handshakes } = await startStreams();
    const { key, token } = await house.createKey();
    await expect(open(url, {})).rejects.toThrow('401');
    await expect(open(url, { 'x-api-key': 'wrong' })).rejects.toThrow('401');
    expect(handshakes).toHaveLength(0);
    const socket = await open(`${url}/chat?room=1`, {
      authorization: `Bearer ${token}`,
      'x-gatehouse-subject': 'key_forged',
    });
    const big = Buffer.alloc(3_000_000, 7);
    socket.send('hello');
    expect(String((await once(socket, 'message'))[0])).toBe('hello');
    socket.send(big);
    expect(Buffer.compare((await once(socket, 'message'))[0] as Buffer, big)).toBe(0);
    const seen = handshakes[0];
    expect(seen?.url).toBe('/chat?room=1');
    expect(seen?.headers).toMatchObject({ 'x-gatehouse-subject': key.id, upgrade: 'websocket', connection: 'Upgrade' });
    expect(seen?.headers).not.toHaveProperty('authorization');
    socket.close();
    await closed(socket);
    await expect.poll(() => house.logs()).toContain('"status":101');
  });

  test('G9: when one side goes, so does the other', async () => {
    const { url, house, clients } = await startStreams();
    const { token } = await house.createKey();
    const socket = await open(url, { 'x-api-key': token });
    await expect.poll(clients).toBe(1);
    socket.terminate();
    await expect.poll(clients).toBe(0);
  });

  test('G9: an app that does not switch answers as usual, and its connection ends', async () => {
    await using gateway = await startGateway(
      (_request, response) => void response.writeHead(426, { 'Set-Cookie': 'a=1' }).end('no'),
    );
    const { token } = await gateway.house.createKey();
    const { text, ended } = await wire(
      gateway.url,
      `GET / HTTP/1.1\r\nHost: a\r\nx-api-key: ${token}\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nGET /admin HTTP/1.1\r\n\r\n`,
      1500,
    );
    expect(text).toMatch(/^HTTP\/1\.1 426 /);
    expect(text).toContain('Set-Cookie: a=1');
    expect(text.split('HTTP/1.1 ')).toHaveLength(2);
    expect(ended).toBe(true);
    expect(gateway.seen.map(({ url }) => url)).toEqual(['/']);
  });

  test('G9: other protocols pass too, and what came early with them', async () => {
    await using gateway = await startGatewayTo((socket: Socket) => {
      socket.once('data', (head: Buffer) => {
        const upgraded = /\r\nUpgrade: chat\/2\r\n/.test(String(head));
        socket.write(
          upgraded
            ? 'HTTP/1.1 101 Go on\r\nConnection: Upgrade\r\nUpgrade: chat/2\r\nX-Gatehouse-Subject: forged\r\nX-App: 1\r\n\r\nwelcome '
            : 'HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n',
        );
        socket.on('data', (chunk: Buffer) => socket.write(chunk));
      });
    });
    const { token } = await gateway.house.createKey();
    const { text } = await wire(
      gateway.url,
      `POST / HTTP/1.1\r\nHost: a\r\nx-api-key: ${token}\r\nConnection: Upgrade\r\nUpgrade: chat/2\r\n\r\nearly`,
    );
    expect(text).toMatch(/^HTTP\/1\.1 101 Go on\r\n/);
    expect(text).toContain('X-App: 1');
    expect(text).not.toContain('forged');
    expect(text.endsWith('\r\n\r\nwelcome early')).toBe(true);
  });

  test('G9: a protocol that nobody asked for is not switched to', async () => {
    await using gateway = await startGatewayTo((socket) =>
      socket.once('data', () => socket.write('HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n')),
    );
    const { token } = await gateway.house.createKey();
    const { text } = await wire(
      gateway.url,
      `GET / HTTP/1.1\r\nHost: a\r\nx-api-key: ${token}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    );
    expect(text).toMatch(/^HTTP\/1\.1 502 /);
  });

  test.each(['h2c', 'HTTP/2.0', 'TLS/1.0', 'h2c, TLS/1.2'])(
    'G9: %s, in which requests would pass unseen, is never offered: the request goes on without',
    async (protocol) => {
      await using gateway = await startGateway((request, response) => void request.pipe(response));
      const { token } = await gateway.house.createKey();
      const head = `x-api-key: ${token}\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: ${protocol}\r\nHTTP2-Settings: AAMAAABk\r\n`;
      const { text } = await wire(
        gateway.url,
        `POST /one HTTP/1.1\r\nHost: a\r\n${head}Content-Length: 3\r\n\r\nabcGET /two HTTP/1.1\r\nHost: a\r\nx-api-key: ${token}\r\n\r\n`,
      );
      expect(text).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*abc[\s\S]*HTTP\/1\.1 200 OK/);
      expect(gateway.seen.map(({ url, body }) => [url, body])).toEqual([
        ['/one', 'abc'],
        ['/two', ''],
      ]);
      for (const { headers } of gateway.seen)
        for (const gone of ['upgrade', 'http2-settings']) expect(headers).not.toHaveProperty(gone);
      expect((await wire(gateway.url, `GET / HTTP/1.1\r\nHost: a\r\n${head.replace(token, 'x')}\r\n`)).text).toMatch(
        /^HTTP\/1\.1 401 /,
      );
    },
  );
});

describe('K5: open streams end within 5 s', () => {
  type Streams = Awaited<ReturnType<typeof startStreams>>;
  const ways: [string, (streams: Streams, id: string) => Promise<unknown>][] = [
    ['the key is revoked', ({ house }, id) => house.local(`/api/keys/${id}/revoke`, { method: 'POST' })],
    ['the key expires', async ({ clock }) => clock.advance(2 * HOUR)],
    [
      'the key may not be used from here any more',
      ({ house }, id) => house.local(`/api/keys/${id}`, { method: 'PATCH', body: { allowedIps: ['192.0.2.1'] } }),
    ],
  ];
  test.each(ways)('once %s', async (_name, act) => {
    const streams = await startStreams();
    const { key, token } = await streams.house.createKey({
      expiresAt: new Date(streams.clock.nowMs() + HOUR).toISOString(),
    });
    const { token: other } = await streams.house.createKey();
    const [socket, kept, response] = await Promise.all([
      open(streams.url, { 'x-api-key': token }),
      open(streams.url, { 'x-api-key': other }),
      events(streams.url, token),
    ]);
    response.on('error', () => {}).resume();
    // Longer than a round: those that may go on do.
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect([socket.readyState, response.destroyed]).toEqual([WebSocket.OPEN, false]);
    const startedMs = performance.now();
    const over = Promise.all([closed(socket), closed(response)]);
    await act(streams, key.id);
    await over;
    expect(performance.now() - startedMs).toBeLessThan(5000);
    expect(response.complete).toBe(false);
    expect(kept.readyState).toBe(WebSocket.OPEN);
    await expect.poll(streams.clients).toBe(1);
    kept.terminate();
  });

  test('also for a JWT of the key, and when the routes ask for more', async () => {
    const streams = await startStreams();
    const { key, token } = await streams.house.createKey({ scopes: ['projects:read'] });
    const jwt = (await streams.house.call('/api/auth/token', { method: 'POST', key: token, body: {} })).json
      .access_token;
    const [byJwt, byKey] = await Promise.all([
      open(streams.url, { authorization: `Bearer ${jwt}` }),
      open(streams.url, { 'x-api-key': token }),
    ]);
    const { writeFile } = await import('node:fs/promises');
    await writeFile(
      `${streams.house.folder}/.gatehouse/routes.json`,
      JSON.stringify({ routes: [], default: { authModes: ['api_key'], scopes: ['billing:write'] } }),
    );
    await closed(byKey);
    await expect.poll(() => byJwt.readyState, { timeout: 3000 }).toBe(WebSocket.CLOSED);
    await streams.house.local(`/api/keys/${key.id}/revoke`, { method: 'POST' });
  });

  test('a stream that is left alone is not counted, and not noted as used again', async () => {
    const streams = await startStreams();
    const { key, token } = await streams.house.createKey({ rateLimit: { requests: 2, windowSeconds: 3600 } });
    const socket = await open(streams.url, { 'x-api-key': token });
    const used = async () => (await streams.house.local(`/api/keys/${key.id}`)).json.key.lastUsedAt;
    const before = await used();
    streams.clock.advance(60_000);
    await new Promise((resolve) => setTimeout(resolve, 4500));
    expect(socket.readyState).toBe(WebSocket.OPEN);
    expect(await used()).toBe(before);
    const answer = await fetch(`${streams.url}/x`, { headers: { 'x-api-key': token } });
    expect(answer.status).toBe(200);
    await answer.body?.cancel();
    socket.terminate();
  });
});

test('R6: stopping ends what has no end of its own at once, and lets a request that runs end', async () => {
  const streams = await startStreams();
  const { token } = await streams.house.createKey();
  const [socket, response] = await Promise.all([open(streams.url, { 'x-api-key': token }), events(streams.url, token)]);
  response.on('error', () => {}).resume();
  const startedMs = performance.now();
  await Promise.all([streams.gateway.close(20_000), closed(socket), closed(response)]);
  expect(performance.now() - startedMs).toBeLessThan(3000);

  await using slow = await startGateway((_request, answer) => void setTimeout(() => answer.end('done'), 600));
  const { token: key } = await slow.house.createKey();
  const running = fetch(slow.url, { headers: { 'x-api-key': key } });
  await expect.poll(() => slow.seen.length).toBe(1);
  slow.house.gatehouse.drain();
  const idle = connect(Number(new URL(slow.url).port), '127.0.0.1');
  await once(idle, 'connect');
  await Promise.all([slow.stop(20_000), closed(idle)]);
  const answer = await running;
  expect([answer.status, await answer.text(), answer.headers.get('connection')]).toEqual([200, 'done', 'close']);
  await expect(fetch(slow.url)).rejects.toThrow();
});
