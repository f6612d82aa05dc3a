import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROUTES, type RouteSpec } from '../../src/contract/routes.js';
import { ADMIN_KEY, type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { expectProblemShape } from './problem.js';
import { sendRaw } from './raw.js';

let gate: RunningGatehouse;
let key: string;

beforeAll(async () => {
  gate = await startGatehouse({ API_RATE_LIMIT: 'off', ADMIN_API_KEY: ADMIN_KEY });
  key = (await gate.createKey({ scopes: ['*'] })).token;
});
afterAll(() => gate[Symbol.asyncDispose]());

const routes = Object.values<RouteSpec>(ROUTES);
const segment = fc.oneof(
  fc.constantFrom('..', '.', '%2e%2e', '%2f', '%zz', '%00', 'example', '__proto__', 'constructor', 'api-keys.json'),
  fc.webSegment(),
);
const path = fc.oneof(
  fc.constantFrom(...routes.map((route) => route.path)),
  fc.tuple(fc.constantFrom(...routes), segment).map(([route, id]) => route.path.replace(/:\w+/, () => id)),
  fc.array(segment, { maxLength: 5 }).map((parts) => `/${parts.join('/')}`),
  fc.array(segment, { maxLength: 3 }).map((parts) => `/api/${parts.join('/')}`),
);
const query = fc.oneof(
  fc.constant(''),
  fc.webQueryParameters().map((text) => `?${text}`),
);
const method = fc.constantFrom('GET', 'POST', 'PATCH', 'DELETE', 'PUT', 'OPTIONS', 'HEAD', 'TRACE');
const fieldNames = [
  'name',
  'scopes',
  'question',
  'workspaceId',
  'token',
  'note',
  'rateLimit',
  'graceSeconds',
  'reason',
];
const body = fc.oneof(
  fc.constant(null),
  fc.json(),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc
    .dictionary(fc.constantFrom(...fieldNames), fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' })))
    .map((value) => JSON.stringify(value)),
);
const type = fc.constantFrom('application/json', 'application/json; charset=utf-16', 'text/plain', '*/*', 'x');
const credential = fc.constantFrom('none', 'key', 'admin', 'wrong');
const header = fc.tuple(
  fc.constantFrom('Accept', 'Origin', 'Cookie', 'X-Forwarded-For', 'X-Real-IP', 'Prefer', 'If-None-Match', 'Range'),
  fc.string({ unit: 'grapheme-ascii', maxLength: 60 }),
);

test('R3: no request, however odd, gets a 5xx, a stack or another shape of error', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({ path, query, method, body, type, credential, headers: fc.array(header, { maxLength: 3 }) }),
      async (request) => {
        // Failures must not be throttled into 429 only: the clock moves on.
        gate.clock.advance(10_000);
        const secret = { none: null, key, admin: ADMIN_KEY, wrong: 'gate_sdk_test_wrong' }[request.credential];
        const hasBody = request.body !== null && !['GET', 'HEAD', 'TRACE'].includes(request.method);
        const payload = Buffer.from(hasBody ? (request.body ?? '') : '', 'utf8');
        const lines = [
          `${request.method} ${request.path}${request.query} HTTP/1.1`,
          'Host: gatehouse.test',
          'Connection: close',
          ...(hasBody ? [`Content-Type: ${request.type}`, `Content-Length: ${payload.length}`] : []),
          ...(secret === null ? [] : [`x-api-key: ${secret}`]),
          ...request.headers.map(([name, value]) => `${name}: ${value}`),
        ];
        const { answers } = await sendRaw(gate.url, [`${lines.join('\r\n')}\r\n\r\n`, payload], 5000);
        expect(answers).toHaveLength(1);
        const answer = answers[0]!;
        expect(answer.status).toBeLessThan(500);
        if (answer.status >= 400 && request.method !== 'HEAD') expectProblemShape(answer);
        if (secret !== null && secret !== 'gate_sdk_test_wrong') expect(answer.text).not.toContain(secret);
      },
    ),
    { numRuns: 1500 },
  );
  expect(gate.logs()).not.toContain('"level":"error"');
}, 60_000);

test('R3: random bytes on a connection end in the one shape or in silence, and the next caller is served', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300 }), async (bytes) => {
      const { answers } = await sendRaw(gate.url, [Buffer.from(bytes), '\r\n\r\n'], 1000);
      for (const answer of answers) {
        expect(answer.status).toBeLessThan(500);
        if (answer.status >= 400) expectProblemShape(answer);
      }
    }),
    { numRuns: 200 },
  );
  expect((await gate.call('/healthz')).status).toBe(200);
});
