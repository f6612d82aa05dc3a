import type { IncomingMessage } from 'node:http';
import { HEADER } from '../contract/headers.js';
import { GatehouseError } from '../kernel/errors.js';

/** What a request is for: `host` as it was called, `path` with its query as it came. */
export interface RequestLine {
  readonly host: string;
  readonly path: string;
}

/** Letters, digits and what IPv6 and ports need. */
const HOST = /^[A-Za-z0-9._~[\]:-]{1,260}$/;
const ABSOLUTE = /^https?:\/\/([^/?#]+)(.*)$/i;

/**
 * Reads version, coding, host and target (RFC 9112 §3.2). Both forms of a target mean the same to the app, which gets the short one.
 * Whether the path may be used at all is the route's to say.
 * @returns what is wrong, where two readers could differ in whom or what the request is for
 */
export function readRequestLine(request: IncomingMessage): RequestLine | GatehouseError {
  const { rawHeaders, headers, httpVersionMajor, httpVersionMinor } = request;
  if (httpVersionMajor !== 1) return fault('This gateway speaks HTTP/1.1.');
  const coding = headers['transfer-encoding'];
  // Node undoes chunked alone; a coding below it would be lost on the way.
  if (coding !== undefined && (coding.toLowerCase() !== 'chunked' || httpVersionMinor === 0))
    return fault('Transfer-Encoding: chunked is the only one there is here, and in HTTP/1.1.');
  const hosts = rawHeaders.filter(
    (_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === HEADER.host,
  );
  if (hosts.length > 1) return fault('The Host header was sent twice.');
  const named = hosts[0] ?? '';
  if (named === '' && httpVersionMinor > 0) return fault('The Host header is missing.');
  if (named !== '' && !HOST.test(named)) return fault('The Host header is not a host.');
  const target = request.url ?? '';
  const [, authority, rest] = ABSOLUTE.exec(target) ?? [];
  if (authority === undefined || rest === undefined) return { host: named, path: target };
  if (authority !== named) return fault('The request names one host in its first line and another in Host.');
  return { host: named, path: rest.startsWith('/') ? rest : `/${rest}` };
}

function fault(detail: string): GatehouseError {
  return new GatehouseError('BAD_REQUEST', detail);
}
