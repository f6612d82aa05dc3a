import { HEADER } from '../contract/headers.js';
import { GatehouseError } from '../kernel/errors.js';

/** How session cookies of this instance look, and which origin its pages have. */
export interface SessionRules {
  readonly cookieName: string;
  /** Of `PUBLIC_URL`; `null`: unknown, and then only the address that was called counts. */
  readonly publicOrigin: string | null;
}

/** Methods that change nothing (RFC 9110 §9.2.1). */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * The value of the session cookie.
 * @throws GatehouseError `AMBIGUOUS_CREDENTIALS` when it is there with two values: one of them was planted
 */
export function findSessionCookie(raw: readonly string[], name: string): string | null {
  let found: string | null = null;
  for (let index = 0; index + 1 < raw.length; index += 2) {
    if (raw[index]?.toLowerCase() !== HEADER.cookie) continue;
    for (const pair of (raw[index + 1] as string).split(';')) {
      const equals = pair.indexOf('=');
      if (equals < 0 || pair.slice(0, equals).trim() !== name) continue;
      const value = pair.slice(equals + 1).trim();
      if (found !== null && found !== value)
        throw new GatehouseError(
          'AMBIGUOUS_CREDENTIALS',
          'Two session cookies were sent. Delete the cookies of this site.',
        );
      found = value;
    }
  }
  return found === '' ? null : found;
}

/**
 * Whether a request may change something. One for a WebSocket may, as anything may follow in it, and pages of anybody
 * can open one. It is told by what browsers alone send and proxies pass on; `Upgrade` itself stays at the proxy.
 */
export function mayChange(method: string, raw: readonly string[]): boolean {
  return !SAFE.has(method) || headerOf(raw, 'sec-websocket-key') !== null;
}

/**
 * A cookie goes along with whatever page sent the request, so a change must come from a page of ours.
 * @param trusted - whether the peer's `X-Forwarded-Proto` and `X-Forwarded-Host` are believed
 * @returns `FORBIDDEN` naming both origins and the cure; `null`: it is one of ours
 */
export function foreignOrigin(raw: readonly string[], trusted: boolean, rules: SessionRules): GatehouseError | null {
  const origin = headerOf(raw, HEADER.origin);
  if (origin !== null && origin === rules.publicOrigin) return null;
  const called = calledOrigin(raw, trusted);
  if (origin !== null && origin === called) return null;
  const ours = rules.publicOrigin ?? called;
  return new GatehouseError(
    'FORBIDDEN',
    `A signed-in page of ${ours} may change things here; this request comes from ${origin ?? 'no page at all'}. Behind a proxy set PUBLIC_URL to the address people use, or send a key in a header.`,
  );
}

/** Where the request was sent, as a browser names the origin of a page there. */
export function calledOrigin(raw: readonly string[], trusted: boolean): string {
  const host = (trusted ? headerOf(raw, HEADER.forwardedHost) : null) ?? headerOf(raw, HEADER.host);
  const scheme = (trusted ? headerOf(raw, HEADER.forwardedProto) : null) ?? 'http';
  return `${scheme}://${host ?? ''}`;
}

/** Machines that browsers keep `Secure` cookies for without TLS. */
const THIS_MACHINE = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;

/**
 * Whether an answer may set the cookie: for a page of ours, or for no page at all, such as a script.
 * @throws GatehouseError `FORBIDDEN`, also for a page over http where the cookie is for https only: the browser would
 *   throw it away without a word, and the person would never get in
 */
export function requirePageOfOurs(raw: readonly string[], trusted: boolean, rules: SessionRules): void {
  const origin = headerOf(raw, HEADER.origin);
  if (origin === null) return;
  const foreign = foreignOrigin(raw, trusted, rules);
  if (foreign !== null) throw foreign;
  const { publicOrigin } = rules;
  if (publicOrigin?.startsWith('https:') && origin.startsWith('http:') && !THIS_MACHINE.test(origin))
    throw new GatehouseError(
      'FORBIDDEN',
      `Sign in at ${publicOrigin}: the session cookie of this instance goes over https only, and this page is ${origin}.`,
    );
}

/** `null` when it is not there; a header that is there twice equals nothing. */
export function headerOf(raw: readonly string[], name: string): string | null {
  const values = raw.filter((_, index) => index % 2 === 1 && raw[index - 1]?.toLowerCase() === name);
  return values.length === 0 ? null : values.join(', ');
}
