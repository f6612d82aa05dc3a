import type { Request, RequestHandler, Response } from 'express';
import { rateLimit, type Store } from 'express-rate-limit';
import type { RateLimit } from '../../contract/fields.js';
import type { Throttle } from '../../contract/route-spec.js';
import { addressBucket } from '../../kernel/addresses.js';
import type { Clock } from '../../kernel/clock.js';
import { sha256 } from '../../kernel/digest.js';
import { parseEmail } from '../../kernel/email.js';
import { overLimit } from '../denial.js';
import { countHit, type RateWindows, rateState } from '../rate-limit.js';
import { callerOf } from './express.js';

/** Calls to paths without a principal (start page, unknown paths) from one address. */
const LIMIT: RateLimit = { requests: 600, windowSeconds: 60 };

/** Bounds what has no principal, by address, on the counter that the guard uses too. */
export function limitUnguarded(windows: RateWindows, clock: Clock): RequestHandler {
  return limiter(windows, clock, LIMIT, false, (_request, response) => `u:${bucketOf(response)}`);
}

/**
 * Bounds how often a route may be tried, on the same counter. What counts by the body goes behind the body parser.
 * @param id - names the route in counters
 * @param index - tells the throttles of a route apart
 */
export function throttleRoute(
  windows: RateWindows,
  clock: Clock,
  id: string,
  throttle: Throttle,
  index: number,
): RequestHandler {
  const counter = throttle.counter ?? `${id}:${index}`;
  return limiter(windows, clock, throttle, throttle.failuresOnly, (request, response) => {
    if (throttle.when !== undefined && !holds(request.body, throttle.when)) return null;
    const who = subjectOf(throttle.by, request, response);
    return who === null ? null : `t:${counter}:${who}`;
  });
}

/** @param counterOf - `null`: this request is not counted */
function limiter(
  windows: RateWindows,
  clock: Clock,
  limit: RateLimit,
  failuresOnly: boolean,
  counterOf: (request: Request, response: Response) => string | null,
): RequestHandler {
  return rateLimit({
    limit: limit.requests,
    windowMs: limit.windowSeconds * 1000,
    standardHeaders: false,
    legacyHeaders: false,
    skipSuccessfulRequests: failuresOnly,
    store: storeOn(windows, clock, limit),
    skip: (request, response) => counterOf(request, response) === null,
    keyGenerator: (request, response) => counterOf(request, response) ?? '',
    handler: (request, response, next) => {
      const window = windows.window(counterOf(request, response) ?? '', limit.windowSeconds * 1000, clock.nowMs());
      next(overLimit(rateState(window, limit, clock.nowMs())));
    },
  });
}

function subjectOf(by: Throttle['by'], { body }: Request, response: Response): string | null {
  if (by === 'address') return bucketOf(response);
  if (by === 'caller') return callerOf(response).principal.id;
  const { email, token } = (body ?? {}) as Record<string, unknown>;
  // Counted by its one spelling, or each spelling would have a count of its own; by digest, so that no file lists them.
  if (typeof email === 'string') return digestOf(spelling(email));
  return typeof token === 'string' ? digestOf(token) : null;
}

function spelling(email: string): string {
  try {
    return parseEmail(email).key;
  } catch {
    // Refused behind this, by its schema.
    return email;
  }
}

function digestOf(text: string): string {
  return sha256(text).slice(0, 22);
}

function holds(body: unknown, field: string): boolean {
  return (body as Record<string, unknown> | undefined)?.[field] !== undefined;
}

function bucketOf(response: Response): string {
  return addressBucket(callerOf(response).address);
}

function storeOn(windows: RateWindows, clock: Clock, limit: RateLimit): Store {
  const windowOf = (key: string) => windows.window(key, limit.windowSeconds * 1000, clock.nowMs());
  return {
    localKeys: false,
    increment(key) {
      const window = windowOf(key);
      const within = countHit(window, limit, clock.nowMs());
      // The library would hold a time against the machine's own clock; its headers, which show one, are off.
      return { totalHits: within ? window.count : limit.requests + 1, resetTime: undefined };
    },
    decrement(key) {
      const window = windowOf(key);
      // The window may have begun anew since.
      window.count = Math.max(0, window.count - 1);
    },
    resetKey(key) {
      windowOf(key).count = 0;
    },
  };
}
