import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, test, vi } from 'vitest';
import { expectProblem } from '../../http/problem.js';
import { memoryHeld } from '../../support/garbage.js';
import type { Answer as Told } from '../../support/gatehouse.js';
import { SAMPLES } from '../samples.js';
import { type Rig, startRig } from './rig.js';

const OPENAI_KEY = String(SAMPLES['openai']!['apiKey']);

/** One call through the proxy, watched, with the key as a bearer token unless headers say otherwise. */
async function call(
  rig: Rig,
  path: string,
  options: Omit<RequestInit, 'headers'> & { headers?: Record<string, string> } = {},
) {
  const headers = { authorization: `Bearer ${rig.key}`, ...options.headers };
  const response = await fetch(`${rig.proxy}${path}`, { redirect: 'manual', ...options, headers });
  const text = await response.text();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {}
  return { status: response.status, headers: response.headers, text, json } as Told;
}

describe('V6: what a vendor repeats', () => {
  const quoted = (text: string) => JSON.stringify(text).slice(1, -1);
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  /** With every character that some encoding changes. */
  const SECRET = 'sk-proj-A/b+c=d&e"f\\g h~0123456789';
  const forms = [
    SECRET,
    quoted(SECRET),
    quoted(quoted(SECRET)),
    encodeURIComponent(SECRET),
    new URLSearchParams({ k: SECRET }).toString().slice(2),
    base64(SECRET),
    Buffer.from(SECRET).toString('base64url'),
    base64(`user:${SECRET}`),
    base64(`Bearer ${SECRET}`),
  ];

  test('V6: is masked in a body, whatever its form and wherever it is cut, and counted', async () => {
    const rig = await startRig({ type: 'openai', fields: { apiKey: SECRET } });
    rig.vendor.answer = async ({ headers }, response) => {
      expect(headers.authorization).toBe(`Bearer ${SECRET}`);
      response.writeHead(200, { 'content-type': 'text/plain' });
      const body = Buffer.from(forms.map((form) => `<${form}>`).join('\n'));
      for (let at = 0; at < body.length; at += 7) {
        response.write(body.subarray(at, at + 7));
        await new Promise((resolve) => setImmediate(resolve));
      }
      response.end();
    };
    const { text } = await call(rig, '/v1/echo');
    const lines = text.split('\n');
    expect(lines).toHaveLength(forms.length);
    for (const line of lines) expect(line).toMatch(/^<[A-Za-z0-9 ]{0,12}\*{20,}[A-Za-z0-9=]{0,4}>$/);
    await vi.waitFor(async () => {
      const { json } = await rig.gate.local('/api/audit?action=credential.echoed');
      expect(json.data[0]).toMatchObject({ target: rig.credentialId, detail: { times: forms.length } });
    }, 10_000);
    expect(rig.gate.logs()).toContain('a vendor repeated a credential');
  });

  test('V6: is masked in headers, and headers that are the vendor’s own stay there', async () => {
    const rig = await startRig({ type: 'openai', fields: { apiKey: SECRET } });
    rig.vendor.answer = (_request, response) =>
      response
        .writeHead(200, {
          'x-echo': `key=${encodeURIComponent(SECRET)}`,
          'x-plain': base64(SECRET),
          'set-cookie': 'session=1',
          'www-authenticate': 'Bearer',
          'alt-svc': 'h3=":443"',
          location: 'https://elsewhere.example/',
          'access-control-allow-origin': '*',
          'content-security-policy': 'script-src *',
          'cache-control': 'public, max-age=600',
          'x-request-id': 'req_vendor',
          'x-kept': 'yes',
          connection: 'close, x-hop',
          'x-hop': '1',
        })
        .end('ok');
    const { headers } = await call(rig, '/v1/echo');
    expect(headers.get('x-echo')).toMatch(/^key=\*+$/);
    expect(headers.get('x-plain')).toMatch(/^\*+$/);
    expect(headers.get('x-kept')).toBe('yes');
    expect(headers.get('x-upstream-request-id')).toBe('req_vendor');
    expect(headers.get('x-request-id')).toMatch(/^req_/);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    for (const name of [
      'set-cookie',
      'www-authenticate',
      'alt-svc',
      'location',
      'access-control-allow-origin',
      'x-hop',
    ])
      expect(headers.get(name), name).toBeNull();
  });

  test('V6: is masked in events that pass as they come', async () => {
    const rig = await startRig({ type: 'openai', fields: { apiKey: SECRET } });
    const next: { go?: () => void } = {};
    rig.vendor.answer = async (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const form of forms) {
        response.write(`data: ${form.slice(0, 5)}`);
        await new Promise((resolve) => setTimeout(resolve, 2));
        response.write(`${form.slice(5)}\n\n`);
        // The next event is written only when this one has arrived: an event that is held back hangs the test.
        await new Promise<void>((resolve) => Object.assign(next, { go: resolve }));
      }
      response.end();
    };
    const response = await fetch(`${rig.proxy}/v1/echo`, { headers: { authorization: `Bearer ${rig.key}` } });
    let text = '';
    let events = 0;
    for await (const chunk of response.body!) {
      text += Buffer.from(chunk).toString();
      for (; text.split('\n\n').length - 1 > events; events += 1) next.go?.();
    }
    expect(events).toBe(forms.length);
  });

  test('V6: is masked although the vendor compresses what it was asked to send plainly', async () => {
    const rig = await startRig({ type: 'openai' });
    rig.vendor.answer = ({ headers }, response) => {
      expect(headers['accept-encoding']).toBe('identity');
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(`x ${OPENAI_KEY} y`));
    };
    const { text, headers } = await call(rig, '/v1/echo', { headers: { 'accept-encoding': 'gzip, br' } });
    expect(text).toBe(`x ${'*'.repeat(OPENAI_KEY.length)} y`);
    expect(headers.get('content-encoding')).toBeNull();
  });

  test('V6: keeps its length, so that a length that was told stays true', async () => {
    const rig = await startRig({ type: 'openai' });
    const body = `{"key":"${OPENAI_KEY}"}`;
    rig.vendor.answer = (_request, response) => response.writeHead(200, { 'content-length': body.length }).end(body);
    const { headers, json } = await call(rig, '/v1/echo');
    expect(headers.get('content-length')).toBe(String(body.length));
    expect(json).toEqual({ key: '*'.repeat(OPENAI_KEY.length) });
  });
});

