import type { HeaderFacts } from '../credential.js';
import { readHost } from '../request-path.js';

/** What a proxy says about the request it asks for. */
export interface Forwarded {
  readonly method: string;
  /** The request target, path and query, as the caller sent it. */
  readonly target: string;
  /** Lower case, without port. */
  readonly host: string;
}

/** What is missing or there twice, in words for whoever configures the proxy. */
export interface Unforwarded {
  readonly fault: string;
}

/** `X-Forwarded-Method`, `-Uri` and `-Host`, which Caddy and Traefik send by themselves. */
export function readForwarded(headers: HeaderFacts): Forwarded | Unforwarded {
  const { forwardedMethod: method, forwardedUri: target, forwardedHost: host } = headers;
  // A second one may be the caller's own.
  if (headers.forwardedTwice !== undefined) return { fault: `${headers.forwardedTwice} was sent twice` };
  if (!method) return { fault: 'X-Forwarded-Method is missing' };
  if (!target) return { fault: 'X-Forwarded-Uri is missing' };
  if (!host) return { fault: 'X-Forwarded-Host is missing' };
  return { method, target, host: readHost(host) };
}

/** `X-Original-Method` and `X-Original-URL` (`scheme://host/path?query`), which our configuration of nginx sets. */
export function readOriginal(headers: HeaderFacts): Forwarded | Unforwarded {
  const { originalMethod: method, originalUrl: url } = headers;
  if (headers.originalTwice !== undefined) return { fault: `${headers.originalTwice} was sent twice` };
  if (!method) return { fault: 'X-Original-Method is missing' };
  if (!url) return { fault: 'X-Original-URL is missing' };
  const host = url.indexOf('://') + 3;
  const path = url.indexOf('/', host);
  if (host <= 3 || path <= host) return { fault: 'X-Original-URL is not scheme://host/path' };
  return { method, target: url.slice(path), host: readHost(url.slice(host, path)) };
}
