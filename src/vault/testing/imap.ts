import type { LineReader } from './line-reader.js';
import { type MailLine, type MailLogin, noTls } from './mail-line.js';
import { type Found, found } from './outcome.js';

/** STARTTLS where needed, AUTHENTICATE PLAIN or LOGIN, EXAMINE, LOGOUT (RFC 9051). Nothing is marked as read. */
export async function imapLogin(line: MailLine, { host, user, password }: MailLogin): Promise<Found> {
  let lines = line.lines;
  const greeting = await lines.line();
  if (!/^\* OK\b/i.test(greeting)) return found('unknown', `${host} does not greet as an IMAP server does`);
  let offers = await capabilities(lines);
  if (!line.isSecure) {
    if (!/\bSTARTTLS\b/i.test(offers)) return noTls(host);
    if ((await command(lines, 'a2', 'STARTTLS')).word !== 'OK') return noTls(host);
    lines = await line.startTls();
    // What was offered before TLS came from whoever was on the wire.
    offers = await capabilities(lines);
  }
  const { word } = /\bAUTH=PLAIN\b/i.test(offers)
    ? await authenticate(lines, user ?? '', password)
    : await command(lines, 'a3', `LOGIN ${quoted(user ?? '')} ${quoted(password)}`);
  if (word === 'NO') return found('invalid', `${host} refuses the login (NO)`);
  if (word !== 'OK') return found('unknown', `${host} answers ${word}, which says nothing about the login`);
  const inbox = await command(lines, 'a4', 'EXAMINE INBOX');
  lines.write('a5 LOGOUT');
  return inbox.word === 'OK'
    ? found('ok', `${host} lets it log in and read`)
    : found('limited', `${host} lets it log in, and it may not open the inbox`);
}

async function capabilities(lines: LineReader): Promise<string> {
  return (await command(lines, 'a1', 'CAPABILITY')).untagged.join(' ');
}

async function authenticate(lines: LineReader, user: string, password: string) {
  lines.write('a3 AUTHENTICATE PLAIN');
  const next = await lines.line();
  if (!next.startsWith('+')) return { word: wordOf(next, 'a3') ?? 'nothing known', untagged: [] };
  lines.write(Buffer.from(`\0${user}\0${password}`).toString('base64'));
  return answer(lines, 'a3');
}

async function command(lines: LineReader, tag: string, text: string) {
  lines.write(`${tag} ${text}`);
  return answer(lines, tag);
}

/** Reads to the tagged line. `word`: OK, NO or BAD. */
async function answer(lines: LineReader, tag: string): Promise<{ word: string; untagged: string[] }> {
  const untagged: string[] = [];
  for (;;) {
    const line = await lines.line();
    const word = wordOf(line, tag);
    if (word !== null) return { word, untagged };
    untagged.push(line);
  }
}

function wordOf(line: string, tag: string): string | null {
  const [, word] = new RegExp(`^${tag} (OK|NO|BAD)\\b`, 'i').exec(line) ?? [];
  return word?.toUpperCase() ?? null;
}

/** A quoted string; line breaks are refused where the line is written. */
function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, (character) => `\\${character}`)}"`;
}
