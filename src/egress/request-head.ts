import { GatehouseError } from '../kernel/errors.js';
import { hostOf } from './dial.js';
import type { LanTargets } from './lan.js';
import { refused } from './refusals.js';

export interface RequestHead {
  readonly method: string;
  /** `https://host:port` as undici takes it. */
  readonly origin: string;
  readonly host: string;
  readonly port: number;
  /** Path and query. */
  readonly path: string;
  /** Name, value, name, value … */
  readonly headers: readonly string[];
}

const METHOD = /^[A-Z]{1,20}$/;
const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,256}$/;
/** RFC 9110 §5.5: visible characters, blanks, and bytes over 0x7f; no line break, no NUL. */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** What undici writes itself, and what would make one request two. */
const OURS = new Set([
  'host',
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authorization',
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
  'expect',
]);

/**
 * Checks where a request goes and how its head reads. Only what the WHATWG parser made of a URL counts, never its text.
 * @throws GatehouseError `EGRESS_REFUSED` for a scheme, user info or host that is not called; `BAD_REQUEST` for a head
 *   that is no HTTP; details name a header, never its value, and no part of the URL but the host
 */
export function checkHead(
  method: string,
  url: URL | string,
  headers: Iterable<readonly [string, string]>,
  lan: LanTargets,
): RequestHead {
  if (!METHOD.test(method) || method === 'CONNECT' || method === 'TRACE')
    throw new GatehouseError('BAD_REQUEST', 'The method is none that is sent on.');
  const { protocol, username, password, hostname, port: written, pathname, search } = parse(url);
  if (protocol !== 'https:' && protocol !== 'http:') throw refused('Only https is called.');
  if (username !== '' || password !== '')
    throw refused('A URL with a user name or password in it is not called. Send them as a header.');
  const host = hostOf(hostname.replace(/^\[|\]$/g, ''));
  const port = written === '' ? (protocol === 'https:' ? 443 : 80) : Number(written);
  if (protocol === 'http:' && !lan.allowsHttp(host, port))
    throw refused(
      `${host} would be called without TLS. Use https, or let an operator allow http://${host} for this workspace.`,
    );
  const shown = host.includes(':') ? `[${host}]` : host;
  return {
    method,
    origin: `${protocol}//${shown}:${port}`,
    host,
    port,
    path: `${pathname}${search}`,
    headers: checkHeaders(headers),
  };
}

function parse(url: URL | string): URL {
  if (typeof url !== 'string') return url;
  if (!URL.canParse(url)) throw refused('The address is no URL.');
  return new URL(url);
}

function checkHeaders(headers: Iterable<readonly [string, string]>): string[] {
  const flat: string[] = [];
  for (const [name, value] of headers) {
    if (!HEADER_NAME.test(name))
      throw new GatehouseError('BAD_REQUEST', 'A header has a name that HTTP does not allow.');
    if (!HEADER_VALUE.test(value))
      throw new GatehouseError(
        'BAD_REQUEST',
        `The header ${name} holds a line break or another character HTTP forbids.`,
      );
    if (OURS.has(name.toLowerCase()))
      throw new GatehouseError('BAD_REQUEST', `The header ${name} cannot be chosen: it belongs to the connection.`);
    flat.push(name, value);
  }
  return flat;
}
