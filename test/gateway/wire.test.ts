import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { once, startGateway, startGatewayTo, wire } from './gateway.js';

const hello = (request: IncomingMessage, response: ServerResponse) => {
  request.resume().on('end', () => response.end('hello'));
};
const head = (first: string, ...lines: string[]) => `${[first, 'Host: app.test', ...lines].join('\r\n')}\r\n\r\n`;
const status = (text: string) => Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0);

describe('G9, R3: what two readers could understand differently never reaches the app', () => {
  const smuggled = 'GET /admin HTTP/1.1\r\nHost: app.test\r\n\r\n';
  const forms: [string, (key: string) => string | Buffer][] = [
    ['two lengths', (key) => `${head('POST / HTTP/1.1', key, 'Content-Length: 3', 'Content-Length: 4')}abcd`],
    ['two equal lengths', (key) => `${head('POST / HTTP/1.1', key, 'Content-Length: 3', 'Content-Length: 3')}abc`],
    ['a list of lengths', (key) => `${head('POST / HTTP/1.1', key, 'Content-Length: 3, 3')}abc`],
    ['a length with a sign', (key) => `${head('POST / HTTP/1.1', key, 'Content-Length: +3')}abc`],
    ['a length in hex', (key) => `${head('POST / HTTP/1.1', key, 'Content-Length: 0x3')}abc`],
    [
      'length and chunks',
      (key) => `${head('POST / HTTP/1.1', key, 'Content-Length: 3', 'Transfer-Encoding: chunked')}0\r\n\r\n${smuggled}`,
    ],
    [
      'chunks and length',
      (key) => `${head('POST / HTTP/1.1', key, 'Transfer-Encoding: chunked', 'Content-Length: 3')}0\r\n\r\n${smuggled}`,
    ],
    [
      'chunked in disguise',
      (key) => `${head('POST / HTTP/1.1', key, 'Transfer-Encoding: xchunked')}0\r\n\r\n${smuggled}`,
    ],
    [
      'chunked, then another coding',
      (key) => `${head('POST / HTTP/1.1', key, 'Transfer-Encoding: chunked, identity')}0\r\n\r\n${smuggled}`,
    ],
    [
      'another coding below chunked',
      (key) => `${head('POST / HTTP/1.1', key, 'Transfer-Encoding: gzip, chunked')}0\r\n\r\n${smuggled}`,
    ],
    [
      'chunked twice',
      (key) =>
        head('POST / HTTP/1.1', key, 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked') +
        `0\r\n\r\n${smuggled}`,
    ],
    [
      'a blank before the colon',
      (key) => `${head('POST / HTTP/1.1', key, 'Transfer-Encoding : chunked')}0\r\n\r\n${smuggled}`,
    ],
    [
      'a folded line',
      (key) => `${head('POST / HTTP/1.1', key, 'X-A: b\r\n Transfer-Encoding: chunked')}0\r\n\r\n${smuggled}`,
    ],
    ['a bare line feed', (key) => `POST / HTTP/1.1\nHost: app.test\n${key}\nContent-Length: 3\n\nabc`],
    ['a bare carriage return', (key) => head('GET / HTTP/1.1', key, 'X-A: b\rTransfer-Encoding: chunked')],
    ['NUL in a header', (key) => head('GET / HTTP/1.1', key, 'X-A: b\0c')],
    ['two hosts', (key) => head('GET / HTTP/1.1', key, 'Host: other.test')],
    ['no host', (key) => `GET / HTTP/1.1\r\n${key}\r\n\r\n`],
    ['a host with a path', (key) => `GET / HTTP/1.1\r\nHost: app.test/x\r\n${key}\r\n\r\n`],
    ['a host that differs from the target', (key) => head('GET http://other.test/ HTTP/1.1', key)],
    ['a user in the target', (key) => head('GET http://app.test@other.test/ HTTP/1.1', key)],
    ['an asterisk', (key) => head('OPTIONS * HTTP/1.1', key)],
    ['no path', (key) => head('GET x HTTP/1.1', key)],
    ['a fragment', (key) => head('GET /a#b HTTP/1.1', key)],
    ['an encoded slash', (key) => head('GET /a%2fb HTTP/1.1', key)],
    ['dots', (key) => head('GET /a/../b HTTP/1.1', key)],
    ['a backslash', (key) => head('GET /a\\b HTTP/1.1', key)],
    ['bytes that are not ASCII', (key) => Buffer.from(head('GET /\xe4 HTTP/1.1', key), 'latin1')],
    [
      'a body on an upgrade',
      (key) => `${head('GET / HTTP/1.1', key, 'Connection: Upgrade', 'Upgrade: websocket', 'Content-Length: 3')}abc`,
    ],
    ['an old version', (key) => head('GET / HTTP/0.9', key)],
    ['HTTP/2 without asking', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ];
  test.each(forms)('%s', async (_name, bytesOf) => {
    await using gateway = await startGateway(hello);
    const { token } = await gateway.house.createKey();
    const { text } = await wire(gateway.url, bytesOf(`x-api-key: ${token}`));
    expect(status(text), text).toBe(400);
    expect(text).toContain('"code":"BAD_REQUEST"');
    expect(text.split('HTTP/1.1 ').length, 'one answer').toBe(2);
    expect(gateway.seen).toEqual([]);
    expect(gateway.connections()).toBe(0);
  });

  const bodies: [string, string][] = [
    ['a chunk size that is none', 'zz\r\nabc\r\n0\r\n\r\n'],
    ['a negative chunk size', '-3\r\nabc\r\n0\r\n\r\n'],
    ['a chunk size over all bounds', 'fffffffffffffffff\r\nabc\r\n'],
    ['a chunk longer than it says', '2\r\nabc\r\n0\r\n\r\n'],
    ['a chunk that ends in a bare line feed', '3\nabc\n0\n\n'],
    ['a chunk extension with a line feed', '3;a=\nb\r\nabc\r\n0\r\n\r\n'],
  ];
  test.each(bodies)('%s: the app sees no whole request', async (_name, body) => {
    await using gateway = await startGateway(hello);
    const { token } = await gateway.house.createKey();
    const { text, ended } = await wire(
      gateway.url,
      head('POST / HTTP/1.1', `x-api-key: ${token}`, 'Transfer-Encoding: chunked') + body + smuggled,
    );
    expect(ended).toBe(true);
    expect(text).not.toContain('hello');
    expect(status(text), text).toBe(400);
    expect(gateway.seen).toEqual([]);
  });
});

describe('G9: one framing towards the app, as our own parser understood the request', () => {
  /** What the app's side of the wire got, byte by byte. */
  async function sent(bytes: (key: string) => string): Promise<{ wire: string; token: string }> {
    let got = '';
    await using gateway = await startGatewayTo((socket) => {
      socket.setEncoding('latin1').on('data', (chunk: string) => {
        got += chunk;
        if (got.includes('\r\n\r\n')) socket.write('HTTP/1.1 204 No Content\r\n\r\n');
      });
    });
    const { token } = await gateway.house.createKey();
    await wire(gateway.url, bytes(`x-api-key: ${token}`));
    return { wire: got, token };
  }
  const lines = (got: string) => got.split('\r\n\r\n', 1)[0]?.split('\r\n') ?? [];

  test('a length stays a length', async () => {
    const { wire } = await sent((key) => `${head('PUT /x HTTP/1.1', key, 'content-LENGTH: 003')}abc`);
    expect(lines(wire).filter((line) => /^(content-length|transfer-encoding)/i.test(line))).toEqual([
      'Content-Length: 003',
    ]);
    expect(wire.endsWith('\r\n\r\nabc')).toBe(true);
  });

  test('chunks stay chunks, without extensions', async () => {
    const { wire } = await sent(
      (key) => `${head('POST /x HTTP/1.1', key, 'Transfer-Encoding: Chunked')}3;x=y\r\nabc\r\n0\r\n\r\n`,
    );
    expect(lines(wire).filter((line) => /^(content-length|transfer-encoding)/i.test(line))).toEqual([
      'Transfer-Encoding: chunked',
    ]);
    expect(wire.endsWith('\r\n\r\n3\r\nabc\r\n0\r\n\r\n')).toBe(true);
  });

  test('a body on GET and DELETE is one', async () => {
    const { wire } = await sent(
      (key) => `${head('DELETE /x HTTP/1.1', key, 'Transfer-Encoding: chunked')}3\r\nabc\r\n0\r\n\r\n`,
    );
    expect(wire).toMatch(/^DELETE \/x HTTP\/1\.1\r\n/);
    expect(wire.endsWith('\r\n\r\n3\r\nabc\r\n0\r\n\r\n')).toBe(true);
  });

  test.each(['GET', 'HEAD', 'DELETE', 'OPTIONS'])('%s without a body announces none', async (method) => {
    const { wire } = await sent((key) => head(`${method} /x HTTP/1.1`, key));
    expect(lines(wire).filter((line) => /^(content-length|transfer-encoding)/i.test(line))).toEqual([]);
  });

  test('POST without a body announces an empty one', async () => {
    const { wire } = await sent((key) => head('POST /x HTTP/1.1', key));
    expect(lines(wire).filter((line) => /^(content-length|transfer-encoding)/i.test(line))).toEqual([
      'Content-Length: 0',
    ]);
  });

  test('the short form of a target arrives, whichever was sent; its query is not touched', async () => {
    const { wire } = await sent((key) => head('GET HTTP://app.test/a/b?c=%2f../d;e HTTP/1.1', key));
    expect(lines(wire)[0]).toBe('GET /a/b?c=%2f../d;e HTTP/1.1');
    expect(lines((await sent((key) => head('GET http://app.test?x HTTP/1.1', key))).wire)[0]).toBe('GET /?x HTTP/1.1');
  });

  test('what belongs to the connection stays on it, and Connection names no header of ours away', async () => {
    const { wire, token } = await sent((key) =>
      head(
        'GET / HTTP/1.1',
        key,
        'Connection: close, X-Hop, X-Gatehouse-Subject, X-Forwarded-For, Host',
        'X-Hop: 1',
        'Keep-Alive: timeout=9',
        'TE: trailers',
        'Proxy-Connection: x',
        'Proxy-Authorization: Basic x',
        'Upgrade-Insecure-Requests: 1',
      ),
    );
    const names = lines(wire)
      .slice(1)
      .map((line) => line.split(':', 1)[0]?.toLowerCase());
    expect(names).not.toEqual(expect.arrayContaining(['x-hop']));
    for (const gone of ['x-hop', 'keep-alive', 'te', 'proxy-connection', 'proxy-authorization'])
      expect(names).not.toContain(gone);
    for (const kept of ['host', 'x-gatehouse-subject', 'x-forwarded-for', 'upgrade-insecure-requests'])
      expect(names.filter((name) => name === kept)).toHaveLength(1);
    expect(lines(wire)).toContain('Connection: keep-alive');
    expect(wire).not.toContain(token);
  });
});

test('G9: forged identity and forwarding headers are gone in every spelling', async () => {
  await using gateway = await startGateway(hello);
  const { key, token } = await gateway.house.createKey();
  const forged = [
    'X-Gatehouse-Subject',
    'x_gatehouse_subject',
    'X.Gatehouse.Subject',
    'X-Gatehouse_Scopes',
    'x-GATEHOUSE-org',
    'X-Gatehouse-Anything',
    'Forwarded',
    'X-Forwarded-For',
    'X_Forwarded_For',
    'X-Forwarded-User',
    'X-Real-IP',
    'X-Original-URL',
    'X-Rewrite-URL',
    'X-HTTP-Method-Override',
    'Proxy',
  ];
  await wire(
    gateway.url,
    head('GET / HTTP/1.1', `x-api-key: ${token}`, ...forged.map((name) => `${name}: key_forged`)),
  );
  const seen = gateway.seen[0];
  expect(JSON.stringify(seen)).not.toContain('key_forged');
  expect(once(seen, 'x-gatehouse-subject')).toBe(key.id);
  expect(once(seen, 'x-forwarded-for')).toBe('127.0.0.1');
});

test('G9: behind a trusted proxy the app is told the client and its scheme; a stranger is not believed', async () => {
  for (const [trust, address, scheme] of [
    ['loopback', '203.0.113.9', 'https'],
    ['none', '127.0.0.1', 'http'],
  ] as const) {
    await using gateway = await startGateway(hello, { settings: { TRUST_PROXY: trust } });
    const { token } = await gateway.house.createKey();
    await fetch(gateway.url, {
      headers: {
        'x-api-key': token,
        'x-forwarded-for': '203.0.113.9',
        'x-forwarded-proto': 'https',
        'x-forwarded-host': 'evil.test',
      },
    });
    expect(once(gateway.seen[0], 'x-forwarded-for')).toBe(address);
    expect(once(gateway.seen[0], 'x-forwarded-proto')).toBe(scheme);
    expect(once(gateway.seen[0], 'x-forwarded-host')).toBe(new URL(gateway.url).host);
  }
});

test('R3: requests that are sent before their answers are there are answered in their order, each decided by itself', async () => {
  await using gateway = await startGateway((request, response) => {
    setTimeout(() => response.end(`<${request.url}>`), request.url === '/slow' ? 300 : 0);
  });
  const { token } = await gateway.house.createKey();
  const get = (path: string, key: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\nx-api-key: ${key}\r\n\r\n`;
  const one = await wire(gateway.url, get('/slow', token) + get('/refused', 'wrong') + get('/fast', token), 900);
  expect([...one.text.matchAll(/HTTP\/1\.1 (\d{3})|<[^>]+>/g)].map(([all]) => all)).toEqual([
    'HTTP/1.1 200',
    '</slow>',
    'HTTP/1.1 401',
    'HTTP/1.1 200',
    '</fast>',
  ]);
  // What cannot be read is not the answer to what was sent before it.
  expect(await wire(gateway.url, `${get('/slow', token)}GARBAGE\r\n\r\n`, 900)).toMatchObject({
    text: '',
    ended: true,
  });
});

test('R3: a head over all bounds is 431', async () => {
  await using gateway = await startGateway(hello);
  const { text } = await wire(gateway.url, head('GET / HTTP/1.1', `X-A: ${'x'.repeat(20_000)}`));
  expect(text).toMatch(/^HTTP\/1\.1 431 /);
  expect(text).toContain('HEADERS_TOO_LARGE');
  expect(gateway.connections()).toBe(0);
});

describe('what the app answers', () => {
  async function answered(bytes: string, first = 'GET / HTTP/1.1'): Promise<string> {
    await using gateway = await startGatewayTo((socket: Socket) => socket.once('data', () => socket.end(bytes)));
    const { token } = await gateway.house.createKey();
    return (await wire(gateway.url, head(first, `x-api-key: ${token}`))).text;
  }

  test('G9: goes on untouched: order, case, repeated headers, cookies, status words', async () => {
    const text = await answered(
      'HTTP/1.1 418 Short and stout\r\nSet-Cookie: a=1; Path=/\r\nX-CaSe: q\r\nSet-Cookie: b=2\r\nContent-Length: 2\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\nok',
    );
    expect(text).toMatch(
      /^HTTP\/1\.1 418 Short and stout\r\nSet-Cookie: a=1; Path=\/\r\nX-CaSe: q\r\nSet-Cookie: b=2\r\nContent-Length: 2\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n/,
    );
    expect(text.endsWith('\r\n\r\nok')).toBe(true);
  });

  test('G9: what only Gatehouse may say, and what belongs to the connection, stays behind', async () => {
    const text = await answered(
      'HTTP/1.1 200 OK\r\nX-Gatehouse-Subject: key_forged\r\nx_gatehouse_error: forged\r\nConnection: keep-alive, X-Private\r\nX-Private: 1\r\nKeep-Alive: timeout=99\r\nProxy-Authenticate: Basic\r\nUpgrade: h2c\r\nContent-Length: 0\r\n\r\n',
    );
    for (const gone of ['forged', 'X-Private', 'timeout=99', 'Proxy-Authenticate', 'h2c'])
      expect(text).not.toContain(gone);
    expect(text).toMatch(/\r\nX-Gatehouse-Request-Id: req_/);
  });

  test('G9: an answer to HEAD keeps its length and has no body; 204 and 304 have none', async () => {
    const toHead = await answered('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', 'HEAD / HTTP/1.1');
    expect(toHead).toMatch(/\r\nContent-Length: 5\r\n/);
    expect(toHead.endsWith('\r\n\r\n')).toBe(true);
    for (const line of ['204 No Content', '304 Not Modified'])
      expect(await answered(`HTTP/1.1 ${line}\r\nETag: "x"\r\n\r\n`)).toMatch(/\r\n\r\n$/);
  });

  test('G9: a body that ends with the connection becomes one with an end', async () => {
    expect(await answered('HTTP/1.1 200 OK\r\n\r\nhello')).toMatch(
      /\r\nTransfer-Encoding: chunked\r\n[\s\S]*\r\n5\r\nhello\r\n0\r\n\r\n$/,
    );
  });

  test.each([
    ['no HTTP at all', 'SSH-2.0-OpenSSH\r\n'],
    ['a length and chunks', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd'],
    ['another coding below chunked', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n'],
    ['a folded header', 'HTTP/1.1 200 OK\r\nX-A: b\r\n c\r\nContent-Length: 0\r\n\r\n'],
    [
      'protocols switched unasked',
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    ],
    ['a head that does not end', `HTTP/1.1 200 OK\r\n${'X-A: b\r\n'.repeat(20_000)}`],
  ])('G9: %s is 502 in our shape', async (_name, bytes) => {
    const text = await answered(bytes);
    expect(status(text), text.slice(0, 300)).toBe(502);
    expect(text).toContain('"code":"UPSTREAM_');
  });
});
