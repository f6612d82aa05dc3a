import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

/** A letter as a mail server received it. */
export interface Received {
  readonly from: string;
  readonly to: readonly string[];
  /** The whole message, soft line breaks of quoted-printable taken out. */
  readonly text: string;
}

export interface Mailbox extends AsyncDisposable {
  /** For `SMTP_URL`. */
  readonly url: string;
  readonly letters: readonly Received[];
  /** Resolves with the letter of this place, counted from 0, once it is there. */
  letter(index: number): Promise<Received>;
}

/** A real mail server on a free port. @param refuse - answers every letter with this SMTP code instead of taking it */
export async function startMailbox(refuse?: number): Promise<Mailbox> {
  const letters: Received[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        if (refuse !== undefined) {
          done(Object.assign(new Error('not this one'), { responseCode: refuse }));
          return;
        }
        const { mailFrom, rcptTo } = session.envelope;
        letters.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          text: unfolded(Buffer.concat(chunks).toString('utf8')),
        });
        done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    letters,
    async letter(index) {
      for (let waited = 0; waited < 10_000; waited += 10) {
        const letter = letters[index];
        if (letter !== undefined) return letter;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      throw new Error(`letter ${index} did not come; there are ${letters.length}`);
    },
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function unfolded(message: string): string {
  return message
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** The secret of the link in a letter. */
export function secretIn(letter: Received): string {
  const secret = /#([0-9A-Za-z]{43})\b/.exec(letter.text)?.[1];
  if (secret === undefined) throw new Error(`no link in ${letter.text}`);
  return secret;
}
