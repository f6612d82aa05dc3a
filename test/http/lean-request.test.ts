import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { LeanRequest } from '../../src/http/lean-request.js';
import { head, sendOne, sendRaw } from './raw.js';

/** Answers twice on a connection with a request that is spent, and tells what became of the first one. */
async function serveSpent() {
  const seen: { request: LeanRequest; events: string[] }[] = [];
  const server = createServer({ IncomingMessage: LeanRequest, requireHostHeader: false }, (request, response) => {
    const events: string[] = [];
    for (const name of ['data', 'end', 'close', 'aborted', 'error']) request.on(name, () => events.push(name));
    request.pause();
    request.spent = true;
    seen.push({ request, events });
    response.end(request.url);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, seen, [Symbol.asyncDispose]: async () => void server.close() };
}

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

test('a spent request has ended, says nothing more, and leaves its connection to the next', async () => {
  await using server = await serveSpent();
  const bytes = ['/1', '/2', '/3'].map((path) => head(`GET ${path} HTTP/1.1`)).join('');
  const { answers } = await sendRaw(server.url, bytes);
  expect(answers.map(({ text }) => text)).toEqual(['/1', '/2', '/3']);
  for (const { request, events } of server.seen) {
    expect(request.readableEnded).toBe(true);
    expect(events).toEqual([]);
    expect(request.destroyed).toBe(false);
  }
});
