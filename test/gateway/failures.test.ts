import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { listenGateway } from '../../src/gateway/server.js';
import { startGatehouse } from '../support/gatehouse.js';
import { startGateway, startGatewayTo, wire } from './gateway.js';

const hello = (request: IncomingMessage, response: ServerResponse) => {
  request.resume().on('end', () => response.end('hello'));
};
const ask = async (url: string, key: string, init: RequestInit = {}) => {
  const response = await fetch(url, { ...init, headers: { 'x-api-key': key } });
  return { status: response.status, body: await response.text(), headers: response.headers };
};

describe('an app that fails', () => {
  test('G9: one that does not run is 502, and what can be done about it is said', async () => {
    const free = createServer();
    const port = await new Promise<number>((resolve) =>
      free.listen(0, '127.0.0.1', () => resolve((free.address() as { port: number }).port)),
    );
    await new Promise((resolve) => free.close(resolve));
    const upstream = `http://127.0.0.1:${port}`;
    await using house = await startGatehouse({ UPSTREAM_URL: upstream, GATEWAY_PORT: '0' }, { files: {} });
    const gateway = await listenGateway(house.gatehouse, new URL(upstream));
    try {
      const { token } = await house.createKey();
      const answer = await ask(gateway.url, token);
      expect(JSON.parse(answer.body)).toMatchObject({
        status: 502,
        code: 'UPSTREAM_UNREACHABLE',
        detail: expect.stringContaining('UPSTREAM_URL'),
      });
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
      expect(answer.body).not.toContain(String(port));
      expect(house.logs()).toContain('ECONNREFUSED');
      expect(await ask(gateway.url, token, { method: 'POST', body: 'x'.repeat(100_000) })).toMatchObject({
        status: 502,
      });
    } finally {
      await gateway.close(0);
    }
  });

  test('G9: one that does not begin to answer is 504', async () => {
    await using gateway = await startGateway(() => {}, { settings: { UPSTREAM_TIMEOUT: '1' } });
    const { token } = await gateway.house.createKey();
    const startedMs = performance.now();
    const answer = await ask(gateway.url, token);
    expect(JSON.parse(answer.body)).toMatchObject({ status: 504, code: 'UPSTREAM_TIMEOUT' });
    expect(performance.now() - startedMs).toBeLessThan(4000);
    expect(await ask(gateway.url, token, { method: 'POST', body: 'abc' })).toMatchObject({ status: 504 });
  });

  test('G9: one that takes long once it has begun is waited for', async () => {
    await using gateway = await startGateway(
      (_request, response) => {
        response.write('a');
        setTimeout(() => response.end('b'), 2500);
      },
      { settings: { UPSTREAM_TIMEOUT: '1' } },
    );
    const { token } = await gateway.house.createKey();
    expect(await ask(gateway.url, token)).toMatchObject({ status: 200, body: 'ab' });
  });

  test('R3: a caller whose body stands still is 408, and the app hears that it was given up', async () => {
    let aborted = false;
    await using gateway = await startGateway(
      (request) => void request.on('error', () => {}).on('close', () => (aborted = !request.complete)),
      { settings: { UPSTREAM_TIMEOUT: '1' } },
    );
    const { token } = await gateway.house.createKey();
    const { text, ended } = await wire(
      gateway.url,
      `POST / HTTP/1.1\r\nHost: a\r\nx-api-key: ${token}\r\nContent-Length: 10\r\n\r\nabc`,
      6000,
    );
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
    expect(ended).toBe(true);
    await expect.poll(() => aborted).toBe(true);
  });

  test.each([
    ['with a length', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc', 'HTTP/1.1'],
    ['in chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n', 'HTTP/1.1'],
    ['in chunks, to an old caller', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n', 'HTTP/1.0'],
    ['with a broken chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n', 'HTTP/1.1'],
  ])('G9: an answer that is cut short (%s) does not look like one that has ended', async (_name, bytes, version) => {
    await using gateway = await startGatewayTo((socket) =>
      socket.once('data', () => socket.write(bytes, () => setTimeout(() => socket.destroy(), 200))),
    );
    const { token } = await gateway.house.createKey();
    const { text, ended, reset } = await wire(
      gateway.url,
      `GET / ${version}\r\nHost: a\r\nx-api-key: ${token}\r\n\r\n`,
      3000,
    );
    expect(text).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(text).toContain('abc');
    expect(text).not.toMatch(/0\r\n\r\n$/);
    expect(ended).toBe(true);
    if (version === 'HTTP/1.0') expect(reset).toBe(true);
    await expect.poll(() => gateway.lines()[0]).toMatchObject({ status: 200, aborted: true });
  });

  test('G9: a connection it has closed meanwhile is not the caller’s business, where asking twice is harmless', async () => {
    let answers = 0;
    await using gateway = await startGatewayTo((socket) => {
      // Each connection answers once and is then cut at the next request, as if both had crossed on the way.
      let used = false;
      socket.on('data', () => {
        if (used) return void socket.resetAndDestroy();
        used = true;
        answers += 1;
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      });
    });
    const { token } = await gateway.house.createKey();
    for (let n = 0; n < 6; n += 1) expect(await ask(gateway.url, token)).toMatchObject({ status: 200, body: 'ok' });
    expect(answers).toBe(6);
    await ask(gateway.url, token);
    expect(await ask(gateway.url, token, { method: 'POST', body: 'x' })).toMatchObject({ status: 502 });
  });
});

describe('a caller that goes away', () => {
  test('G9: takes its request to the app with it, before an answer and in the middle of one', async () => {
    const gone: string[] = [];
    await using gateway = await startGateway((request, response) => {
      response.on('close', () => gone.push(request.url ?? ''));
      if (request.url === '/begun') response.write('part');
    });
    const { token } = await gateway.house.createKey();
    for (const path of ['/waiting', '/begun']) {
      const sent = httpRequest(`${gateway.url}${path}`, { headers: { 'x-api-key': token } });
      sent.on('error', () => {});
      sent.on('response', (response) => response.on('error', () => {}).resume());
      sent.end();
      await expect.poll(() => gateway.seen.length).toBe(path === '/waiting' ? 1 : 2);
      sent.destroy();
      await expect.poll(() => gone).toContain(path);
    }
    await expect.poll(() => gateway.lines().map(({ aborted }) => aborted)).toEqual([true, true]);
  });

  test('G9: in the middle of its body: the app sees no whole request', async () => {
    await using gateway = await startGateway((request) => void request.on('error', () => {}));
    const { token } = await gateway.house.createKey();
    const { port } = new URL(gateway.url);
    const socket = connect(Number(port), '127.0.0.1', () =>
      socket.write(
        `POST / HTTP/1.1\r\nHost: a\r\nx-api-key: ${token}\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n`,
      ),
    );
    await expect.poll(() => gateway.connections()).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(gateway.seen).toEqual([]);
  });
});

describe('Expect: 100-continue', () => {
  const head = (key: string, length = 3) =>
    `POST / HTTP/1.1\r\nHost: a\r\nx-api-key: ${key}\r\nExpect: 100-continue\r\nContent-Length: ${length}\r\n\r\n`;

  test('G9: the app’s own 100 reaches the caller, then its body the app', async () => {
    await using gateway = await startGateway(hello);
    const { token } = await gateway.house.createKey();
    const { port } = new URL(gateway.url);
    let got = '';
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(head(token)));
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      got += chunk;
      if (got === 'HTTP/1.1 100 Continue\r\n\r\n') socket.write('abc');
    });
    await expect.poll(() => got).toContain('hello');
    socket.destroy();
    expect(gateway.seen[0]).toMatchObject({ body: 'abc' });
  });

  test('G9: a refusal comes instead of it, and the connection ends: a body kept back is never read as a request', async () => {
    await using gateway = await startGateway(hello);
    const { text, ended } = await wire(gateway.url, `${head('wrong', 40)}GET / HTTP/1.1\r\nHost: a\r\n\r\n`, 1500);
    expect(text).toMatch(/^HTTP\/1\.1 401 /);
    expect(text.split('HTTP/1.1 ')).toHaveLength(2);
    expect(ended).toBe(true);
    expect(gateway.connections()).toBe(0);
  });

  test('G9: so does the app’s own refusal', async () => {
    await using gateway = await startGatewayTo((socket) =>
      socket.once('data', () => socket.write('HTTP/1.1 413 Payload Too Large\r\nContent-Length: 0\r\n\r\n')),
    );
    const { token } = await gateway.house.createKey();
    const { text, ended } = await wire(gateway.url, head(token), 1500);
    expect(text).toMatch(/^HTTP\/1\.1 413 /);
    expect(ended).toBe(true);
  });
});

