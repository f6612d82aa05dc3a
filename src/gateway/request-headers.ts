import type { IncomingMessage } from 'node:http';

/** What this door says for itself about a request. */
export interface RequestHeaderFacts {
  readonly request: IncomingMessage;
  /** What is left of the caller's own headers. */
  readonly kept: readonly string[];
  readonly identity: readonly string[];
  /** As it was called; `''`: HTTP/1.0 without one. */
  readonly host: string;
  /** The client's, as the guard found it. */
  readonly address: string;
  readonly scheme: string;
  readonly awaitsContinue: boolean;
  readonly protocols: readonly string[];
}

/** Set here, whatever the caller said. */
const SET_HERE = new Set(['host', 'content-length', 'expect']);

/**
 * The headers that the app gets. How long the body is, is said once and as our own parser understood it, so that the app
 * cannot understand it otherwise.
 */
export function outgoingHeaders(facts: RequestHeaderFacts): string[] {
  const { request, kept, identity, host, address, scheme, awaitsContinue, protocols } = facts;
  const headers: string[] = host === '' ? [] : ['Host', host, 'X-Forwarded-Host', host];
  headers.push('X-Forwarded-For', address, 'X-Forwarded-Proto', scheme, ...identity);
  for (let index = 0; index + 1 < kept.length; index += 2) {
    const name = kept[index] as string;
    if (!SET_HERE.has(name.toLowerCase())) headers.push(name, kept[index + 1] as string);
  }
  if (protocols.length > 0) {
    headers.push('Connection', 'Upgrade', 'Upgrade', protocols.join(', '));
    return headers;
  }
  const { 'transfer-encoding': coding, 'content-length': length } = request.headers;
  if (coding !== undefined) headers.push('Transfer-Encoding', 'chunked');
  else if (length !== undefined) headers.push('Content-Length', length);
  // Without either, Node would announce a body in chunks for these.
  else if (MAY_HAVE_BODY.has(request.method ?? '')) headers.push('Content-Length', '0');
  if (awaitsContinue) headers.push('Expect', '100-continue');
  return headers;
}

const MAY_HAVE_BODY = new Set(['POST', 'PUT', 'PATCH']);
