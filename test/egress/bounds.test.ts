import { once } from 'node:events';
import { type AddressInfo, createServer as createTcp } from 'node:net';
import { createServer as createTls } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { readText } from '../../src/egress/egress.js';
import { isGatehouseError } from '../../src/kernel/errors.js';
import { makeCertificates } from '../support/certificates.js';
import { CERTIFICATES, standIn, testEgress } from './stand-in.js';

const GET = { workspaceId: 'w', method: 'GET' } as const;

async function fails(work: Promise<unknown>): Promise<{ code: string; detail: string }> {
  const error = await work.then(
    () => {
      throw new Error('it succeeded');
    },
    (thrown) => thrown,
  );
  if (!isGatehouseError(error)) throw error;
  return error;
}

describe('V6: what comes back is bounded', () => {
  test('V6: a plain call arrives as it was sent and its answer comes back', async () => {
    const { port } = await standIn((request, response) => {
      response.setHeader('X-Twice', ['a', 'b']);
      request.pipe(response);
    });
    const answer = await testEgress().request({
      ...GET,
      method: 'POST',
      url: `https://vendor.test:${port}/echo?a=1`,
      body: 'hello',
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.filter(([name]) => name === 'X-Twice').map(([, value]) => value)).toEqual(['a', 'b']);
    expect(await readText(answer)).toBe('hello');
  });

  test('V6: an answer of 50 MB is cut at the bound', async () => {
    let sent = 0;
    let ended = false;
    const chunk = Buffer.alloc(1_000_000);
    const { port } = await standIn(async (request, response) => {
      request.socket.on('error', () => {});
      const closed = once(response, 'close');
      for (; sent < 50_000_000 && !response.destroyed; sent += chunk.length)
        if (!response.write(chunk)) await Promise.race([new Promise((go) => response.once('drain', go)), closed]);
      response.end();
      ended = true;
    });
    const answer = await testEgress().request({ ...GET, url: `https://vendor.test:${port}/` });
    expect(await fails(readText(answer))).toMatchObject({ code: 'UPSTREAM_BAD_ANSWER' });
    await vi.waitFor(() => expect(ended).toBe(true), 10_000);
    expect(sent).toBeLessThan(50_000_000);
  });

  test('V6: an answer that is small on the wire and huge when it is decompressed is cut', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    const { port } = await standIn((_request, response) => response.setHeader('content-encoding', 'gzip').end(bomb));
    const answer = await testEgress().request({ ...GET, url: `https://vendor.test:${port}/` });
    expect(bomb.length).toBeLessThan(100_000);
    expect(await fails(readText(answer))).toMatchObject({ code: 'UPSTREAM_BAD_ANSWER' });
  });

  test('V6: a compressed answer is given decompressed, without the encoding it came in', async () => {
    const body = gzipSync('plain words');
    const { port } = await standIn((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': body.length }).end(body),
    );
    const answer = await testEgress().request({ ...GET, url: `https://vendor.test:${port}/` });
    expect(answer.headers.map(([name]) => name.toLowerCase())).not.toContain('content-encoding');
    expect(answer.headers.map(([name]) => name.toLowerCase())).not.toContain('content-length');
    expect(await readText(answer)).toBe('plain words');
  });

  test.each(['zstd', 'gzip, gzip', 'x-unheard-of'])('V6: a body in the encoding %s is refused', async (encoding) => {
    const { port } = await standIn((_request, response) => response.setHeader('content-encoding', encoding).end('x'));
    const work = testEgress().request({ ...GET, url: `https://vendor.test:${port}/` });
    expect((await fails(work)).code).toBe('UPSTREAM_BAD_ANSWER');
  });

  test('V6: a body that claims to be compressed and is not ends with one of our errors', async () => {
    const { port } = await standIn((_request, response) => response.setHeader('content-encoding', 'gzip').end('not'));
    const answer = await testEgress().request({ ...GET, url: `https://vendor.test:${port}/` });
    expect((await fails(readText(answer))).code).toBe('UPSTREAM_BAD_ANSWER');
  });

  test('V6: a slow drip ends at the total bound although no pause is long', async () => {
    const { port } = await standIn((_request, response) => {
      const timer = setInterval(() => response.write('.'), 20);
      response.on('close', () => clearInterval(timer));
    });
    const limits = { totalMs: 1000, idleMs: 5000 };
    const startedMs = performance.now();
    const work = testEgress()
      .request({ ...GET, url: `https://vendor.test:${port}/`, limits })
      .then(readText);
    expect((await fails(work)).code).toBe('UPSTREAM_TIMEOUT');
    expect(performance.now() - startedMs).toBeLessThan(4000);
  });

  test('V6: a vendor that takes the request and says nothing is given up', async () => {
    const { port } = await standIn(() => {});
    const limits = { headersMs: 200 };
    const work = testEgress().request({ ...GET, url: `https://vendor.test:${port}/`, limits });
    expect((await fails(work)).code).toBe('UPSTREAM_TIMEOUT');
  });

  test('V6: an answer that stops half way is an error and not a short answer', async () => {
    const { port } = await standIn((_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half');
      setTimeout(() => response.destroy(), 20);
    });
    const answer = await testEgress().request({ ...GET, url: `https://vendor.test:${port}/` });
    expect((await fails(readText(answer))).code).toBe('UPSTREAM_UNREACHABLE');
  });

  test.each([301, 302, 303, 307, 308, 300])(
    'V6: a %i to the metadata service is refused and not followed',
    async (status) => {
      let calls = 0;
      const { port } = await standIn((_request, response) => {
        calls += 1;
        response.writeHead(status, { location: 'http://169.254.169.254/latest/?token=s3cret' }).end();
      });
      const work = testEgress().request({ ...GET, url: `https://vendor.test:${port}/` });
      const { code, detail } = await fails(work);
      expect(code).toBe('UPSTREAM_BAD_ANSWER');
      expect(detail).toContain('redirect');
      expect(detail).not.toContain('s3cret');
      expect(calls).toBe(1);
    },
  );

  test('V6: 304 is an answer', async () => {
    const { port } = await standIn((_request, response) => response.writeHead(304).end());
    expect((await testEgress().request({ ...GET, url: `https://vendor.test:${port}/` })).status).toBe(304);
  });

  test('V6: whoever called may stop it, and the other side sees the connection end', async () => {
    const closed = vi.fn();
    const { port } = await standIn((_request, response) => {
      response.on('close', closed);
      response.write('first');
    });
    const aborter = new AbortController();
    const request = { ...GET, url: `https://vendor.test:${port}/`, signal: aborter.signal };
    const answer = await testEgress().request(request);
    await once(answer.body, 'data');
    const ended = once(answer.body, 'error');
    aborter.abort(new Error('enough'));
    await ended;
    await vi.waitFor(() => expect(closed).toHaveBeenCalled(), 10_000);
  });
});

describe('V6: who answers is who was called', () => {
  test('V6: a certificate that nobody vouches for is refused, also when the environment says to accept all', async () => {
    const { port } = await standIn((_request, response) => response.end('x'));
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    onTestFinished(() => void vi.unstubAllEnvs());
    const work = testEgress({ ca: [] }).request({ ...GET, url: `https://vendor.test:${port}/` });
    expect(await fails(work)).toMatchObject({
      code: 'UPSTREAM_UNREACHABLE',
      detail: expect.stringContaining('vouches'),
    });
  });

  test('V6: a certificate for another name is refused', async () => {
    const { port } = await standIn((_request, response) => response.end('x'));
    const work = testEgress().request({ ...GET, url: `https://other.example:${port}/` });
    expect(await fails(work)).toMatchObject({ detail: expect.stringContaining('another name') });
  });

  test('V6: proxies of the environment are not used', async () => {
    let asked = 0;
    const proxy = await standIn(
      (_request, response) => {
        asked += 1;
        response.end();
      },
      { tls: false },
    );
    proxy.server.on('connect', () => {
      asked += 1;
    });
    const { port } = await standIn((_request, response) => response.end('straight'));
    for (const name of ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY'])
      vi.stubEnv(name, `http://127.0.0.1:${proxy.port}`);
    vi.stubEnv('NODE_USE_ENV_PROXY', '1');
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(await readText(await testEgress().request({ ...GET, url: `https://vendor.test:${port}/` }))).toBe(
      'straight',
    );
    expect(asked).toBe(0);
  });

  test('V6: plain HTTP and IPv6 are called where the list says so', async () => {
    const plain = await standIn((_request, response) => response.end('plain'), { tls: false });
    const six = await standIn((_request, response) => response.end('six'), { host: '::1' });
    const egress = testEgress({ lan: [`http://ollama.lan:${plain.port}`, '[::1]'] });
    expect(await readText(await egress.request({ ...GET, url: `http://ollama.lan:${plain.port}/` }))).toBe('plain');
    expect(await readText(await egress.request({ ...GET, url: `https://[::1]:${six.port}/` }))).toBe('six');
    expect((await fails(egress.request({ ...GET, url: `http://[::1]:${six.port}/` }))).code).toBe('EGRESS_REFUSED');
  });

  test('unreachable, unresolved and silent hosts are told apart, by host only', async () => {
    const gone = await standIn(() => {});
    await new Promise((resolve) => gone.server.close(resolve));
    const url = `https://vendor.test:${gone.port}/path-s3cret?query=s3cret`;
    const refusedDetail = await fails(testEgress().request({ ...GET, url }));
    expect(refusedDetail).toMatchObject({
      code: 'UPSTREAM_UNREACHABLE',
      detail: 'vendor.test refuses the connection.',
    });
    const lookup = () => Promise.reject(Object.assign(new Error('queryA ENOTFOUND s3cret'), { code: 'ENOTFOUND' }));
    const unknown = await fails(testEgress({ lookup }).request({ ...GET, url }));
    expect(unknown).toMatchObject({
      code: 'UPSTREAM_UNREACHABLE',
      detail: expect.stringContaining('does not resolve'),
    });
    // Takes connections and never answers the TLS greeting.
    const silent = createTcp(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void silent.close());
    const { port } = silent.address() as AddressInfo;
    const work = testEgress().connectSocket({ workspaceId: 'w', host: 'mail.test', port, tls: true, timeoutMs: 200 });
    expect(await fails(work)).toMatchObject({ code: 'UPSTREAM_TIMEOUT' });
  });

  test('what is no HTTP is an error of ours', async () => {
    const server = createTls({ key: CERTIFICATES.key, cert: CERTIFICATES.cert }, (socket) =>
      socket.once('data', () => socket.end('SSH-2.0-x\r\n\r\n')),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const work = testEgress().request({ ...GET, url: `https://vendor.test:${port}/` });
    expect((await fails(work)).code).toBe('UPSTREAM_BAD_ANSWER');
  });
});

describe('V6: sockets for mail', () => {
  const mail = { workspaceId: 'w', host: 'mail.vendor.test', tls: true } as const;

  test('V6: a checked connection over TLS or plain, and a self-signed certificate only where it is asked for', async () => {
    const other = makeCertificates(['mail.vendor.test']);
    const server = createTls({ key: other.key, cert: other.cert }, (socket) => socket.end('220 hello\r\n'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    expect((await fails(testEgress().connectSocket({ ...mail, port }))).code).toBe('UPSTREAM_UNREACHABLE');
    for (const egress of [testEgress({ ca: [other.ca] }), testEgress()]) {
      const socket = await egress.connectSocket({ ...mail, port, anyCertificate: true });
      expect(String(await once(socket, 'data'))).toBe('220 hello\r\n');
      socket.destroy();
    }
    const plain = createTcp((socket) => socket.end('220 plain\r\n'));
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void plain.close());
    const at = { ...mail, port: (plain.address() as AddressInfo).port, tls: false };
    const socket = await testEgress().connectSocket(at);
    expect(String(await once(socket, 'data'))).toBe('220 plain\r\n');
    socket.destroy();
  });

  test.each(['127.0.0.1', '0x7f.1', '2130706433', '169.254.169.254', '::1', '[::1]', 'a b', 'a\r\nb', ''])(
    'V6: %j is refused without a list',
    async (host) => {
      const work = testEgress({ lan: [] }).connectSocket({ ...mail, host, port: 465 });
      expect((await fails(work)).code).toBe('EGRESS_REFUSED');
    },
  );

  test('V6: port 25 of a public host is refused', async () => {
    const egress = testEgress({ lookup: async () => [{ address: '8.8.8.8', family: 4 }] });
    expect((await fails(egress.connectSocket({ ...mail, port: 25, tls: false }))).code).toBe('EGRESS_REFUSED');
  });
});