describe('V6: what goes to the vendor', () => {
  test('V6: neither the caller’s key nor what tells of the caller', async () => {
    const rig = await startRig({ type: 'openai' });
    rig.vendor.answer = (_request, response) => response.end('{}');
    await call(rig, '/v1/models?after=%7Ex+y&limit=2', {
      headers: {
        cookie: 'gatehouse_session=abc',
        'x-forwarded-for': '10.1.2.3',
        'x-forwarded-host': 'gate.internal',
        forwarded: 'for=10.1.2.3',
        'x-real-ip': '10.1.2.3',
        origin: 'https://app.internal',
        referer: 'https://app.internal/secret',
        'proxy-authorization': 'Basic eDp5',
        'x-gatehouse-subject': 'someone',
        'openai-beta': 'assistants=v2',
        'x-stainless-os': 'Linux',
      },
    });
    const [seen] = rig.vendor.seen;
    expect(seen?.url).toBe('/v1/models?after=%7Ex+y&limit=2');
    expect(seen?.host).toBe('api.openai.com');
    expect(seen?.headers).toMatchObject({ 'openai-beta': 'assistants=v2', 'x-stainless-os': 'Linux' });
    expect(JSON.stringify(seen)).not.toMatch(/10\.1\.2\.3|internal|gatehouse_session|eDp5|someone/);
  });

  test('V6: a body streams up as it comes, with its length when that was told', async () => {
    const rig = await startRig({ type: 'openai' });
    rig.vendor.answer = ({ headers, body }, response) =>
      response.end(
        JSON.stringify({
          length: headers['content-length'],
          chunked: headers['transfer-encoding'],
          bytes: body.length,
        }),
      );
    const told = await call(rig, '/v1/files', { method: 'POST', body: Buffer.alloc(300_000, 7) });
    expect(told.json).toEqual({ length: '300000', bytes: 300_000 });
    const stream = new ReadableStream({
      start(controller) {
        for (let part = 0; part < 3; part += 1) controller.enqueue(new Uint8Array(100_000));
        controller.close();
      },
    });
    const untold = await call(rig, '/v1/files', { method: 'POST', body: stream, duplex: 'half' } as object);
    expect(untold.json).toEqual({ chunked: 'chunked', bytes: 300_000 });
  });

  test('V6: a key that is also where it would travel on is refused', async () => {
    const rig = await startRig({ type: 'openai' });
    for (const [path, headers] of [
      ['/v1/models', { 'openai-organization': rig.key }],
      [`/v1/models?x=${rig.key}`, {}],
      [`/v1/${rig.key}`, {}],
      ['/v1/models', { 'x-note': Buffer.from(`k:${rig.key}`).toString('base64') }],
    ] as const)
      expectProblem(await call(rig, path, { headers }), 'AMBIGUOUS_CREDENTIALS');
    expect(rig.vendor.seen).toHaveLength(0);
  });

  test('V6: two slots with different keys are refused, the same key in both is one', async () => {
    const rig = await startRig({ type: 'openai' });
    expectProblem(await call(rig, '/v1/models', { headers: { 'api-key': 'another' } }), 'AMBIGUOUS_CREDENTIALS');
    expect((await call(rig, '/v1/models', { headers: { 'x-api-key': rig.key } })).status).toBe(200);
  });

  test.each(['/v1/../secret', '/v1/%2e%2e/secret', '/v1/%252e%252e/x', '/./x', '/v1/a%2f..%2fb', '/v1/a%5c..%5cb'])(
    'V6: the path %s is refused',
    async (path) => {
      const rig = await startRig({ type: 'openai' });
      // As it is: fetch would tidy it up.
      const status = await new Promise<number | undefined>((resolve) => {
        const asked = {
          port: rig.port,
          path: `/p/demo/openai${path}`,
          headers: { authorization: `Bearer ${rig.key}` },
        };
        httpRequest(asked, (response: IncomingMessage) => resolve(response.resume().statusCode)).end();
      });
      expect(status).toBe(400);
      expect(rig.vendor.seen).toHaveLength(0);
    },
  );

  test('V6: the vendor’s key goes where each type has it, and the hosts are the type’s', async () => {
    const cases: readonly [string, string, (rig: Rig) => [string, Record<string, string>]][] = [
      ['telegram', `/bot${SAMPLES['telegram']!['botToken']}/getMe`, ({ key }) => [`/bot${key}/getMe`, {}]],
      [
        'telegram',
        `/file/bot${SAMPLES['telegram']!['botToken']}/a/b.png`,
        ({ key }) => [`/file/bot${key}/a/b.png`, {}],
      ],
      ['telegram', `/bot${SAMPLES['telegram']!['botToken']}/getMe`, ({ key }) => ['/getMe', { 'x-api-key': key }]],
      [
        'trello',
        `/1/boards?f=a&key=${SAMPLES['trello']!['apiKey']}&token=${SAMPLES['trello']!['apiToken']}`,
        ({ key }) => [`/1/boards?f=a&token=${key}`, {}],
      ],
    ];
    for (const [type, url, asked] of cases) {
      const rig = await startRig({ type });
      const [path, headers] = asked(rig);
      const response = await fetch(`${rig.proxy}${path}`, { headers });
      expect(response.status, await response.text()).toBe(200);
      expect(rig.vendor.seen[0]?.url).toBe(url);
    }
  });
});

