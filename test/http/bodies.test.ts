import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ErrorCode } from '../../src/contract/codes.js';
import { type Answer, type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { expectProblem } from './problem.js';
import { head, sendOne } from './raw.js';

let gate: RunningGatehouse;
let key: string;

beforeAll(async () => {
  gate = await startGatehouse({ API_RATE_LIMIT: 'off' });
  key = (await gate.createKey({ scopes: ['*'] })).token;
});
afterAll(() => gate[Symbol.asyncDispose]());

const JSON_TYPE = { 'content-type': 'application/json' };
const send = (body: string, headers: Record<string, string> = JSON_TYPE, path = '/api/keys'): Promise<Answer> =>
  gate.call(path, { method: 'POST', key, body, headers });

/** Bytes as they are, with the given headers. */
function sendBytes(body: Buffer, ...headers: string[]): Promise<Answer> {
  const lines = [`x-api-key: ${key}`, `Content-Length: ${body.length}`, 'Connection: close', ...headers];
  return sendOne(gate.url, [head('POST /api/keys HTTP/1.1', ...lines), body]);
}

const SECRET = 'MARKER-of-a-secret-value';

describe('what is no JSON object', () => {
  test.each([
    ['a cut object', `{"name": "${SECRET}`],
    ['single quotes', `{'name': '${SECRET}'}`],
    ['a trailing comma', `{"name": "${SECRET}",}`],
    ['text', SECRET],
    ['two objects', `{"name":"a"}{"name":"${SECRET}"}`],
    ['a number that JSON has not', `{"name": NaN, "x": "${SECRET}"}`],
    ['a comment', `{/* ${SECRET} */}`],
  ])('R3: %s: 400 that tells the place and repeats nothing of the body', async (_what, body) => {
    const answer = await send(body);
    expectProblem(answer, 'BAD_REQUEST', /^The body is not a JSON object/);
    expect(answer.text).not.toContain('MARKER');
    expect(gate.logs()).not.toContain('MARKER');
  });

  test('R3: the place of the fault is told in characters', async () => {
    expectProblem(await send('{"name": oops}'), 'BAD_REQUEST', 'The body is not a JSON object (at character 9).');
    expectProblem(await send("'{name: 1}'"), 'BAD_REQUEST', /at character 0\)/);
    expectProblem(await send('{"name": "cut"'), 'BAD_REQUEST', /at character 14\)/);
  });

  test.each(['null', '[]', '[{"name":"a"}]', '"text"', '7', 'true'])(
    'R3: %s is a 400 for every route',
    async (body) => {
      for (const path of ['/api/keys', '/api/ask', '/api/keys/verify'])
        expectProblem(await send(body, JSON_TYPE, path), 'BAD_REQUEST');
    },
  );

  test('R3: no body and an empty body name what is missing', async () => {
    expectProblem(await gate.call('/api/keys', { method: 'POST', key }), 'BAD_REQUEST', /name: is missing/);
    expectProblem(await send(''), 'BAD_REQUEST', /name: is missing/);
    expectProblem(await send('{}'), 'BAD_REQUEST', /name: is missing/);
    expectProblem(
      await send('{}', JSON_TYPE, '/api/ask'),
      'BAD_REQUEST',
      /workspaceId: is missing.*question: is missing/,
    );
  });

  test('R3: blanks alone, and a byte order mark, are refused without a fault of ours', async () => {
    expectProblem(await send('   \n'), 'BAD_REQUEST');
    expect(
      (await sendBytes(Buffer.from('\ufeff{"name":"bom"}'), 'Content-Type: application/json')).status,
    ).toBeLessThan(500);
  });
});

