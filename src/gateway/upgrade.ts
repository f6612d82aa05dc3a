import type { IncomingMessage } from 'node:http';

/**
 * Protocols in which further requests would pass unseen: HTTP/2 in plain text and TLS inside the connection. They are
 * never offered to the app; a client that merely tries (Java's does on every first request) goes on in HTTP/1.1.
 */
const HIDING = /^(h2c|http|tls)\b/i;

/** The protocols of `Upgrade` that may be asked of the app, in lower case. */
export function offeredProtocols({ headers }: IncomingMessage): string[] {
  return (headers.upgrade ?? '')
    .split(',')
    .map((protocol) => protocol.trim().toLowerCase())
    .filter((protocol) => protocol !== '' && !HIDING.test(protocol));
}

/** The head of a request as it came but without its wish for another protocol, to be read once more. */
export function headWithoutUpgrade({ method, url, httpVersion, rawHeaders }: IncomingMessage): Buffer {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    const value = rawHeaders[index + 1] as string;
    switch (name.toLowerCase()) {
      case 'upgrade':
      case 'http2-settings':
        break;
      case 'connection':
        lines.push(`${name}: ${withoutOptions(value, ['upgrade', 'http2-settings'])}`);
        break;
      default:
        lines.push(`${name}: ${value}`);
    }
  }
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

function withoutOptions(value: string, options: readonly string[]): string {
  return value
    .split(',')
    .filter((option) => !options.includes(option.trim().toLowerCase()))
    .join(',')
    .trim();
}