describe('V6: who may use it', () => {
  test('V6: nobody without a key, with one that lacks the scope or the credential, or from another workspace', async () => {
    const rig = await startRig({ type: 'openai' });
    const get = (path: string, key?: string) => rig.gate.call(path, key === undefined ? {} : { key });
    expectProblem(await get('/p/demo/openai/v1/models'), 'UNAUTHORIZED');
    expectProblem(await get('/p/demo/openai/v1/models', 'wrong'), 'UNAUTHORIZED');
    const unscoped = await rig.gate.createKey({ scopes: ['secrets:*'], credentialIds: ['demo/openai'] });
    expectProblem(await get('/p/demo/openai/v1/models', unscoped.token), 'FORBIDDEN');
    const unbound = await rig.gate.createKey({ scopes: ['credentials:use'] });
    expectProblem(await get('/p/demo/openai/v1/models', unbound.token), 'NOT_FOUND');
    const elsewhere = await rig.gate.createKey({ scopes: ['credentials:use'], workspaceIds: ['other'] });
    expectProblem(await get('/p/demo/openai/v1/models', elsewhere.token), 'NOT_FOUND');
    // The id is the caller's to use, and not at this address.
    expectProblem(await get(`/p/other/${rig.credentialId}/v1/models`, rig.key), 'NOT_FOUND');
    expectProblem(await get('/p/demo/nothing/v1/models', rig.key), 'NOT_FOUND');
    expectProblem(await get('/p/nowhere/openai/v1/models', rig.key), 'NOT_FOUND');
    expectProblem(await get('/p/demo', rig.key), 'NOT_FOUND');
    expectProblem(await get('/p/demo'), 'UNAUTHORIZED');
    const { token: mcp } = (
      await rig.gate.local('/api/mcp-tokens', {
        body: { name: 'm', scopes: ['credentials:use'], credentialIds: ['demo/openai'] },
      })
    ).json;
    expectProblem(await get('/p/demo/openai/v1/models', mcp), 'FORBIDDEN');
    expect(rig.vendor.seen).toHaveLength(0);
    expect((await get(`/p/demo/${rig.credentialId}/v1/models`, rig.key)).status).toBe(200);
  });

  test('V4, V6: every use is in the audit log before the vendor hears of it, and none without it', async () => {
    const rig = await startRig({ type: 'openai' });
    rig.vendor.answer = (_request, response) =>
      void rig.gate.local('/api/audit?action=credential.open').then(({ json }) => {
        response.setHeader('x-lines', json.data.length).end('{}');
      });
    expect((await call(rig, '/v1/models')).headers.get('x-lines')).toBe('1');
    const { json } = await rig.gate.local('/api/audit?action=credential.open');
    expect(json.data[0]).toMatchObject({
      actor: rig.keyId,
      target: rig.credentialId,
      detail: { purpose: 'proxy', host: 'api.openai.com' },
    });
    vi.spyOn(rig.gate.gatehouse.audit, 'record').mockRejectedValue(
      Object.assign(new Error('full'), { code: 'ENOSPC' }),
    );
    expect((await call(rig, '/v1/models')).status).toBeGreaterThanOrEqual(500);
    expect(rig.vendor.seen).toHaveLength(1);
  });

  test('V6: types that are not called over HTTP are refused', async () => {
    for (const type of ['smtp', 'custom', 'stripe_webhook']) {
      const rig = await startRig({ type });
      expectProblem(await call(rig, '/'), 'BAD_REQUEST');
    }
  });

  test('the instance’s limit does not hold for it; the key’s own does, and that of the credential for all its callers', async () => {
    const rig = await startRig({ type: 'openai', settings: { API_RATE_LIMIT: '2' } });
    for (let call_ = 0; call_ < 4; call_ += 1) expect((await call(rig, '/v1/models')).status).toBe(200);
    const path = `/api/workspaces/demo/credentials/openai`;
    await rig.gate.local(path, { method: 'PATCH', body: { rateLimit: { requests: 2, windowSeconds: 60 } } });
    const second = await rig.gate.createKey({ scopes: ['credentials:use'], credentialIds: ['demo/openai'] });
    expect((await call(rig, '/v1/models')).status).toBe(200);
    expect((await call({ ...rig, key: second.token }, '/v1/models')).status).toBe(200);
    expectProblem(await call(rig, '/v1/models'), 'RATE_LIMITED');
    await rig.gate.local(path, { method: 'PATCH', body: { rateLimit: null } });
    const own = await rig.gate.createKey({
      scopes: ['credentials:use'],
      credentialIds: ['demo/openai'],
      rateLimit: { requests: 1, windowSeconds: 60 },
    });
    const first = await call({ ...rig, key: own.token }, '/v1/models');
    expect(first.headers.get('ratelimit')).toContain('r=0');
    expectProblem(await call({ ...rig, key: own.token }, '/v1/models'), 'RATE_LIMITED');
  });

  test('a credential that is switched to read only lets reads through and nothing else', async () => {
    const rig = await startRig({ type: 'github', more: { readOnly: true } });
    const graphql = (query: string) => call(rig, '/graphql', { method: 'POST', body: JSON.stringify({ query }) });
    expect((await call(rig, '/user')).status).toBe(200);
    expect((await graphql('{ viewer { login } }')).status).toBe(200);
    expectProblem(await graphql('mutation { addStar { x } }'), 'FORBIDDEN');
    expectProblem(await call(rig, '/user/repos', { method: 'POST', body: '{}' }), 'FORBIDDEN');
    expectProblem(await call(rig, '/user', { headers: { 'x-http-method-override': 'DELETE' } }), 'FORBIDDEN');
    const twice = '{"query":"mutation { x }","query":"{ viewer { login } }"}';
    expect((await call(rig, '/graphql', { method: 'POST', body: twice })).status).toBe(200);
    expect(rig.vendor.seen.map(({ body }) => body).join()).not.toContain('mutation');
    expect(rig.vendor.seen).toHaveLength(3);
    await rig.gate.local('/api/workspaces/demo/credentials/github', { method: 'PATCH', body: { readOnly: false } });
    expect((await call(rig, '/user/repos', { method: 'POST', body: '{}' })).status).toBe(200);
  });

  test('K5, V6: an open stream ends within five seconds of its key', async () => {
    const rig = await startRig({ type: 'openai' });
    let closed = false;
    rig.vendor.answer = (_request, response: ServerResponse) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const timer = setInterval(() => response.write(': still here\n\n'), 100);
      response.on('close', () => {
        clearInterval(timer);
        closed = true;
      });
    };
    const response = await fetch(`${rig.proxy}/v1/events`, { headers: { authorization: `Bearer ${rig.key}` } });
    const reader = response.body!.getReader();
    await reader.read();
    await rig.gate.local(`/api/keys/${rig.keyId}/revoke`, { method: 'POST' });
    const revokedMs = performance.now();
    await expect(
      (async () => {
        while (!(await reader.read()).done);
        throw new Error('ended');
      })(),
    ).rejects.toThrow();
    expect(performance.now() - revokedMs).toBeLessThan(5000);
    await vi.waitFor(() => expect(closed).toBe(true), 10_000);
  });

  test('V6: a call ends with its caller', async () => {
    const rig = await startRig({ type: 'openai' });
    let closed = false;
    rig.vendor.answer = (_request, response) =>
      response.on('close', () => {
        closed = true;
      });
    const aborter = new AbortController();
    const asked = fetch(`${rig.proxy}/v1/models`, {
      headers: { authorization: `Bearer ${rig.key}` },
      signal: aborter.signal,
    });
    await vi.waitFor(() => expect(rig.vendor.seen).toHaveLength(1), 10_000);
    aborter.abort();
    await expect(asked).rejects.toThrow();
    await vi.waitFor(() => expect(closed).toBe(true), 10_000);
    expect(rig.gate.logs()).not.toContain('request failed');
  });
});

