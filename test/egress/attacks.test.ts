import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Lookup } from '../../src/egress/egress.js';
import { readText } from '../../src/egress/egress.js';
import { isGatehouseError } from '../../src/kernel/errors.js';
import { standIn, testEgress } from './stand-in.js';

const QUIET = { workspaceId: 'w', method: 'GET' } as const;

async function fails(work: Promise<unknown>): Promise<{ code: string; detail: string }> {
  const error = await work.then(
    () => {
      throw new Error('it was let through');
    },
    (thrown) => thrown,
  );
  if (!isGatehouseError(error)) throw error;
  return error;
}

describe('V6: addresses that lead inside', () => {
  const literals = [
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0x7f.1/',
    'https://017700000001/',
    'https://0177.0.0.1/',
    'https://127.1/',
    'https://①②⑦.⓪.⓪.①/',
    'https://0/',
    'https://0.0.0.0/',
    'https://[::1]/',
    'https://[::]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:7f00:1]/',
    'https://[::127.0.0.1]/',
    'https://[64:ff9b::127.0.0.1]/',
    'https://[64:ff9b::10.0.0.1]/',
    'https://[2002:7f00:1::]/',
    'https://10.0.0.1/',
    'https://192.168.0.1/',
    'https://100.64.0.1/',
    'https://[fd00::1]/',
    'https://[fe80::1]/',
    'https://169.254.169.254/latest/meta-data/',
    'https://[::ffff:169.254.169.254]/',
    'https://[fd00:ec2::254]/',
    'https://100.100.100.200/',
    'https://192.0.0.192/',
    'https://168.63.129.16/',
  ];
  test.each(literals)('V6: %s is refused without a list, before anything is sent', async (url) => {
    let asked = 0;
    const lookup: Lookup = async () => {
      asked += 1;
      return [{ address: '127.0.0.1', family: 4 }];
    };
    const egress = testEgress({ lan: [], lookup });
    expect((await fails(egress.request({ ...QUIET, url }))).code).toBe('EGRESS_REFUSED');
    expect((await fails(egress.request({ ...QUIET, url, workspaceId: null }))).code).toBe('EGRESS_REFUSED');
    expect(asked).toBe(0);
  });

  test.each(['https://localhost/', 'https://localhost./', 'https://LOCALHOST/', 'https://anything.test/'])(
    'V6: %s is refused by what it resolves to',
    async (url) => {
      expect((await fails(testEgress({ lan: [] }).request({ ...QUIET, url }))).code).toBe('EGRESS_REFUSED');
    },
  );

  test.each(['169.254.169.254', '[::ffff:a9fe:a9fe]', '[fd00:ec2::254]', '[64:ff9b::a9fe:a9fe]', '100.100.100.200'])(
    'V6: metadata at %s is refused although a list allows the network, the name and plain HTTP',
    async (host) => {
      const lan = [
        'http://169.254.0.0/16',
        'http://100.64.0.0/10',
        'http://fd00::/8',
        'http://64:ff9b::/96',
        'http://trap.test',
      ];
      const egress = testEgress({ lan, lookup: async () => [{ address: host.replace(/[[\]]/g, ''), family: 4 }] });
      expect((await fails(egress.request({ ...QUIET, url: `http://${host}/` }))).code).toBe('EGRESS_REFUSED');
      expect((await fails(egress.request({ ...QUIET, url: 'http://trap.test/' }))).code).toBe('EGRESS_REFUSED');
    },
  );

  test('V6: metadata names are refused wherever they lead', async () => {
    const egress = testEgress({ lookup: async () => [{ address: '8.8.8.8', family: 4 }] });
    for (const host of ['metadata.google.internal', 'metadata.google.internal.', 'METADATA', 'metadata.goog'])
      expect((await fails(egress.request({ ...QUIET, url: `https://${host}/` }))).code).toBe('EGRESS_REFUSED');
  });

  test('V6: one bad address among good ones refuses the call, and the answer draws no map', async () => {
    const lookup: Lookup = async () => [
      { address: '8.8.8.8', family: 4 },
      { address: '10.1.2.3', family: 4 },
    ];
    const { code, detail } = await fails(
      testEgress({ lan: [], lookup }).request({ ...QUIET, url: 'https://mixed.test/' }),
    );
    expect(code).toBe('EGRESS_REFUSED');
    expect(detail).toContain('mixed.test');
    expect(detail).not.toContain('10.1.2.3');
  });

  test('V6: a name that a real resolver answers differently the second time is asked once', async () => {
    // Answers 127.0.0.1 (allowed here) at first and the metadata service ever after, with a lifetime of zero.
    const server = createSocket('udp4');
    let questions = 0;
    server.on('message', (query, from) => {
      questions += 1;
      const address = questions === 1 ? [127, 0, 0, 1] : [169, 254, 169, 254];
      const head = Buffer.from(query.subarray(0, 12));
      head.writeUInt16BE(0x8180, 2);
      head.writeUInt16BE(1, 6);
      head.writeUInt32BE(0, 8);
      const question = query.subarray(12, query.indexOf(0, 12) + 5);
      const record = Buffer.from([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...address]);
      server.send(Buffer.concat([head, question, record]), from.port, from.address);
    });
    await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
    onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
    const resolver = new Resolver();
    resolver.setServers([`127.0.0.1:${(server.address() as AddressInfo).port}`]);
    const lookup: Lookup = async (name) => (await resolver.resolve4(name)).map((address) => ({ address, family: 4 }));

    const { port } = await standIn((_request, response) => response.setHeader('connection', 'close').end('hello'));
    const egress = testEgress({ lookup });
    const url = `https://rebind.vendor.test:${port}/`;
    expect(await readText(await egress.request({ ...QUIET, url }))).toBe('hello');
    expect(questions).toBe(1);
    // The next connection asks anew, is told the metadata service, and stops there.
    expect((await fails(egress.request({ ...QUIET, url }))).code).toBe('EGRESS_REFUSED');
    expect(questions).toBe(2);
  });

  test('V6: a connection that one workspace was allowed carries no call of another', async () => {
    const { port } = await standIn((_request, response) => response.end('inside'));
    const { compileLanTargets, NO_LAN } = await import('../../src/egress/egress.js');
    const lan = compileLanTargets(['127.0.0.0/8']);
    const egress = testEgress({ allow: (id) => (id === 'trusted' ? lan : NO_LAN) });
    const url = `https://vendor.test:${port}/`;
    expect(await readText(await egress.request({ ...QUIET, url, workspaceId: 'trusted' }))).toBe('inside');
    expect((await fails(egress.request({ ...QUIET, url, workspaceId: 'other' }))).code).toBe('EGRESS_REFUSED');
  });

  test('V6: a list that was emptied holds from the next call on, whatever connection is open', async () => {
    const { port } = await standIn((_request, response) => response.end('inside'));
    const { compileLanTargets, NO_LAN } = await import('../../src/egress/egress.js');
    let lan = compileLanTargets(['127.0.0.0/8']);
    const egress = testEgress({ allow: () => lan });
    const url = `https://vendor.test:${port}/`;
    expect(await readText(await egress.request({ ...QUIET, url }))).toBe('inside');
    lan = NO_LAN;
    expect((await fails(egress.request({ ...QUIET, url }))).code).toBe('EGRESS_REFUSED');
  });
});

