import type { IncomingMessage } from 'node:http';
import { HEADER } from '../../contract/headers.js';
import type { NamedIds } from '../../kernel/principal.js';
import { readHeaders } from '../credential.js';
import type { Allow, RequestFacts } from '../guard.js';
import { rateLimitHeader, rateLimitPolicyHeader } from '../rate-limit.js';

/** Reads the facts of a request off Node's own message, so that Express and bare servers decide alike. */
export function factsOf(
  request: IncomingMessage,
  door: RequestFacts['door'],
  requestId: string,
  inPath: NamedIds | null,
): RequestFacts {
  const workspaceId = inPath?.workspaceId;
  const organizationId = inPath?.organizationId ?? organizationInQuery(request.url ?? '');
  return {
    door,
    peerAddress: request.socket.remoteAddress,
    rawHeaders: request.rawHeaders,
    headers: readHeaders(request.rawHeaders),
    method: request.method ?? 'GET',
    requestId,
    named: workspaceId === undefined && organizationId === undefined ? null : { workspaceId, organizationId },
  };
}

/** What is left of the caller's limit, as header name and value pairs; empty when the request was not counted. */
export function rateHeaders(verdict: Allow): readonly string[] {
  if (verdict.rate === null) return [];
  return [
    HEADER.rateLimit,
    rateLimitHeader(verdict.rate),
    HEADER.rateLimitPolicy,
    rateLimitPolicyHeader(verdict.rate.limit),
  ];
}

/** Named twice, the values are taken as one name that no organization has: which one would be judged and which one used? */
export function organizationInQuery(url: string): string | undefined {
  const mark = url.indexOf('?');
  // Most requests name none and pay for two searches only. `%`: the name itself may be written in escapes.
  if (mark < 0 || !(url.includes('rganization', mark) || url.includes('%', mark))) return undefined;
  const named = new URLSearchParams(url.slice(mark + 1)).getAll('organizationId');
  return named.length === 0 ? undefined : named.join(',');
}
