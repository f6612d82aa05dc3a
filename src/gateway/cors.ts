import type { IncomingMessage } from 'node:http';
import { HEADER } from '../contract/headers.js';

/** How long a browser may remember the answer to a preflight. */
const PREFLIGHT_SECONDS = 600;

/** What scripts may read of an answer of ours, beside its body. */
const EXPOSED = [
  HEADER.requestId,
  HEADER.rateLimit,
  HEADER.rateLimitPolicy,
  HEADER.retryAfter,
  HEADER.wwwAuthenticate,
].join(', ');

const TOKENS = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+(\s*,\s*[A-Za-z0-9!#$%&'*+.^_`|~-]+)*$/;

/** Lets scripts of the listed origins call the app with a credential in a header. Cookies never cross by our word. */
export class Cors {
  readonly #origins: ReadonlySet<string>;

  /** @param origins - exact, as browsers send them; none: nobody's */
  constructor(origins: readonly string[]) {
    this.#origins = new Set(origins);
  }

  /**
   * The answer to a preflight of a listed origin, which browsers send without a credential; `null`: it is none, and
   * the route decides like about any other request.
   */
  preflight(request: IncomingMessage): string[] | null {
    const {
      origin,
      'access-control-request-method': method,
      'access-control-request-headers': wanted,
    } = request.headers;
    if (request.method !== 'OPTIONS' || origin === undefined || !this.#origins.has(origin)) return null;
    if (method === undefined || !TOKENS.test(method)) return null;
    const headers = ['Access-Control-Allow-Origin', origin, 'Access-Control-Allow-Methods', method];
    if (wanted !== undefined && TOKENS.test(wanted)) headers.push('Access-Control-Allow-Headers', wanted);
    headers.push('Access-Control-Max-Age', String(PREFLIGHT_SECONDS));
    headers.push('Vary', 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers');
    return headers;
  }

  /** For every other answer. An app that speaks for itself (`allowed`: what it says) is left to. */
  headers(request: IncomingMessage, allowed: string | undefined): string[] {
    if (this.#origins.size === 0) return [];
    const { origin } = request.headers;
    const vary = ['Vary', 'Origin'];
    if (origin === undefined || !this.#origins.has(origin) || allowed !== undefined) return vary;
    return ['Access-Control-Allow-Origin', origin, 'Access-Control-Expose-Headers', EXPOSED, ...vary];
  }
}
