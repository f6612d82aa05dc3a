import cors from 'cors';
import type { RequestHandler } from 'express';
import { HEADER } from '../contract/headers.js';

/** How long a browser may remember the answer to a preflight. */
const PREFLIGHT_SECONDS = 600;

/**
 * Lets browser apps on the listed origins call with a credential in a header. Preflight is answered here, before the
 * guard, since browsers send no credential with it. Cookies never cross: `Access-Control-Allow-Credentials` is not sent.
 * @param origins - exact, as browsers send them; none: nobody's
 */
export function allowOrigins(origins: readonly string[]): RequestHandler {
  const allowed = new Set(origins);
  const answer = cors({
    origin: (origin, decide) => decide(null, origin !== undefined && allowed.has(origin)),
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: ['Authorization', 'Content-Type', HEADER.apiKey],
    // What scripts may read of an answer, beside its body.
    exposedHeaders: [
      HEADER.requestId,
      HEADER.rateLimit,
      HEADER.rateLimitPolicy,
      HEADER.retryAfter,
      HEADER.wwwAuthenticate,
    ],
    maxAge: PREFLIGHT_SECONDS,
    optionsSuccessStatus: 204,
  });
  return (request, response, next) => {
    // A shared cache must not hand the copy of one origin, or of none, to another.
    if (allowed.size > 0) response.vary('Origin');
    answer(request, response, next);
  };
}