describe('a body that nobody reads', () => {
  test('G1: the refusal arrives all the same, and the connection can be used again', async () => {
    await using gateway = await startGateway(hello);
    const { token } = await gateway.house.createKey();
    const body = 'x'.repeat(300_000);
    const { text } = await wire(
      gateway.url,
      `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}GET /after HTTP/1.1\r\nHost: a\r\nx-api-key: ${token}\r\n\r\n`,
      800,
    );
    expect(text).toMatch(/^HTTP\/1\.1 401 [\s\S]*HTTP\/1\.1 200 OK[\s\S]*hello$/);
    expect(gateway.seen.map(({ url }) => url)).toEqual(['/after']);
  });

  test('R3: one without end is cut off', async () => {
    await using gateway = await startGateway(hello);
    const body = 'x'.repeat(3_000_000);
    const { text, ended } = await wire(
      gateway.url,
      `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 900000000\r\n\r\n${body}`,
      4000,
    );
    expect(text).toMatch(/^HTTP\/1\.1 401 /);
    expect(ended).toBe(true);
  });

  test('G9: an answer that comes early arrives whole', async () => {
    await using gateway = await startGatewayTo((socket) =>
      socket.once('data', () => socket.write('HTTP/1.1 413 Payload Too Large\r\nContent-Length: 3\r\n\r\nbig')),
    );
    const { token } = await gateway.house.createKey();
    const { text } = await wire(
      gateway.url,
      `POST / HTTP/1.1\r\nHost: a\r\nx-api-key: ${token}\r\nContent-Length: 500000\r\n\r\n${'x'.repeat(500_000)}`,
      800,
    );
    expect(text).toMatch(/^HTTP\/1\.1 413 [\s\S]*\r\n\r\nbig$/);
  });
});