describe('V6: what is no fit request', () => {
  test.each([
    'ftp://vendor.test/',
    'file:///etc/passwd',
    'data:text/plain,x',
    'gopher://vendor.test/',
    'https://user@vendor.test/',
    'https://user:s3cret-pa55word@vendor.test/',
    'http://vendor.test/',
    'vendor.test',
    '//vendor.test/',
    '',
  ])('V6: %j is refused and not repeated', async (url) => {
    const { code, detail } = await fails(testEgress({ lan: ['127.0.0.0/8'] }).request({ ...QUIET, url }));
    expect(code).toBe('EGRESS_REFUSED');
    expect(detail).not.toContain('s3cret');
  });

  test.each(['a\r\nX-Evil: 1', 'a\nb', 'a\rb', 'a\0b', 'snow☃'])(
    'V6: the header value %j is refused and not repeated',
    async (value) => {
      const work = testEgress().request({
        ...QUIET,
        url: 'https://vendor.test/',
        headers: [['X-Token', `s3cret${value}`]],
      });
      const { code, detail } = await fails(work);
      expect(code).toBe('BAD_REQUEST');
      expect(detail).toContain('X-Token');
      expect(detail).not.toContain('s3cret');
    },
  );

  test.each([
    'Host',
    'transfer-encoding',
    'Connection',
    'X Y',
    'x\r\ny',
    '',
    'Expect',
    'Upgrade',
    'Proxy-Authorization',
  ])('V6: the header name %j is refused', async (name) => {
    const work = testEgress().request({ ...QUIET, url: 'https://vendor.test/', headers: [[name, 'x']] });
    expect((await fails(work)).code).toBe('BAD_REQUEST');
  });

  test.each(['CONNECT', 'TRACE', 'get', 'GET / HTTP/1.1\r\nX: y', ''])(
    'V6: the method %j is refused',
    async (method) => {
      expect((await fails(testEgress().request({ ...QUIET, method, url: 'https://vendor.test/' }))).code).toBe(
        'BAD_REQUEST',
      );
    },
  );
});
