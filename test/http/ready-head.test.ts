import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nodeSendsThem } from '../../src/http/ready-head.js';
import { PATIENCE } from '../../src/http/server.js';
import { createVerifyDoor } from '../../src/http/verify.js';
import { ADMIN_KEY, type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { head } from './raw.js';

const FACTS = [
  `x-api-key: ${ADMIN_KEY}`,
  'X-Forwarded-Method: GET',
  'X-Forwarded-Uri: /x',
  'X-Forwarded-Host: app.example.com',
];

let running: RunningGatehouse;
/** The same door on a server of which it knows nothing: its heads are written by Node. */
let plain: { url: string; close(): void };

beforeAll(async () => {
  running = await startGatehouse({
    ADMIN_API_KEY: ADMIN_KEY,
    TRUST_PROXY: 'loopback',
    PUBLIC_URL: 'https://app.example.com',
  });
  const door = createVerifyDoor(running.gatehouse);
  const server = createServer({ keepAliveTimeout: PATIENCE.keepAliveTimeout }, (request, response) => {
    door(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  plain = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
});
afterAll(async () => {
  plain.close();
  await running[Symbol.asyncDispose]();
});

test('this Node sends a head that was made ahead', () => {
  expect(nodeSendsThem).toBe(true);
});

test.each([
  ['on a connection that stays open', head('GET /api/verify HTTP/1.1', ...FACTS)],
  ['asked with HEAD', head('HEAD /api/verify HTTP/1.1', ...FACTS)],
  ['on a connection that is to be closed', head('GET /api/verify HTTP/1.1', ...FACTS, 'Connection: close')],
  ['asked with HTTP/1.0', head('GET /api/verify HTTP/1.0', ...FACTS, 'Connection: keep-alive')],
  ['with a body that is not read', `${head('POST /api/verify HTTP/1.1', ...FACTS, 'Content-Length: 2')}{}`],
  ['two at once', head('GET /api/verify HTTP/1.1', ...FACTS).repeat(2)],
  ['after Expect', head('GET /api/verify HTTP/1.1', ...FACTS, 'Expect: 100-continue')],
])('an allowed answer is to the byte what Node would write: %s', async (_, bytes) => {
  // An assertion is signed at the first question and at hand after that.
  await exchange(running.url, head('GET /api/verify HTTP/1.1', ...FACTS));
  const ours = await exchange(running.url, bytes);
  const nodes = await exchange(plain.url, bytes);
  expect(ours.text).toMatch(/HTTP\/1\.1 204 No Content\r\n/);
  expect(unnamed(ours.text)).toBe(unnamed(nodes.text));
  expect(ours.ended).toBe(nodes.ended);
});

test('every answer has an id of its own and the date of its second', async () => {
  const { text } = await exchange(running.url, head('GET /api/verify HTTP/1.1', ...FACTS).repeat(3));
  const ids = [...text.matchAll(/X-Gatehouse-Request-Id: (\S+)/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(3);
  for (const [, date] of text.matchAll(/Date: (.*)\r/g))
    expect(Math.abs(Date.parse(date ?? '') - Date.now())).toBeLessThan(3000);
});

/** Without what differs from answer to answer. */
function unnamed(text: string): string {
  return text.replace(/Request-Id: \S+/g, 'Request-Id: req').replace(/Date: [^\r]+/g, 'Date: now');
}

function exchange(url: string, bytes: string): Promise<{ text: string; ended: boolean }> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(bytes));
    let text = '';
    const finish = (ended: boolean) => {
      socket.destroy();
      resolve({ text, ended });
    };
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk;
    });
    socket.setTimeout(400, () => finish(false));
    socket.on('end', () => finish(true)).on('error', reject);
  });
}
