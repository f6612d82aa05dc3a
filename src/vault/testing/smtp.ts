import type { LineReader } from './line-reader.js';
import { type MailLine, type MailLogin, noTls } from './mail-line.js';
import { type Found, found } from './outcome.js';

/** EHLO, STARTTLS where needed, AUTH, NOOP, QUIT (RFC 5321, RFC 4954). Never a mail, never a password without TLS. */
export async function smtpLogin(line: MailLine, { host, user, password, clientHostname }: MailLogin): Promise<Found> {
  let lines = line.lines;
  const greeting = await reply(lines);
  if (greeting.code !== 220) return odd(host, greeting.code);
  let offers = await ehlo(lines, clientHostname);
  if (!line.isSecure) {
    if (!offers.some((offer) => /^STARTTLS$/i.test(offer))) return noTls(host);
    lines.write('STARTTLS');
    const ready = await reply(lines);
    if (ready.code !== 220) return odd(host, ready.code);
    lines = await line.startTls();
    // What was offered before TLS came from whoever was on the wire (RFC 3207 §4.2).
    offers = await ehlo(lines, clientHostname);
  }
  if (user === null) {
    lines.write('QUIT');
    return found('ok', `${host} answers; there is no user to log in with`);
  }
  const methods = offers.find((offer) => /^AUTH\b/i.test(offer))?.toUpperCase() ?? '';
  if (/\bPLAIN\b/.test(methods)) lines.write(`AUTH PLAIN ${base64(`\0${user}\0${password}`)}`);
  else if (/\bLOGIN\b/.test(methods)) {
    for (const text of ['AUTH LOGIN', base64(user)]) {
      lines.write(text);
      const next = await reply(lines);
      if (next.code !== 334) return judged(host, next.code);
    }
    lines.write(base64(password));
  } else return found('unknown', `${host} offers no way to log in that is spoken here (PLAIN, LOGIN)`);
  const answer = await reply(lines);
  lines.write('NOOP');
  lines.write('QUIT');
  return judged(host, answer.code);
}

function judged(host: string, code: number): Found {
  if (code === 235) return found('ok', `${host} lets it log in (235)`);
  if ([530, 534, 535].includes(code)) return found('invalid', `${host} refuses the login (${code})`);
  return odd(host, code);
}

function odd(host: string, code: number): Found {
  return found('unknown', `${host} answers ${code}, which says nothing about the login`);
}

async function ehlo(lines: LineReader, name: string): Promise<string[]> {
  lines.write(`EHLO ${name}`);
  return (await reply(lines)).texts;
}

/** One reply, of several lines perhaps. A line that is none counts as code 0. */
async function reply(lines: LineReader): Promise<{ code: number; texts: string[] }> {
  const texts: string[] = [];
  for (;;) {
    const [, code = '0', more, text = ''] = /^(\d{3})([ -]?)(.*)$/.exec(await lines.line()) ?? [];
    texts.push(text.trim());
    if (more !== '-') return { code: Number(code), texts };
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