describe('V6: where it may lead', () => {
  test.each([301, 302, 307, 308])('V6: a %i to the metadata service is told and not followed', async (status) => {
    const rig = await startRig({ type: 'openai' });
    rig.vendor.answer = (_request, response) =>
      response.writeHead(status, { location: `http://169.254.169.254/?k=${OPENAI_KEY}` }).end();
    const answer = await call(rig, '/v1/models');
    expectProblem(answer, 'UPSTREAM_BAD_ANSWER');
    expect(answer.json.detail).toContain('redirect');
    expect(answer.headers.get('location')).toBeNull();
    expect(rig.vendor.seen).toHaveLength(1);
  });

  test('V6: a vendor whose name leads inside is refused, and the refusal is in the audit log', async () => {
    const lookup = async () => [{ address: '169.254.169.254', family: 4 }];
    const rig = await startRig({ type: 'openai', egress: { lookup } });
    expectProblem(await call(rig, '/v1/models'), 'EGRESS_REFUSED');
    await rig.gate.gatehouse.audit.record({ action: 'test.flush', actor: 'test' });
    const { json } = await rig.gate.local('/api/audit?limit=20');
    expect(JSON.stringify(json.data)).toContain('EGRESS_REFUSED');
  });

  test('V6: an HTTP request credential reaches its own host only', async () => {
    const rig = await startRig({ type: 'http_request' });
    expect((await call(rig, '/v2/x')).status).toBe(200);
    expect((await call(rig, '//evil.example/x')).status).toBe(200);
    expect((await call(rig, '/@evil.example/x')).status).toBe(200);
    expect((await call(rig, '/:80@evil.example/')).status).toBe(200);
    expect(new Set(rig.vendor.seen.map(({ host }) => host))).toEqual(new Set(['api.example.com']));
  });

  test('V6: a vendor that is away, slow or no vendor is told as such, without a word of the key', async () => {
    const rig = await startRig({ type: 'openai' });
    rig.vendor.answer = (_request, response) => response.destroy();
    expectProblem(await call(rig, '/v1/models', { method: 'POST', body: 'x'.repeat(100_000) }), 'UPSTREAM_UNREACHABLE');
    rig.vendor.answer = (_request, response) => response.socket?.end('nonsense\r\n\r\n');
    expectProblem(await call(rig, '/v1/models'), 'UPSTREAM_BAD_ANSWER');
  });

  test('V6: an answer of 50 MB passes through without being kept', async () => {
    const rig = await startRig({ type: 'openai' });
    rig.vendor.answer = async (_request, response) => {
      const chunk = Buffer.alloc(1_000_000, 'abcdefgh');
      for (let sent = 0; sent < 50; sent += 1) if (!response.write(chunk)) await once(response, 'drain');
      response.end();
    };
    // Not through the watched port, which keeps everything.
    const before = memoryHeld().arrayBuffers;
    const response = await fetch(`${rig.gate.url}/p/demo/openai/v1/files/1/content`, {
      headers: { authorization: `Bearer ${rig.key}` },
    });
    let bytes = 0;
    let most = 0;
    let looks = 0;
    for await (const chunk of response.body!) {
      bytes += chunk.length;
      if (bytes < looks * 2_000_000) continue;
      looks += 1;
      most = Math.max(most, memoryHeld().arrayBuffers - before);
    }
    expect(bytes).toBe(50_000_000);
    expect(most).toBeLessThan(15_000_000);
  });
});

