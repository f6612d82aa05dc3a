import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { expectProblem, expectProblemShape } from './problem.js';
import { head, sendOne, sendRaw } from './raw.js';

let gate: RunningGatehouse;
let key: string;

beforeAll(async () => {
  gate = await startGatehouse({ API_RATE_LIMIT: 'off' });
  key = (await gate.createKey({ scopes: ['*'] })).token;
});
afterAll(() => gate[Symbol.asyncDispose]());

const keyLine = () => `x-api-key: ${key}`;

describe('what HTTP does not allow', () => {
  test.each([
    ['words', 'hello gatehouse\r\n\r\n'],
    ['a TLS handshake', Buffer.from('16030100a5010000a10303', 'hex')],
    ['an SSH greeting', 'SSH-2.0-OpenSSH_9.9\r\n\r\n'],
    ['a method of its own', head('BREW /healthz HTTP/1.1')],
    ['a version of its own', head('GET /healthz HTTP/9.9')],
    ['a blank before the colon', head('GET /healthz HTTP/1.1', 'x-api-key : a')],
    ['a folded header', head('GET /healthz HTTP/1.1', 'X-A: a', ' folded')],
    ['NUL in a header', head('GET /healthz HTTP/1.1', 'X-A: a\0b')],
    ['two lengths', head('POST /api/ask HTTP/1.1', 'Content-Length: 2', 'Content-Length: 3')],
    ['a length that is none', head('POST /api/ask HTTP/1.1', 'Content-Length: two')],
    ['a length below zero', head('POST /api/ask HTTP/1.1', 'Content-Length: -1')],
    [
      'a length and chunks',
      `${head('POST /api/ask HTTP/1.1', 'Content-Length: 5', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
    ],
    ['chunks of no size', `${head('POST /api/ask HTTP/1.1', 'Transfer-Encoding: chunked')}zz\r\n\r\n`],
  ])('R3: %s is a 400 in the one shape and ends the connection', async (_what, bytes) => {
    const { answers, ended } = await sendRaw(gate.url, bytes);
    // A broken chunk comes after the guard: the refusal of the missing key may be first.
    expect(answers.length).toBeGreaterThan(0);
    for (const answer of answers) {
      expectProblemShape(answer);
      expect([400, 401]).toContain(answer.status);
    }
    expect(ended).toBe(true);
  });

  test('R3: headers of 20 KB are a 431 in the one shape', async () => {
    const answer = await sendOne(gate.url, head('GET /healthz HTTP/1.1', `X-Long: ${'a'.repeat(20_000)}`));
    expectProblem(answer, 'HEADERS_TOO_LARGE', 'The request headers are larger than 16 KB.');
  });

  test('R3: a path of 20 KB is refused in the one shape', async () => {
    expectProblemShape(await sendOne(gate.url, head(`GET /${'a'.repeat(20_000)} HTTP/1.1`)));
  });

  test('R3: a key of 1 MB is refused before it is read whole', async () => {
    const answer = await sendOne(gate.url, head('GET /api/keys HTTP/1.1', `x-api-key: ${'k'.repeat(1_000_000)}`));
    expectProblem(answer, 'HEADERS_TOO_LARGE');
  });

  test('R3: a missing Host, an absolute path and an old version are answered or refused, never dropped', async () => {
    for (const bytes of [
      'GET /healthz HTTP/1.1\r\n\r\n',
      'GET /healthz HTTP/1.0\r\n\r\n',
      head('GET http://evil.example/healthz HTTP/1.1', 'Connection: close'),
      head('OPTIONS * HTTP/1.1', 'Connection: close'),
      head('GET healthz HTTP/1.1', 'Connection: close'),
    ]) {
      const { answers } = await sendRaw(gate.url, bytes);
      expect(answers).toHaveLength(1);
      expect(answers[0]?.status).toBeLessThan(500);
      if ((answers[0]?.status ?? 0) >= 400) expectProblemShape(answers[0]!);
    }
  });

  test('R3: CONNECT makes no tunnel', async () => {
    const { answers, ended } = await sendRaw(gate.url, head('CONNECT evil.example:443 HTTP/1.1'));
    expectProblem(answers[0]!, 'METHOD_NOT_ALLOWED', 'Gatehouse opens no tunnels.');
    expect(ended).toBe(true);
  });

  test('R3: TRACE echoes nothing', async () => {
    for (const path of ['/', '/healthz', '/api/keys']) {
      const answer = await sendOne(gate.url, head(`TRACE ${path} HTTP/1.1`, 'X-Echo: marker-of-mine', keyLine()));
      expectProblemShape(answer);
      expect(answer.text).not.toContain('marker-of-mine');
    }
  });

  test('R3: an upgrade is not followed', async () => {
    const lines = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Key: eA==', 'Sec-WebSocket-Version: 13'];
    const { answers } = await sendRaw(gate.url, head('GET /api/keys HTTP/1.1', ...lines));
    expectProblem(answers[0]!, 'UNAUTHORIZED');
  });

  test('R3: Expect: 100-continue and expectations of their own are answered', async () => {
    const body = '{"token":"x"}';
    const lines = (expectation: string) => [
      keyLine(),
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
      `Expect: ${expectation}`,
      'Connection: close',
    ];
    const { answers } = await sendRaw(gate.url, [head('POST /api/keys/verify HTTP/1.1', ...lines('the moon')), body]);
    for (const answer of answers) if (answer.status >= 400) expectProblemShape(answer);
    expect(answers.length).toBeGreaterThan(0);
  });
});

describe('credentials in headers', () => {
  test.each([
    ['two x-api-key lines', () => [keyLine(), 'x-api-key: other']],
    ['the same x-api-key twice', () => [keyLine(), keyLine()]],
    ['x-api-key in two spellings', () => [keyLine(), `X-API-KEY: ${key}`]],
    ['two Authorization lines', () => [`Authorization: Bearer ${key}`, 'Authorization: Bearer other']],
    ['different keys in both slots', () => [keyLine(), 'Authorization: Bearer other']],
  ])('R3: %s are a 400 that says so, never a choice of ours', async (_what, lines) => {
    const answer = await sendOne(gate.url, head('GET /api/keys HTTP/1.1', ...lines(), 'Connection: close'));
    expectProblem(answer, 'AMBIGUOUS_CREDENTIALS');
    expect(answer.text).not.toContain(key);
  });

  test('A1: the same key in both slots is one key, and the scheme is read in any case', async () => {
    for (const lines of [
      [keyLine(), `Authorization: Bearer ${key}`],
      [`AUTHORIZATION: bEaReR ${key}`],
      [`authorization: BEARER    ${key}`],
      [`X-Api-Key: ${key}  `],
    ])
      expect((await sendOne(gate.url, head('GET /api/keys HTTP/1.1', ...lines, 'Connection: close'))).status).toBe(200);
  });

  test('A1: another scheme is nobody’s key: neither read nor in the way', async () => {
    const basic = 'Authorization: Basic Z2F0ZTpob3VzZQ==';
    expectProblem(await sendOne(gate.url, head('GET /api/keys HTTP/1.1', basic, 'Connection: close')), 'UNAUTHORIZED');
    expect(
      (await sendOne(gate.url, head('GET /api/keys HTTP/1.1', basic, keyLine(), 'Connection: close'))).status,
    ).toBe(200);
  });

  test.each<[string, string | Buffer]>([
    ['a blank inside', 'x-api-key: gate_sdk test'],
    ['a tab inside', 'x-api-key: gate\tsdk'],
    ['Latin-1 bytes', Buffer.from('x-api-key: gate\xe9', 'latin1')],
    ['nothing', 'x-api-key:'],
    ['nothing after Bearer', 'Authorization: Bearer '],
    ['quotes around it', 'x-api-key: "gate"'],
  ])('R3, G1: a key with %s is a 401', async (_what, line) => {
    const bytes = Buffer.concat([
      Buffer.from('GET /api/keys HTTP/1.1\r\nHost: x\r\nConnection: close\r\n'),
      Buffer.from(line),
      Buffer.from('\r\n\r\n'),
    ]);
    expectProblem(await sendOne(gate.url, bytes), 'UNAUTHORIZED');
  });

  test('R3: a key in the query or the body opens nothing', async () => {
    for (const query of [`x-api-key=${key}`, `api_key=${key}`, `token=${key}`, `access_token=${key}`])
      expectProblem(await gate.call(`/api/keys?${query}`), 'UNAUTHORIZED');
    expectProblem(await gate.call('/api/keys/verify', { body: { token: key } }), 'UNAUTHORIZED');
    expect(gate.logs()).not.toContain(key);
  });
});

describe('requests that are not finished', () => {
  test('R3: a refused request’s body is never taken for the next request', async () => {
    const smuggled = 'GET /api/keys HTTP/1.1\r\nHost: x\r\n\r\n';
    const first = head(
      'POST /api/keys HTTP/1.1',
      'Content-Type: application/json',
      `Content-Length: ${smuggled.length}`,
    );
    const { answers, ended } = await sendRaw(gate.url, [first, smuggled]);
    expect(answers).toHaveLength(1);
    expectProblem(answers[0]!, 'UNAUTHORIZED');
    expect(ended).toBe(true);
  });

  test('R3: a caller that goes away in the middle of its body leaves nothing behind', async () => {
    const { hostname, port } = new URL(gate.url);
    await new Promise<void>((resolve) => {
      const socket = connect({ host: hostname, port: Number(port) }, () => {
        socket.write(
          head('POST /api/keys HTTP/1.1', keyLine(), 'Content-Type: application/json', 'Content-Length: 100'),
        );
        socket.write('{"name":"half');
        setTimeout(() => socket.destroy(), 50);
      });
      socket.on('close', () => resolve());
    });
    const { json } = await gate.call('/api/keys?search=half', { key });
    expect(json.data).toEqual([]);
    expect(gate.logs()).not.toContain('"level":"error"');
  });

  test('R3: many requests on one connection are answered in their order', async () => {
    const one = head('GET /healthz HTTP/1.1');
    const { answers } = await sendRaw(gate.url, one.repeat(20));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
  });
});
