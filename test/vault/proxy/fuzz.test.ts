import { request as httpRequest } from 'node:http';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { startRig } from './rig.js';

const PIECES = [
  '/',
  '//',
  '.',
  '..',
  '%2e',
  '%2f',
  '%',
  '%00',
  '%zz',
  '?',
  '&',
  '=',
  'key',
  '\\',
  ';',
  ':',
  '@',
  '#',
  'p',
  'demo',
  'gemini',
  'v1',
  '--',
  '*',
  '{',
  '"',
  "'",
  '<',
  '~',
  '\u00e9',
  'x'.repeat(300),
];
/** What most paths are made of. */
const PLAIN = ['/', 'v1', '?', '&', 'a=1', '%20', '~', 'models:generateContent'];

const HEADERS = [
  'authorization',
  'x-api-key',
  'x-goog-api-key',
  'connection',
  'cookie',
  'accept-encoding',
  'content-encoding',
  'range',
  'x-http-method-override',
  'if-none-match',
  'te',
  'upgrade',
  'expect',
  'proxy-authorization',
  'x-a',
];

test('R3, V6: whatever is asked, the answer is the vendor’s or one of ours, and never a 500', async () => {
  const rig = await startRig({ type: 'gemini' });
  rig.vendor.answer = ({ url }, response) => response.writeHead(url.length % 2 === 0 ? 200 : 418).end('vendor');
  const value = fc.oneof(
    fc.constantFrom(rig.key, `Bearer ${rig.key}`, 'Bearer', 'Basic !', 'close', 'gzip', '5', ''),
    fc.string({ unit: fc.constantFrom(...'aZ09 :=,;"\t~'), maxLength: 30 }),
  );
  const piece = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...PLAIN) }, fc.constantFrom(...PIECES));
  const asked = fc.record({
    method: fc.constantFrom('GET', 'GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH', 'PROPFIND', 'TRACE'),
    path: fc.array(piece, { maxLength: 6 }).map((pieces) => `/p/demo/gemini/${pieces.join('')}`),
    headers: fc.dictionary(fc.constantFrom(...HEADERS), value, { maxKeys: 4 }),
    withKey: fc.nat(4),
    body: fc.option(fc.string({ maxLength: 50 }), { nil: undefined }),
  });
  await fc.assert(
    fc.asyncProperty(asked, async ({ method, path, headers, withKey, body }) => {
      const status = await new Promise<number>((resolve) => {
        try {
          const sent = { ...headers, ...(withKey > 0 ? { 'x-goog-api-key': rig.key } : {}) };
          const call = httpRequest(
            { port: rig.port, method, path, headers: sent, agent: false, timeout: 5000 },
            (response) => {
              response
                .resume()
                .on('end', () => resolve(response.statusCode ?? 0))
                .on('error', () => resolve(0));
            },
          );
          // What Node does not send, or what the server ends for what it was: no answer, and no 500.
          call
            .on('error', () => resolve(0))
            .on('upgrade', (_response, socket) => {
              socket.destroy();
              resolve(0);
            })
            .on('timeout', () => resolve(599));
          call.end(body);
        } catch {
          resolve(0);
        }
      });
      expect([500, 599]).not.toContain(status);
    }),
    { numRuns: 400 },
  );
  // Some of it did get through, or nothing was tried.
  expect(rig.vendor.seen.length).toBeGreaterThan(40);
  expect(rig.gate.logs()).not.toContain('request failed');
  expect((await fetch(`${rig.proxy}/v1/x`, { headers: { 'x-goog-api-key': rig.key } })).status).toBeLessThan(500);
}, 120_000);
