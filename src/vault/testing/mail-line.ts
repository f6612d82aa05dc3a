import type { LineReader } from './line-reader.js';
import { type Found, found } from './outcome.js';

/** What a mail credential says about its server. */
export interface MailLogin {
  readonly host: string;
  readonly user: string | null;
  readonly password: string;
  /** The name that is announced to an SMTP server. */
  readonly clientHostname: string;
}

/** One connection in the middle of a login, and how to put TLS over it. */
export interface MailLine {
  readonly lines: LineReader;
  /** @throws GatehouseError for a certificate that is not good */
  startTls(): Promise<LineReader>;
  readonly isSecure: boolean;
}

/** A server that offers no TLS is not given a password. */
export function noTls(host: string): Found {
  return found('unknown', `${host} offers no TLS, so it was not given the password`);
}
