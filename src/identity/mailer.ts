/** A letter in words; the mail room makes text and HTML of it. */
export interface Letter {
  readonly to: string;
  readonly subject: string;
  readonly paragraphs: readonly string[];
  /** What the letter is about, behind the paragraphs. */
  readonly link: { readonly label: string; readonly url: string } | null;
  /** For the audit and the log, which hold no addresses: what kind of letter, and to which user. */
  readonly kind: string;
  readonly userId: string;
}

/** Outgoing mail, as identity sees it. */
export interface Mailer {
  /** Whether letters go out at all: `SMTP_URL` and `PUBLIC_URL` are set. */
  readonly available: boolean;
  /** Hands a letter over and returns at once, so that no answer's time tells whether there was one. Never throws. */
  send(letter: Letter): void;
}
