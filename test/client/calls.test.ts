import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { createClient, GatehouseError } from '../../src/client/index.js';
import { type Answer, json, PRINCIPAL, problem, startStub } from './stub.js';

const KEY = 'gate_sdk_test_0123456789';
const whoami = { principal: PRINCIPAL };
const thrown = (work: Promise<unknown>): Promise<GatehouseError> =>
  work.then(
    () => expect.unreachable('it was answered'),
    (error) => {
      expect(error).toBeInstanceOf(GatehouseError);
      return error;
    },
  );

describe('errors', () => {
  test('D4: a refusal carries code, status, detail, request id and how long to wait', async () => {
    await using stub = await startStub((_, response) =>
      problem(response, 429, 'RATE_LIMITED', { 'retry-after': '120' }),
    );
    const error = await thrown(createClient(stub.url, KEY).whoami());
    expect(error).toMatchObject({
      name: 'GatehouseError',
      code: 'RATE_LIMITED',
      status: 429,
      detail: 'RATE_LIMITED it is.',
      requestId: 'req_stub',
      retryAfterSeconds: 120,
    });
    expect(error.message).toBe('RATE_LIMITED: RATE_LIMITED it is. (req_stub)');
  });

  test('nobody listens: NETWORK, with the address and the reason', async () => {
    const closed = createServer();
    const port = await new Promise<number>((resolve) =>
      closed.listen(0, '127.0.0.1', () => {
        const { port } = closed.address() as { port: number };
        closed.close(() => resolve(port));
      }),
    );
    const error = await thrown(createClient(`http://127.0.0.1:${port}`, KEY, { retries: 0 }).whoami());
    expect(error).toMatchObject({ code: 'NETWORK', status: null, requestId: null });
    expect(error.detail).toBe(`No answer from http://127.0.0.1:${port} (ECONNREFUSED).`);
    expect(error.cause).toBeInstanceOf(TypeError);
  });

  test.each([
    ['a page of HTML that says 200', 200, 'text/html', '<html>', '<html>'],
    ['JSON that is none', 200, 'application/json', '{"principal":', '{"principal":'],
    ["a proxy's own 502", 502, 'text/html', 'Bad Gateway', 'Bad Gateway'],
    ["an endpoint's own refusal", 422, 'application/json', '{"why":"no"}', { why: 'no' }],
    ['null', 400, 'application/json', 'null', null],
  ])('%s is BAD_ANSWER, and its body is there', async (_, status, type, text, body) => {
    await using stub = await startStub((_request, response) => {
      response.writeHead(status, { 'content-type': type });
      response.end(text);
    });
    const error = await thrown(createClient(stub.url, KEY, { retries: 0 }).whoami());
    expect(error).toMatchObject({ code: 'BAD_ANSWER', status });
    expect(error.body).toEqual(body);
  });

  test('D4: a redirect is not followed, so the key never reaches another origin', async () => {
    await using elsewhere = await startStub((_, response) => json(response, 200, whoami));
    await using stub = await startStub((_, response) => {
      response.writeHead(307, { location: `${elsewhere.url}/api/auth/whoami` });
      response.end();
    });
    const error = await thrown(createClient(stub.url, KEY).whoami());
    expect(error).toMatchObject({ code: 'BAD_ANSWER', status: 307 });
    expect(error.detail).toContain(`a redirect to ${elsewhere.url}/api/auth/whoami`);
    expect(elsewhere.seen).toEqual([]);
    expect(stub.seen).toHaveLength(1);
  });
});

describe('ending a call', () => {
  test.each<[string, Answer]>([
    ['no answer', () => {}],
    [
      'half an answer',
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.write('{"principal":');
      },
    ],
  ])('%s within timeoutMs is TIMEOUT, and a GET is not sent again for it', async (_, answer) => {
    await using stub = await startStub(answer);
    const error = await thrown(createClient(stub.url, KEY).whoami({ timeoutMs: 80 }));
    expect(error).toMatchObject({ code: 'TIMEOUT', detail: 'No whole answer within 80 ms.' });
    expect(stub.seen).toHaveLength(1);
  });

  test('Infinity is no time-out', async () => {
    await using stub = await startStub((_, response) => setTimeout(() => json(response, 200, whoami), 50));
    expect(await createClient(stub.url, KEY, { timeoutMs: Number.POSITIVE_INFINITY }).whoami()).toEqual(PRINCIPAL);
  });

  const reason = new Error('the page was left');

  test('its signal ends it before it is sent', async () => {
    await using stub = await startStub(() => {});
    const error = await thrown(createClient(stub.url, KEY).whoami({ signal: AbortSignal.abort(reason) }));
    expect(error).toMatchObject({ code: 'ABORTED', cause: reason });
    expect(stub.seen).toEqual([]);
  });

  test.each<[string, (stop: () => void) => Answer]>([
    ['under way', (stop) => stop],
    [
      'while it waits to be sent again',
      (stop) => (_, response) => {
        problem(response, 503, 'UNAVAILABLE', { 'retry-after': '9' });
        setTimeout(stop, 50);
      },
    ],
  ])('its signal ends it %s: ABORTED, with the reason', async (_, answerThat) => {
    const stop = new AbortController();
    await using stub = await startStub(answerThat(() => stop.abort(reason)));
    const startedAtMs = performance.now();
    const error = await thrown(createClient(stub.url, KEY).whoami({ signal: stop.signal }));
    expect(error).toMatchObject({ code: 'ABORTED', cause: reason });
    expect(performance.now() - startedAtMs).toBeLessThan(5000);
    expect(stub.seen).toHaveLength(1);
  });
});