describe('types, charsets and encodings', () => {
  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    'application/jsonp',
    'nonsense',
    ';;;',
  ])('R3: Content-Type %s is a 415 that names the right one', async (type) => {
    expectProblem(await send('{"name":"a"}', { 'content-type': type }), 'UNSUPPORTED_MEDIA_TYPE', /application\/json/);
  });

  test('R3: JSON without any Content-Type is a 415, never guessed', async () => {
    expectProblem(await sendBytes(Buffer.from('{"name":"a"}')), 'UNSUPPORTED_MEDIA_TYPE');
  });

  test.each<[string, ErrorCode]>([
    ['application/json; charset=latin1', 'UNSUPPORTED_MEDIA_TYPE'],
    ['application/json; charset=utf-7', 'UNSUPPORTED_MEDIA_TYPE'],
    ['application/json; charset=utf-16', 'UNSUPPORTED_MEDIA_TYPE'],
  ])('R3: %s is refused', async (type, code) => {
    expectProblem(await send('{"name":"a"}', { 'content-type': type }), code);
  });

  test('R3: compressed JSON is read, unknown and broken compression is refused', async () => {
    const body = Buffer.from('{"name":"small"}');
    const type = 'Content-Type: application/json; charset=UTF-8';
    expect((await sendBytes(gzipSync(body), type, 'Content-Encoding: gzip')).status).toBe(201);
    expect((await sendBytes(deflateSync(body), type, 'Content-Encoding: deflate')).status).toBe(201);
    expect((await sendBytes(brotliCompressSync(body), type, 'Content-Encoding: br')).status).toBe(201);
    expectProblem(await sendBytes(body, type, 'Content-Encoding: zstd'), 'UNSUPPORTED_MEDIA_TYPE');
    expectProblem(await sendBytes(body, type, 'Content-Encoding: gzip'), 'BAD_REQUEST');
  });

  test('R3: a gzip bomb stops at the limit of the route', async () => {
    const bomb = gzipSync(Buffer.alloc(200_000_000, ' '));
    const before = process.memoryUsage().rss;
    const answer = await sendBytes(bomb, 'Content-Type: application/json', 'Content-Encoding: gzip');
    expectProblem(answer, 'PAYLOAD_TOO_LARGE');
    expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000);
  });

  test('R3: bytes that are no UTF-8 never become a name in the file', async () => {
    const answer = await sendBytes(
      Buffer.from([...Buffer.from('{"name":"'), 0xff, 0xfe, ...Buffer.from('"}')]),
      'Content-Type: application/json',
    );
    expectProblem(answer, 'BAD_REQUEST');
  });
});

