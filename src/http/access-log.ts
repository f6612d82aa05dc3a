import type { RequestHandler, Response } from 'express';
import type { ErrorCode, Outcome } from '../contract/codes.js';
import { HEADER } from '../contract/headers.js';
import { type Judged, judgedAs } from '../guard/adapters/express.js';
import type { Logger } from '../kernel/logger.js';
import type { Principal } from '../kernel/principal.js';
import { requestIdOf } from './request-id.js';

const PROBES = new Set(['healthz', 'readyz']);

/** Counts requests; `usage` fits it. */
export interface RequestCounts {
  record(
    principal: Principal | null,
    route: string,
    outcome: Outcome,
    durationMs: number,
    as: Omit<Judged, 'principal'> & {
      readonly requestId: string;
      readonly method: string;
      readonly status: number;
    },
  ): void;
}

/**
 * One line and one count for each answered request. The route's name, never its URL: a query may hold anything.
 * Health checks, which come every few seconds for ever, are neither counted nor told unless they fail; preflight,
 * which nobody judges, is not counted.
 */
export function logAccess(
  log: Logger,
  counts: RequestCounts,
  forwarders: { note(peerAddress: string | undefined): void },
): RequestHandler {
  return (request, response, next) => {
    const { headers } = request;
    if (headers[HEADER.forwardedFor] !== undefined || headers[HEADER.realIp] !== undefined)
      forwarders.note(request.socket.remoteAddress);
    const startedMs = performance.now();
    response.once('close', () => {
      const route = routeOf(response);
      const durationMs = performance.now() - startedMs;
      const judged = judgedAs(response);
      const outcome = outcomeOf(response);
      const isProbe = PROBES.has(route);
      const requestId = requestIdOf(response);
      const { method } = request;
      const status = response.statusCode;
      if (!isProbe && (judged !== undefined || outcome !== 'ALLOWED')) {
        const as = { requestId, method, status, address: judged?.address ?? null, secret: judged?.secret ?? null };
        counts.record(judged?.principal ?? null, route, outcome, durationMs, as);
      }
      log[isProbe && status < 400 ? 'debug' : 'info']('request', {
        requestId,
        method,
        route,
        status,
        durationMs: Math.round(durationMs * 10) / 10,
        ...(response.writableFinished ? {} : { aborted: true }),
      });
    });
    next();
  };
}

/** Names the route for the log line of this request. */
export function nameRoute(response: Response, route: string): void {
  response.locals['route'] = route;
}

/** Names the code that this request is answered with. */
export function nameRefusal(response: Response, code: ErrorCode): void {
  response.locals['refusal'] = code;
}

function routeOf({ locals }: Response): string {
  return typeof locals['route'] === 'string' ? locals['route'] : 'none';
}

function outcomeOf({ locals }: Response): Outcome {
  return (locals['refusal'] as ErrorCode | undefined) ?? 'ALLOWED';
}
