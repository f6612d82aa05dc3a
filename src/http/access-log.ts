import type { RequestHandler } from 'express';
import type { Logger } from '../kernel/logger.js';
import { requestIdOf } from './request-id.js';

const PROBES = new Set(['healthz', 'readyz']);

/** One line for each answered request. The route's name, never its URL: a query may hold anything. */
export function logAccess(log: Logger): RequestHandler {
  return (request, response, next) => {
    const startedMs = performance.now();
    response.once('close', () => {
      const route = routeOf(response.locals);
      // Health checks come every few seconds for ever.
      const level = PROBES.has(route) && response.statusCode < 400 ? 'debug' : 'info';
      log[level]('request', {
        requestId: requestIdOf(response),
        method: request.method,
        route,
        status: response.statusCode,
        durationMs: Math.round((performance.now() - startedMs) * 10) / 10,
        ...(response.writableFinished ? {} : { aborted: true }),
      });
    });
    next();
  };
}

/** Names the route for the log line of this request. */
export function nameRoute(locals: Record<string, unknown>, route: string): void {
  locals['route'] = route;
}

function routeOf(locals: Record<string, unknown>): string {
  return typeof locals['route'] === 'string' ? locals['route'] : 'none';
}
