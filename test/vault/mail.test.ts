import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { describe, expect, onTestFinished, test } from 'vitest';
import { CERTIFICATES, testEgress } from '../egress/stand-in.js';
import { openTestVault } from './kit.js';

const PASSWORD = 'mail-password-0123456789';
const { key, cert } = CERTIFICATES;

/** Tests a mail credential against what listens on `port`, through the real way out. */
async function tested(
  type: 'smtp' | 'imap',
  port: number,
  fields: object = {},
  lan: readonly string[] = ['127.0.0.0/8'],
) {
  const kit = await openTestVault({ egress: testEgress({ lan }) });
  const own = { host: 'vendor.test', port, secure: true, user: 'me@example.com', password: PASSWORD, ...fields };
  await kit.add(type, 'mail', { fields: own });
  const started = performance.now();
  const { test: found } = await kit.vault.tester.test(kit.by(), 'one', 'mail');
  expect(JSON.stringify([found, kit.lines]) + kit.logs()).not.toContain(PASSWORD);
  expect(kit.lines.at(-1)).toMatchObject({ action: 'credential.open', detail: { host: `vendor.test:${port}` } });
  return { ...found, tookMs: performance.now() - started };
}

async function portOf(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

describe('SMTP', () => {
  async function smtp(options: SMTPServerOptions): Promise<{ port: number; log: string[] }> {
    const log: string[] = [];
    const server = new SMTPServer({
      key,
      cert,
      onAuth({ username, password }, _session, done) {
        log.push(`auth ${username}`);
        if (password === PASSWORD) done(null, { user: username });
        else done(new Error('Invalid login'));
      },
      onMailFrom(_address, _session, done) {
        log.push('MAIL FROM');
        done();
      },
      ...options,
    });
    server.on('error', () => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close(() => {}));
    return { port: (server.server.address() as AddressInfo).port, log };
  }

  test.each([
    ['TLS from the start', true],
    ['STARTTLS', false],
  ])(
    'V5: over %s: a login that works is ok, one that does not is invalid, and no mail is begun',
    async (_name, secure) => {
      const { port, log } = await smtp({ secure });
      expect(await tested('smtp', port, { secure })).toMatchObject({
        outcome: 'ok',
        detail: 'vendor.test lets it log in (235).',
      });
      expect(await tested('smtp', port, { secure, password: 'wrong' })).toMatchObject({
        outcome: 'invalid',
        detail: 'vendor.test refuses the login (535).',
      });
      expect(log).toEqual(['auth me@example.com', 'auth me@example.com']);
    },
  );

  test('V5: AUTH LOGIN where PLAIN is not offered; no user means no login', async () => {
    const { port } = await smtp({ secure: true, authMethods: ['LOGIN'] });
    expect((await tested('smtp', port)).outcome).toBe('ok');
    expect((await tested('smtp', port, { password: 'wrong' })).outcome).toBe('invalid');
    const { detail } = await tested('smtp', port, { user: null });
    expect(detail).toContain('there is no user to log in with');
    const other = await smtp({ secure: true, authMethods: ['CRAM-MD5'] });
    expect((await tested('smtp', other.port)).outcome).toBe('unknown');
  });

  test('V5: a server without TLS is not given the password', async () => {
    const { port, log } = await smtp({ secure: false, hideSTARTTLS: true, allowInsecureAuth: true });
    expect(await tested('smtp', port, { secure: false })).toMatchObject({
      outcome: 'unknown',
      detail: 'vendor.test offers no TLS, so it was not given the password.',
    });
    expect(log).toEqual([]);
  });

  test('V5: what is put on the wire before TLS is not read inside it', async () => {
    const port = await portOf(
      createServer((socket) => {
        socket.on('error', () => {}).write('220 hello\r\n');
        socket.on('data', (chunk) => {
          if (String(chunk).startsWith('EHLO')) socket.write('250-hello\r\n250 STARTTLS\r\n');
          else socket.write('220 go\r\n250-injected\r\n250 AUTH PLAIN\r\n235 welcome\r\n');
        });
      }),
    );
    expect(await tested('smtp', port, { secure: false })).toMatchObject({ outcome: 'unknown' });
  });
});

describe('IMAP', () => {
  /** As much of a server as a login meets. */
  async function imap({ secure = true, plain = true, inbox = true, tls = { key, cert } } = {}) {
    const log: string[] = [];
    const speak = (socket: Socket, isSecure: boolean) => {
      let waits = false;
      const judge = (ok: boolean) => (ok ? 'a3 OK in\r\n' : 'a3 NO [AUTHENTICATIONFAILED] no\r\n');
      socket
        .on('error', () => {})
        .on('data', (chunk) => {
          const line = String(chunk).trim();
          const [, command = ''] = line.split(' ');
          if (waits) {
            waits = false;
            socket.write(judge(Buffer.from(line, 'base64').toString() === `\0me@example.com\0${PASSWORD}`));
            return;
          }
          log.push(command);
          if (command === 'CAPABILITY')
            socket.write(
              `* CAPABILITY IMAP4rev1${plain ? ' AUTH=PLAIN' : ''}${isSecure ? '' : ' STARTTLS'}\r\na1 OK done\r\n`,
            );
          else if (command === 'AUTHENTICATE') {
            waits = true;
            socket.write('+ \r\n');
          } else if (command === 'LOGIN') socket.write(judge(line.includes(`"${PASSWORD}"`)));
          else if (command === 'EXAMINE')
            socket.write(inbox ? '* 3 EXISTS\r\na4 OK [READ-ONLY]\r\n' : 'a4 NO no such box\r\n');
          else if (command === 'STARTTLS') {
            socket.removeAllListeners('data');
            socket.write('a2 OK begin\r\n');
            speak(new TLSSocket(socket, { isServer: true, ...tls }), true);
          }
        });
    };
    const server = secure
      ? createTlsServer(tls, (socket) => {
          socket.write('* OK ready\r\n');
          speak(socket, true);
        })
      : createServer((socket) => {
          socket.write('* OK ready\r\n');
          speak(socket, false);
        });
    return { port: await portOf(server), log };
  }

  test.each([
    ['TLS from the start', true, true],
    ['STARTTLS', false, true],
    ['LOGIN', true, false],
  ])('V5: over %s: a login that works is ok, one that does not is invalid', async (_name, secure, plain) => {
    const { port, log } = await imap({ secure, plain });
    expect(await tested('imap', port, { secure })).toMatchObject({ outcome: 'ok' });
    expect(await tested('imap', port, { secure, password: 'wrong' })).toMatchObject({ outcome: 'invalid' });
    expect(log).not.toContain('SELECT');
    expect(log.filter((command) => command === 'EXAMINE')).toHaveLength(1);
  });

  test('V5: a login that may not open the inbox is limited', async () => {
    const { port } = await imap({ inbox: false });
    expect((await tested('imap', port)).outcome).toBe('limited');
  });

  test('a certificate that nobody vouches for is refused, unless the credential says that it is its own server', async () => {
    const { makeCertificates } = await import('../support/certificates.js');
    const other = makeCertificates(['vendor.test']);
    const { port, log } = await imap({ tls: { key: other.key, cert: other.cert } });
    expect(await tested('imap', port)).toMatchObject({ outcome: 'unreachable' });
    expect(log).toEqual([]);
    expect((await tested('imap', port, { allowSelfSigned: true })).outcome).toBe('ok');
    const late = await imap({ secure: false, tls: { key: other.key, cert: other.cert } });
    expect(await tested('imap', late.port, { secure: false })).toMatchObject({ outcome: 'unreachable' });
    expect(late.log).toEqual(['CAPABILITY', 'STARTTLS']);
  });
});

describe('servers that are none', () => {
  test('V5: an address on the LAN that nobody allowed is not called', async () => {
    const { outcome, detail } = await tested('smtp', 2525, {}, []);
    expect(outcome).toBe('unreachable');
    expect(detail).toContain('not on the public internet');
  });

  test.each<[string, (socket: Socket) => void, 'unreachable' | 'unknown']>([
    ['hangs up', (socket) => socket.end(), 'unreachable'],
    ['speaks another language', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'), 'unknown'],
    ['never ends its line', (socket) => socket.write('2'.repeat(200_000)), 'unknown'],
    ['never ends its reply', (socket) => socket.write('220-more\r\n'.repeat(20_000)), 'unknown'],
  ])('V5: one that %s is told as such', async (_name, act, outcome) => {
    const port = await portOf(createTlsServer({ key, cert }, (socket) => act(socket.on('error', () => {}))));
    for (const type of ['smtp', 'imap'] as const) expect((await tested(type, port)).outcome, type).toBe(outcome);
  });

  test.each([
    ['says nothing', true],
    ['begins TLS and stops', false],
  ])('V5: one that %s ends after ten seconds', async (_name, secure) => {
    const silent = (socket: Socket) => void socket.on('error', () => {});
    const stopping = createServer((socket) => {
      socket.on('error', () => {}).write('220 hello\r\n');
      socket.once('data', () => {
        socket.write('250 STARTTLS\r\n');
        socket.once('data', () => socket.write('220 go\r\n'));
      });
    });
    const port = await portOf(secure ? createTlsServer({ key, cert }, silent) : stopping);
    const { outcome, tookMs } = await tested('smtp', port, { secure });
    expect(outcome).toBe('unreachable');
    expect(tookMs).toBeLessThan(14_000);
  });
});
