import type { Audit } from '../audit/audit.js';
import { describeError, type Logger } from '../kernel/logger.js';
import { type LetterWords, renderHtml, renderText } from './render.js';

/** A letter as rooms hand it over. */
export interface OutgoingLetter extends LetterWords {
  readonly to: string;
  readonly subject: string;
  /** For audit and log, which hold no addresses. */
  readonly kind: string;
  readonly userId: string;
}

/** Outgoing mail. */
export interface Mail {
  /** Whether letters go out at all. */
  readonly available: boolean;
  /** Takes a letter and returns at once. What becomes of it is in the audit log. Never throws. */
  send(letter: OutgoingLetter): void;
  /** Waits a moment for letters on their way. */
  close(): Promise<void>;
}

export interface MailOptions {
  /** `smtp://user:password@host:587` or `smtps://…`; `null`: no mail. */
  readonly smtpUrl: string | null;
  /** Where links in letters lead; without it there are none worth sending. */
  readonly publicUrl: string | null;
  /** Whom letters come from; `null`: `gatehouse@` the host of `publicUrl`. */
  readonly from: string | null;
  readonly audit: Pick<Audit, 'record'>;
  readonly log: Logger;
  /** How long after a failure the next try begins, in turn; then the letter is given up. */
  readonly retryAfterMs?: readonly number[];
}

const RETRY_AFTER_MS = [5_000, 60_000];
/** A mail server that hangs must not gather letters for ever. */
const MAX_ON_THEIR_WAY = 200;
const CLOSE_MS = 3_000;
const TIMEOUT_MS = 20_000;

/** @returns a room that sends nothing when `smtpUrl` or `publicUrl` is missing */
export function openMail(options: MailOptions): Mail {
  const { smtpUrl, publicUrl } = options;
  if (smtpUrl === null || publicUrl === null) return { available: false, send() {}, async close() {} };
  return new SmtpMail({ ...options, smtpUrl, publicUrl });
}

type Transport = { sendMail(message: object): Promise<unknown>; close(): void };

class SmtpMail implements Mail {
  readonly available = true;
  readonly #o: MailOptions & { readonly smtpUrl: string; readonly publicUrl: string };
  readonly #onTheirWay = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  #transport: Promise<Transport> | undefined;

  constructor(options: MailOptions & { readonly smtpUrl: string; readonly publicUrl: string }) {
    this.#o = options;
  }

  send(letter: OutgoingLetter): void {
    if (this.#onTheirWay.size >= MAX_ON_THEIR_WAY) {
      this.#o.log.warn('a letter was dropped: too many wait for the mail server', { letter: letter.kind });
      return;
    }
    const sending = this.#deliver(letter).finally(() => this.#onTheirWay.delete(sending));
    this.#onTheirWay.add(sending);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.race([Promise.all(this.#onTheirWay), wait(CLOSE_MS, new AbortController().signal)]);
    (await this.#transport?.catch(() => undefined))?.close();
  }

  async #deliver(letter: OutgoingLetter): Promise<void> {
    let tries = 0;
    for (const ms of [0, ...(this.#o.retryAfterMs ?? RETRY_AFTER_MS)]) {
      if (ms > 0 && !(await wait(ms, this.#closing.signal))) break;
      tries += 1;
      try {
        await (await this.#connect()).sendMail(this.#message(letter));
        await this.#note(letter, 'ok', tries);
        return;
      } catch (error) {
        // The answer of a mail server quotes addresses, and its name is in the settings: its code says enough.
        const { responseCode } = error as { responseCode?: number };
        this.#o.log.warn('a letter was not sent', {
          letter: letter.kind,
          try: tries,
          smtp: responseCode,
          ...describeError(error),
        });
        // A server that says no for good (RFC 5321 §4.2.1) says so again.
        if (responseCode !== undefined && responseCode >= 500) break;
      }
    }
    await this.#note(letter, 'failed', tries);
  }

  #connect(): Promise<Transport> {
    // Loaded with the first letter: most instances never send one.
    this.#transport ??= import('nodemailer').then(
      ({ createTransport }) =>
        createTransport(this.#o.smtpUrl, {
          pool: true,
          maxConnections: 2,
          connectionTimeout: TIMEOUT_MS,
          greetingTimeout: TIMEOUT_MS,
          socketTimeout: TIMEOUT_MS,
          disableFileAccess: true,
          disableUrlAccess: true,
        } as object) as Transport,
    );
    return this.#transport;
  }

  #message(letter: OutgoingLetter): object {
    const { publicUrl, from } = this.#o;
    return {
      from: from ?? { name: 'Gatehouse', address: `gatehouse@${new URL(publicUrl).hostname}` },
      // As an object, so that nothing in it is read as a list of addresses.
      to: { name: '', address: letter.to },
      subject: letter.subject,
      text: renderText(letter, publicUrl),
      html: renderHtml(letter, publicUrl),
      headers: { 'Auto-Submitted': 'auto-generated' },
    };
  }

  async #note({ kind, userId }: OutgoingLetter, outcome: 'ok' | 'failed', tries: number): Promise<void> {
    const event = { action: 'mail.send', actor: 'gatehouse', target: userId, outcome, detail: { letter: kind, tries } };
    await this.#o.audit
      .record(event)
      .catch((error) => this.#o.log.warn('a letter is not in the audit log', describeError(error)));
  }
}

/** @returns `false` when it was called off */
function wait(ms: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const done = (passed: boolean) => {
      clearTimeout(timer);
      resolve(passed);
    };
    const timer = setTimeout(() => done(true), ms);
    timer.unref();
    if (signal.aborted) done(false);
    signal.addEventListener('abort', () => done(false), { once: true });
  });
}