describe('retries', () => {
  test.each([429, 502, 503, 504])('D4: a GET that meets %i is sent again', async (status) => {
    await using stub = await startStub((_, response, nth) =>
      nth < 3 ? problem(response, status, 'UNAVAILABLE', { 'retry-after': '0' }) : json(response, 200, whoami),
    );
    expect(await createClient(stub.url, KEY).whoami()).toEqual(PRINCIPAL);
    expect(stub.seen).toHaveLength(3);
  });

  test('a GET whose connection breaks is sent again', async () => {
    await using stub = await startStub((_, response, nth) =>
      nth === 1 ? response.destroy() : json(response, 200, whoami),
    );
    expect(await createClient(stub.url, KEY).whoami()).toEqual(PRINCIPAL);
  });

  test('Retry-After is waited for', async () => {
    const atMs: number[] = [];
    await using stub = await startStub((_, response, nth) => {
      atMs.push(performance.now());
      return nth === 1 ? problem(response, 503, 'UNAVAILABLE', { 'retry-after': '1' }) : json(response, 200, whoami);
    });
    await createClient(stub.url, KEY).whoami();
    expect((atMs[1] ?? 0) - (atMs[0] ?? 0)).toBeGreaterThanOrEqual(990);
  });

  test('they are bounded, and the last refusal is thrown', async () => {
    await using stub = await startStub((_, response) => problem(response, 503, 'UNAVAILABLE'));
    expect(await thrown(createClient(stub.url, KEY).whoami())).toMatchObject({ code: 'UNAVAILABLE', status: 503 });
    expect(stub.seen).toHaveLength(3);
    expect(await thrown(createClient(stub.url, KEY, { retries: 0 }).whoami())).toMatchObject({ status: 503 });
    expect(stub.seen).toHaveLength(4);
  });

  test.each([
    [400, 'BAD_REQUEST'],
    [401, 'UNAUTHORIZED'],
    [403, 'FORBIDDEN'],
    [404, 'NOT_FOUND'],
    [500, 'INTERNAL'],
  ])('a GET that meets %i is not', async (status, code) => {
    await using stub = await startStub((_, response) => problem(response, status, code));
    expect(await thrown(createClient(stub.url, KEY).whoami())).toMatchObject({ code });
    expect(stub.seen).toHaveLength(1);
  });

  test('a wait that is longer than ten seconds is left to the caller', async () => {
    await using stub = await startStub((_, response) =>
      problem(response, 429, 'RATE_LIMITED', { 'retry-after': '3600' }),
    );
    expect(await thrown(createClient(stub.url, KEY).whoami())).toMatchObject({ retryAfterSeconds: 3600 });
    expect(stub.seen).toHaveLength(1);
  });

  test('nothing but a GET is ever sent again', async () => {
    await using stub = await startStub((_, response, nth) =>
      nth % 2 === 1 ? problem(response, 503, 'UNAVAILABLE', { 'retry-after': '0' }) : response.destroy(),
    );
    const client = createClient(stub.url, KEY);
    for (const [n, call] of [
      () => client.keys.create({ name: 'one' }),
      () => client.keys.revoke('key_1'),
      () => client.keys.update('key_1', { note: '' }),
      () => client.ask({ workspaceId: 'example', question: 'Why?' }),
      () => client.endpoints.call('example', 'orders', { method: 'DELETE' }),
    ].entries()) {
      await thrown(call());
      expect(stub.seen).toHaveLength(n + 1);
    }
  });
});