test('G9: connections to the app are used again, and given up when idle', async () => {
  await using gateway = await startGateway(hello);
  const { token } = await gateway.house.createKey();
  for (let n = 0; n < 20; n += 1) await ask(gateway.url, token, n % 2 === 0 ? {} : { method: 'POST', body: 'x' });
  expect(gateway.connections()).toBe(1);
  await new Promise((resolve) => setTimeout(resolve, 2000));
  await ask(gateway.url, token);
  expect(gateway.connections()).toBe(2);
});

test('R3: TRACE echoes nothing and CONNECT opens nothing', async () => {
  await using gateway = await startGateway(hello);
  const { token } = await gateway.house.createKey();
  const key = `x-api-key: ${token}`;
  expect((await wire(gateway.url, `TRACE / HTTP/1.1\r\nHost: a\r\n${key}\r\n\r\n`)).text).toMatch(/^HTTP\/1\.1 405 /);
  expect((await wire(gateway.url, `CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: a\r\n${key}\r\n\r\n`)).text).toMatch(
    /^HTTP\/1\.1 405 /,
  );
  expect((await wire(gateway.url, 'TRACE / HTTP/1.1\r\nHost: a\r\n\r\n')).text).toMatch(/^HTTP\/1\.1 401 /);
  expect(gateway.connections()).toBe(0);
});