describe('size and depth', () => {
  test('R3: 1 MB is a 413, told before it is read', async () => {
    expectProblem(await send(JSON.stringify({ name: 'a', note: 'x'.repeat(1_000_000) })), 'PAYLOAD_TOO_LARGE');
    // Without a key nothing is read at all.
    expectProblem(await gate.call('/api/keys', { body: 'x'.repeat(1_000_000) }), 'UNAUTHORIZED');
  });

  test.each([
    ['arrays', (depth: number) => '['.repeat(depth) + ']'.repeat(depth)],
    ['objects', (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`],
    ['unclosed arrays', (depth: number) => '['.repeat(depth)],
  ])('R3: thousands of nested %s are a 400', async (_what, nest) => {
    for (const depth of [33, 5000, 10_000])
      expectProblem(await send(nest(depth)), 'BAD_REQUEST', 'The body is nested deeper than 32 levels.');
  });

  test('R3: brackets inside a string are text', async () => {
    const { status } = await send(JSON.stringify({ name: 'brackets', note: `"\\${'['.repeat(60)}` }));
    expect(status).toBe(201);
  });
});

describe('fields', () => {
  test.each<[string, unknown, RegExp]>([
    ['a missing name', { type: 'sdk' }, /name: is missing/],
    ['an empty name', { name: '' }, /name: must not be empty/],
    ['a blank name', { name: '   ' }, /name: must not be empty/],
    ['a name of 10,000 characters', { name: 'x'.repeat(10_000) }, /name: at most 100 characters/],
    ['a name with a line break', { name: 'a\nb' }, /name: control characters/],
    ['a name with an escape', { name: '\u001b[2Jx' }, /name: control characters/],
    ['a name with NUL', { name: 'a\u0000b' }, /name: control characters/],
    ['a number for a name', { name: 7 }, /name: /],
    ['an object for a name', { name: { $ne: 1 } }, /name: /],
    ['an unknown field', { name: 'a', admin: true }, /unknown field "admin"/],
    ['a type of another ring', { name: 'a', type: 'svc' }, /type: /],
    ['an MCP type', { name: 'a', type: 'mcp' }, /type: /],
    ['an unknown environment', { name: 'a', environment: 'test' }, /environment: /],
    ['an unknown scope', { name: 'a', scopes: ['keys:raed'] }, /scopes\[0\]: unknown scope "keys:raed"/],
    [
      'a scope for operators',
      { name: 'a', scopes: ['settings:write'] },
      /scopes\[0\]: settings scopes are for operators/,
    ],
    ['scopes as text', { name: 'a', scopes: 'keys:read' }, /scopes: /],
    ['a huge list of scopes', { name: 'a', scopes: Array(10_000).fill('a:b') }, /scopes/],
    ['an expiry in the past', { name: 'a', expiresAt: '2001-01-01T00:00:00Z' }, /expiresAt: is in the past/],
    ['an expiry that is no time', { name: 'a', expiresAt: 'tomorrow' }, /expiresAt: a time looks like/],
    ['a day that is none', { name: 'a', expiresAt: '2027-02-30T00:00:00Z' }, /expiresAt/],
    ['an address that is none', { name: 'a', allowedIps: ['10.0.0.0/33'] }, /allowedIps\[0\]: "10.0.0.0\/33"/],
    ['an address list as text', { name: 'a', allowedIps: '*' }, /allowedIps: /],
    ['a limit of zero', { name: 'a', rateLimit: { requests: 0, windowSeconds: 60 } }, /rateLimit\.requests: /],
    ['a limit of fractions', { name: 'a', rateLimit: { requests: 1.5, windowSeconds: 60 } }, /rateLimit\.requests: /],
    [
      'a limit with more',
      { name: 'a', rateLimit: { requests: 1, windowSeconds: 6, x: 1 } },
      /rateLimit: unknown field "x"/,
    ],
    ['a workspace that is no id', { name: 'a', workspaceIds: ['../x'] }, /workspaceIds\[0\]: a workspace id is/],
    [
      'a credential nobody has',
      { name: 'a', credentialIds: ['openai'] },
      /credentialIds\[0\]: there is no credential "openai"/,
    ],
  ])('R3, K2: %s is a 400 that names the field', async (_what, body, detail) => {
    expectProblem(await send(JSON.stringify(body)), 'BAD_REQUEST', detail);
  });

  test('R3: prototype members are unknown fields and change nothing', async () => {
    for (const body of [
      '{"name":"a","__proto__":{"admin":true}}',
      '{"name":"a","constructor":{"prototype":{"admin":true}}}',
      '{"name":"a","prototype":1}',
      '{"name":"a","rateLimit":{"requests":1,"windowSeconds":1,"__proto__":{"x":1}}}',
    ])
      expectProblem(await send(body), 'BAD_REQUEST', /unknown field/);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  test('R3: a lone surrogate in a name is refused or kept readable; the file stays valid', async () => {
    const answer = await send('{"name":"lone \\ud800 half"}');
    expect(answer.status).toBeLessThan(500);
    const text = await readFile(join(gate.folder, 'api-keys.json'), 'utf8');
    expect(() => JSON.parse(text)).not.toThrow();
    expect((await gate.call('/api/keys', { key })).status).toBe(200);
  });

  test('R3: many faults are told together, the first five in words', async () => {
    const answer = await send(
      JSON.stringify({ name: 7, type: 7, environment: 7, scopes: 7, note: 7, expiresAt: 7, x: 7 }),
    );
    expectProblem(answer, 'BAD_REQUEST', /name: .*type: .*environment: .*; and \d+ more\.$/);
    expect(answer.json.detail.length).toBeLessThan(1000);
  });

  test('R3: an unknown field with a name of 100 KB is not repeated in full', async () => {
    const answer = await send(JSON.stringify({ name: 'a', ['x'.repeat(50_000)]: 1 }));
    expectProblem(answer, 'BAD_REQUEST', /unknown field "x+"/);
    expect(answer.text.length).toBeLessThan(1000);
  });
});

test('R3: nothing of all this made a key', async () => {
  const { json } = await gate.call('/api/keys?limit=200', { key });
  const names = json.data.map(({ name }: { name: string }) => name);
  expect(
    names.filter((name: string) => !['test', 'small', 'brackets', 'bom'].includes(name) && !name.startsWith('lone')),
  ).toEqual([]);
});