describe('what is sent', () => {
  test('D4: the key in x-api-key and nowhere else; what surrounds it in a file is left out', async () => {
    await using stub = await startStub((_, response) => json(response, 200, whoami));
    await createClient(stub.url, `${KEY}\n`).whoami();
    const { url, headers } = stub.seen[0] ?? expect.unreachable();
    expect(url).toBe('/api/auth/whoami');
    expect(headers['x-api-key']).toBe(KEY);
    expect(headers.authorization).toBeUndefined();
    expect(headers.cookie).toBeUndefined();
  });

  test.each([
    ['', '/api/auth/whoami'],
    ['/', '/api/auth/whoami'],
    ['/gatehouse', '/gatehouse/api/auth/whoami'],
    ['/gatehouse/', '/gatehouse/api/auth/whoami'],
    ['/a/b//', '/a/b/api/auth/whoami'],
  ])('D4: an instance at the base path %j is called at %s', async (base, path) => {
    await using stub = await startStub((_, response) => json(response, 200, whoami));
    await createClient(stub.url + base, KEY).whoami();
    expect(stub.seen[0]?.url).toBe(path);
  });

  test('queries leave out what is not set, bodies are JSON, and the organization of a call is named', async () => {
    await using stub = await startStub((_, response) => json(response, 200, { data: [], nextCursor: null }));
    const client = createClient(stub.url, KEY);
    await client.keys.list({ search: 'a&b=c', cursor: undefined, limit: 5 }, { organizationId: 'org_two' });
    await client.request('patch', '/api/keys/key_1', { body: { note: 'ü', name: undefined } });
    expect(stub.seen.map(({ method, url, body }) => [method, url, body])).toEqual([
      ['GET', '/api/keys?organizationId=org_two&search=a%26b%3Dc&limit=5', ''],
      ['PATCH', '/api/keys/key_1', '{"note":"ü"}'],
    ]);
    expect(stub.seen[0]?.headers['content-type']).toBeUndefined();
    expect(stub.seen[1]?.headers['content-type']).toBe('application/json');
  });

  test('D4: endpoints are called under /run, and answer JSON, text or nothing', async () => {
    const answers: [number, string, string][] = [
      [200, 'application/json; charset=utf-8', '[1]'],
      [201, 'text/plain', 'made'],
      [204, '', ''],
    ];
    await using stub = await startStub((_, response, nth) => {
      const [status, type, text] = answers[nth - 1] ?? expect.unreachable();
      response.writeHead(status, type === '' ? {} : { 'content-type': type });
      response.end(text);
    });
    const { endpoints } = createClient(stub.url, KEY);
    expect(await endpoints.call('my-shop', '/orders/42', { query: { full: true } })).toEqual([1]);
    expect(await endpoints.call('my-shop', 'orders', { body: { item: 1 } })).toBe('made');
    expect(await endpoints.call('my-shop', 'orders/42', { method: 'delete' })).toBeNull();
    expect(stub.seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET /run/my-shop/orders/42?full=true',
      'POST /run/my-shop/orders',
      'DELETE /run/my-shop/orders/42',
    ]);
  });

  test('D4: text of users cannot turn a call into one of another route', async () => {
    await using stub = await startStub((_, response) => json(response, 200, { key: {} }));
    const client = createClient(`${stub.url}/base`, KEY);
    const bare = createClient(stub.url, KEY);
    const attempts = [
      ...['../../api/keys', 'a/../../../api/keys', '..%2f..%2fapi'.replaceAll('%2f', '/'), '%2e%2e/%2E./api/keys'],
      ...['..\\..\\api\\keys', '.\t./x', 'a?b=c', 'a#b', './a', '/../a'],
    ].map((path) => () => client.endpoints.call('shop', path));
    attempts.push(
      ...['..', '.', ''].map((workspace) => () => client.endpoints.call(workspace, 'x')),
      ...['..', '.', ''].map((id) => () => client.keys.get(id)),
      () => client.request('GET', 'api/keys'),
      () => client.request('GET', '@evil.example/'),
      () => client.request('GET', '/api/keys', { body: {} }),
      () => bare.request('GET', '.evil.example/'),
      () => bare.request('GET', '@evil.example/'),
    );
    for (const attempt of attempts) expect(await thrown(attempt())).toMatchObject({ code: 'BAD_OPTIONS' });
    expect(stub.seen).toEqual([]);
    await client.keys.get('../revoke?x#y');
    expect(stub.seen[0]?.url).toBe('/base/api/keys/..%2Frevoke%3Fx%23y');
  });

  test('lists are walked page by page, and only as far as somebody looks', async () => {
    await using stub = await startStub((_, response, nth) =>
      json(response, 200, { data: [{ id: `key_${nth}` }], nextCursor: nth < 3 ? `c${nth}` : null }),
    );
    const { keys } = createClient(stub.url, KEY);
    const ids: string[] = [];
    for await (const { id } of keys.listAll({ status: 'active', limit: 1 })) ids.push(id);
    expect(ids).toEqual(['key_1', 'key_2', 'key_3']);
    expect(stub.seen.map(({ url }) => url)).toEqual([
      '/api/keys?status=active&limit=1',
      '/api/keys?status=active&limit=1&cursor=c1',
      '/api/keys?status=active&limit=1&cursor=c2',
    ]);
    for await (const _key of keys.listAll()) break;
    expect(stub.seen).toHaveLength(4);
  });
});
