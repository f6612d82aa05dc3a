import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { LeanRequest } from '../../src/http/lean-request.js';
import { head, sendOne, sendRaw } from './raw.js';

/** What a handler reads of `headers`, and what the class shows before one has the request. */
async function serve() {
  const server = createServer({ IncomingMessage: LeanRequest, requireHostHeader: false }, (request, response) => {
    const before = Object.keys(request.headers);
    request.handedOver = true;
    response.end(JSON.stringify({ before, headers: request.headers }));
  });
  server.on('upgrade', ({ headers }, socket) =>
    socket.end(`HTTP/1.1 400 Bad Request\r\nX-Seen: ${headers['x-a']}\r\n\r\n`),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, [Symbol.asyncDispose]: async () => void server.close() };
}

test('headers are built once a handler has the request, and are Node’s own then', async () => {
  await using server = await serve();
  const answer = await sendOne(server.url, head('GET / HTTP/1.1', 'X-A: 1', 'X-A: 2', 'Cookie: a', 'Cookie: b'));
  expect(answer.json).toEqual({ before: [], headers: { host: 'gatehouse.test', 'x-a': '1, 2', cookie: 'a; b' } });
});

test('who says Expect is still heard', async () => {
  await using server = await serve();
  const { answers } = await sendRaw(server.url, head('POST / HTTP/1.1', 'eXpect: 100-continue', 'Content-Length: 0'));
  expect(answers.map(({ status }) => status)).toContain(100);
});

test('who takes a connection over reads all headers', async () => {
  await using server = await serve();
  const answer = await sendOne(server.url, head('GET / HTTP/1.1', 'X-A: 1', 'Connection: upgrade', 'Upgrade: it'));
  expect(answer.headers.get('x-seen')).toBe('1');
});
