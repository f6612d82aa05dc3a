import { rateLimit, type Store } from 'express-rate-limit';
import type { RateLimit } from '../../contract/fields.js';
import { addressBucket } from '../../kernel/addresses.js';
import type { Clock } from '../../kernel/clock.js';
import { GatehouseError } from '../../kernel/errors.js';
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
    keyGenerator: (_request, response) => addressBucket(callerOf(response).address),
    handler: (_request, _response, next) => {
      next(
        new GatehouseError('RATE_LIMITED', `At most ${LIMIT.requests} such requests a minute.`, {
          retryAfterSeconds: LIMIT.windowSeconds,
        }),
      );
    },
  });
}

function storeOn(windows: RateWindows, clock: Clock): Store {
  const windowOf = (key: string) => windows.window(`u:${key}`, LIMIT.windowSeconds * 1000, clock.nowMs());
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
