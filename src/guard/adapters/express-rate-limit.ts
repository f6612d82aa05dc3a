import type { Response } from 'express';
import { rateLimit, type Store } from 'express-rate-limit';
import type { RateLimit } from '../../contract/fields.js';
import { addressBucket } from '../../kernel/addresses.js';
import type { Clock } from '../../kernel/clock.js';
import { overLimit } from '../denial.js';
import { countHit, type RateWindows, rateState } from '../rate-limit.js';
import { callerOf } from './express.js';

/** Calls to paths without a principal (start page, unknown paths) from one address. */
const LIMIT: RateLimit = { requests: 600, windowSeconds: 60 };

/** Bounds what has no principal, by address, on the counter that the guard uses too. */
export function limitUnguarded(windows: RateWindows, clock: Clock) {
  return rateLimit({
    limit: LIMIT.requests,
    windowMs: LIMIT.windowSeconds * 1000,
    standardHeaders: false,
    legacyHeaders: false,
    store: storeOn(windows, clock),
    keyGenerator: (_request, response) => counterOf(response),
    handler: (_request, response, next) => {
      const window = windows.window(counterOf(response), LIMIT.windowSeconds * 1000, clock.nowMs());
      next(overLimit(rateState(window, LIMIT, clock.nowMs())));
    },
  });
}

function counterOf(response: Response): string {
  return `u:${addressBucket(callerOf(response).address)}`;
}

function storeOn(windows: RateWindows, clock: Clock): Store {
  const windowOf = (key: string) => windows.window(key, LIMIT.windowSeconds * 1000, clock.nowMs());
  return {
    localKeys: false,
    increment(key) {
      const window = windowOf(key);
      const within = countHit(window, LIMIT, clock.nowMs());
      const { resetSeconds } = rateState(window, LIMIT, clock.nowMs());
      return {
        totalHits: within ? window.count : LIMIT.requests + 1,
        resetTime: new Date(clock.nowMs() + resetSeconds * 1000),
      };
    },
    decrement(key) {
      windowOf(key).count -= 1;
    },
    resetKey(key) {
      windowOf(key).count = 0;
    },
  };
}
