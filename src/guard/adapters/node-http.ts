import type { IncomingMessage, ServerResponse } from 'node:http';
import { newRequestId } from '../../kernel/ids.js';
import { problemHeaders, toProblem } from '../../kernel/problem.js';
import type { Allow, Guard } from '../guard.js';
import type { Policy } from '../policy.js';
import { factsOf } from './facts.js';

/**
 * The guard in front of a bare `node:http` server. A refused request is answered here, in the one error shape.
 * @returns the verdict when the request may go on, else `null`
 */
export async function guardNodeHttp(
  guard: Guard,
  policy: Policy,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Allow | null> {
  const requestId = newRequestId();
  const facts = factsOf(request, 'tcp', requestId, null);
  await guard.prepare(facts, policy);
  const verdict = guard.decide(facts, policy);
  if (verdict.allow) return verdict;
  const body = JSON.stringify(toProblem(verdict.error, requestId));
  // The body of a refused request is not read, so the connection cannot be used again. `request.complete` does not
  // tell: while the head is being handled it is false for requests without a body, too.
  const { 'transfer-encoding': coding, 'content-length': length } = request.headers;
  if (coding !== undefined || Number(length ?? 0) > 0) response.shouldKeepAlive = false;
  response.writeHead(verdict.error.status, problemHeaders(verdict.error, requestId));
  response.end(request.method === 'HEAD' ? undefined : body);
  return null;
}
