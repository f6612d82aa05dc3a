import type { Socket } from 'node:net';
import type { Egress } from '../../egress/egress.js';
import type { OpenForTest } from '../credential-source.js';
import { imapLogin } from './imap.js';
import { LineReader } from './line-reader.js';
import type { MailLine, MailLogin } from './mail-line.js';
import { type Found, judgeFailure } from './outcome.js';
import { smtpLogin } from './smtp.js';

/** Logs in to a mail server and leaves again: nothing is sent, read or marked. */
export async function testMail(opened: OpenForTest, egress: Egress, timeoutMs: number): Promise<Found> {
  const { fields, workspaceId, type } = opened;
  const text = (name: string) => (fields[name] === undefined ? null : String(fields[name]));
  const host = text('host') ?? '';
  const secure = fields['secure'] !== false;
  const anyCertificate = fields['allowSelfSigned'] === true;
  const deadlineMs = performance.now() + timeoutMs;
  const login: MailLogin = {
    host,
    user: text('user'),
    password: text('password') ?? '',
    clientHostname: text('clientHostname') ?? 'gatehouse.invalid',
  };
  const sockets: Socket[] = [];
  try {
    const target = { workspaceId, host, port: Number(fields['port']), anyCertificate };
    const socket = await egress.connectSocket({ ...target, tls: secure, timeoutMs });
    sockets.push(socket);
    const lines = new LineReader(socket, host, deadlineMs);
    const line: MailLine = {
      lines,
      isSecure: secure,
      async startTls() {
        lines.release();
        const secured = await egress.startTls(socket, {
          ...target,
          timeoutMs: Math.max(1, Math.ceil(deadlineMs - performance.now())),
        });
        sockets.push(secured);
        return new LineReader(secured, host, deadlineMs);
      },
    };
    return await (type.protocol === 'imap' ? imapLogin(line, login) : smtpLogin(line, login));
  } catch (error) {
    return judgeFailure(error);
  } finally {
    for (const socket of sockets) socket.on('error', () => {}).destroy();
  }
}
