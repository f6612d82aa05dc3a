import { HEADER } from '../../contract/headers.js';
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

/** A header that must be there exactly once: a second one may be the caller's own. */
class Once {
  value: string | undefined = undefined;
  twice = false;

  take(value: string): void {
    if (this.value === undefined) this.value = value;
    else this.twice = true;
  }
}

/** Reads `X-Forwarded-Method`, `-Uri` and `-Host`, which Caddy and Traefik send by themselves. */
export function readForwarded(raw: readonly string[]): Forwarded | Unforwarded {
  const method = new Once();
  const target = new Once();
  const host = new Once();
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] as string;
    // Lengths first: most headers are dismissed without making a lower-case copy.
    if (name.length === 18 && name.toLowerCase() === HEADER.forwardedMethod) method.take(raw[index + 1] as string);
    else if (name.length === 15 && name.toLowerCase() === HEADER.forwardedUri) target.take(raw[index + 1] as string);
    else if (name.length === 16 && name.toLowerCase() === HEADER.forwardedHost) host.take(raw[index + 1] as string);
  }
  return (
    faultOf('X-Forwarded-Method', method) ??
    faultOf('X-Forwarded-Uri', target) ??
    faultOf('X-Forwarded-Host', host) ?? {
      method: method.value as string,
      target: target.value as string,
      host: readHost(host.value),
    }
  );
}

/** Reads `X-Original-Method` and `X-Original-URL` (`scheme://host/path?query`), which our configuration of nginx sets. */
export function readOriginal(raw: readonly string[]): Forwarded | Unforwarded {
  const method = new Once();
  const url = new Once();
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] as string;
    if (name.length === 17 && name.toLowerCase() === HEADER.originalMethod) method.take(raw[index + 1] as string);
    else if (name.length === 14 && name.toLowerCase() === HEADER.originalUrl) url.take(raw[index + 1] as string);
  }
  const fault = faultOf('X-Original-Method', method) ?? faultOf('X-Original-URL', url);
  if (fault !== null) return fault;
  const text = url.value as string;
  const host = text.indexOf('://') + 3;
  const path = text.indexOf('/', host);
  if (host <= 3 || path <= host) return { fault: 'X-Original-URL is not scheme://host/path' };
  return { method: method.value as string, target: text.slice(path), host: readHost(text.slice(host, path)) };
}

function faultOf(name: string, { value, twice }: Once): Unforwarded | null {
  if (twice) return { fault: `${name} was sent twice` };
  return value === undefined || value === '' ? { fault: `${name} is missing` } : null;
}