describe('V6: by host name', () => {
  const ask = (rig: Rig, host: string, path = '/v1/models', headers: Record<string, string> = {}) =>
    new Promise<{ status: number; body: string }>((resolve, reject) => {
      const options = { port: rig.port, path, headers: { host, authorization: `Bearer ${rig.key}`, ...headers } };
      httpRequest(options, (response) => {
        let body = '';
        response.on('data', (chunk) => {
          body += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      })
        .on('error', reject)
        .end();
    });

  test('V6: the host names the credential, and such a host answers nothing but the proxy', async () => {
    const rig = await startRig({ type: 'openai', settings: { PROXY_DOMAIN: 'proxy.test' } });
    rig.vendor.answer = ({ url }, response) => response.end(`vendor ${url}`);
    const host = 'openai--demo.proxy.test';
    for (const path of [
      '/v1/models',
      '/healthz',
      '/api/keys',
      '/api/auth/whoami',
      '/',
      '/p/demo/openai/x',
      '/.well-known/jwks.json',
    ])
      expect(await ask(rig, host, path)).toEqual({ status: 200, body: `vendor ${path}` });
    expect((await ask(rig, `${host}:3000`)).status).toBe(200);
    for (const other of [
      'x.proxy.test',
      'openai--other.proxy.test',
      'nothing--demo.proxy.test',
      'a.b--c.proxy.test',
      '--.proxy.test',
    ])
      for (const path of ['/healthz', '/api/keys', '/v1/models'])
        expect((await ask(rig, other, path)).status, `${other}${path}`).toBe(404);
    expect((await ask(rig, 'x.proxy.test', '/healthz', { authorization: '' })).status).toBe(401);
    // The domain itself, and every other host, is Gatehouse as ever.
    expect((await ask(rig, 'proxy.test', '/healthz')).status).toBe(200);
    expect((await ask(rig, 'evilproxy.test', '/healthz')).status).toBe(200);
  });

  test('V6: without PROXY_DOMAIN a host names nothing', async () => {
    const rig = await startRig({ type: 'openai' });
    expect((await ask(rig, 'openai--demo.proxy.test', '/v1/models')).status).toBe(404);
    expect(rig.vendor.seen).toHaveLength(0);
  });
});

test('R3, V6: what is no HTTP never reaches a vendor', async () => {
  const rig = await startRig({ type: 'openai' });
  const raw = (text: string) =>
    new Promise<string>((resolve) => {
      let got = '';
      const socket = connect(rig.port, '127.0.0.1', () => socket.write(text));
      socket.on('data', (chunk) => {
        got += chunk;
      });
      socket.on('close', () => resolve(got));
      socket.setTimeout(1500, () => socket.destroy());
    });
  const head = `Host: x\r\nAuthorization: Bearer ${rig.key}\r\nConnection: close\r\n`;
  for (const request of [
    `GET /p/demo/openai/v1 HTTP/1.1\r\n${head}X-A: a\rb\r\n\r\n`,
    `GET /p/demo/openai/v1 HTTP/1.1\r\n${head}Authorization: Bearer other\r\n\r\n`,
    `POST /p/demo/openai/v1 HTTP/1.1\r\n${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    `TRACE /p/demo/openai/v1 HTTP/1.1\r\n${head}\r\n`,
    `GET http://evil.example/p/demo/openai/v1 HTTP/1.1\r\n${head}\r\n`,
  ])
    expect(await raw(request)).toMatch(/^HTTP\/1\.1 4\d\d /);
  expect(rig.vendor.seen).toHaveLength(0);
});
