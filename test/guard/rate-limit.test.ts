import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RateLimit } from '../../src/contract/fields.js';
import { FAILURES } from '../../src/guard/guard.js';
import { countHit, isSpent, rateLimitHeader, rateLimitPolicyHeader, rateState } from '../../src/guard/rate-limit.js';
import { MINUTE, SECOND } from '../support/clock.js';
import { facts, Gate, KEY, keyMatch, policy, principal, rateShown, shown } from './gate.js';

const HOURLY: RateLimit = { requests: 3, windowSeconds: 3600 };

describe('G4: a fixed window', () => {
  test('lets exactly N through, then none until it ends', () => {
    const window = { startMs: 0, count: 0 };
    expect([1, 2, 3, 4, 5].map((at) => countHit(window, HOURLY, at))).toEqual([true, true, true, false, false]);
    expect(countHit(window, HOURLY, 3_599_999)).toBe(false);
    expect(countHit(window, HOURLY, 3_600_000)).toBe(true);
    expect(window).toEqual({ startMs: 3_600_000, count: 1 });
  });

  test('a steady client below its limit is never locked out', () => {
    const window = { startMs: 0, count: 0 };
    for (let at = 0; at < 100 * 3_600_000; at += 1_200_001) expect(countHit(window, HOURLY, at)).toBe(true);
  });

  test('a clock that was set back neither frees a spent client nor locks it for longer', () => {
    const window = { startMs: 10_000_000, count: 3 };
    expect(countHit(window, HOURLY, 5_000_000)).toBe(false);
    expect(rateState(window, HOURLY, 5_000_000).resetSeconds).toBe(3600);
    expect(countHit(window, HOURLY, 5_000_000 + 3_600_000)).toBe(true);
  });

  test('whatever the times, no window lets more than its limit through', () => {
    const steps = fc.array(fc.integer({ min: -5_000_000, max: 5_000_000 }), { maxLength: 60 });
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 5 }), (moves, requests) => {
        const window = { startMs: 0, count: 0 };
        let now = 0;
        let passedSinceStart = 0;
        let start = 0;
        for (const move of moves) {
          now = Math.max(0, now + move);
          const spent = isSpent(window, { requests, windowSeconds: 3600 }, now);
          const within = countHit(window, { requests, windowSeconds: 3600 }, now);
          expect(within, 'isSpent foretells countHit').toBe(!spent);
          if (window.startMs > start) passedSinceStart = 0;
          start = window.startMs;
          if (within) passedSinceStart += 1;
          expect(window.count).toBeLessThanOrEqual(requests);
          expect(passedSinceStart).toBeLessThanOrEqual(requests);
        }
      }),
    );
  });

  test('asking whether a limit is spent changes nothing', () => {
    const window = Object.freeze({ startMs: 0, count: 3 });
    expect(isSpent(window, HOURLY, 1)).toBe(true);
    expect(isSpent(window, HOURLY, 3_600_000)).toBe(false);
    expect(isSpent(undefined, HOURLY, 0)).toBe(false);
  });
});

describe('G4: the headers', () => {
  test.each([
    [{ requests: 100, windowSeconds: 3600 }, '"hour";q=100;w=3600'],
    [{ requests: 60, windowSeconds: 60 }, '"minute";q=60;w=60'],
    [{ requests: 5, windowSeconds: 1 }, '"second";q=5;w=1'],
    [{ requests: 9, windowSeconds: 86_400 }, '"day";q=9;w=86400'],
    [{ requests: 9, windowSeconds: 90 }, '"window";q=9;w=90'],
  ])('%j', (limit, expected) => {
    expect(rateLimitPolicyHeader(limit)).toBe(expected);
  });

  test('say what is left and in how many seconds it is new, never less than one', () => {
    const state = (count: number, nowMs: number) => rateLimitHeader(rateState({ startMs: 0, count }, HOURLY, nowMs));
    expect(state(1, 0)).toBe('"hour";r=2;t=3600');
    expect(state(3, 1)).toBe('"hour";r=0;t=3600');
    expect(state(7, 3_599_999)).toBe('"hour";r=0;t=1');
  });
});

describe('G4: whose count', () => {
  const gate = (rateLimit: RateLimit | null = null, limit: RateLimit | null = HOURLY) =>
    new Gate({ keys: { [KEY]: keyMatch({ principal: principal({ rateLimit }) }) }, limit });

  test('a refusal carries Retry-After, RateLimit and RateLimit-Policy', () => {
    const run = gate();
    expect([1, 2, 3].map(() => rateShown(run.decide()))).toEqual([
      '"hour";r=2;t=3600',
      '"hour";r=1;t=3600',
      '"hour";r=0;t=3600',
    ]);
    run.clock.advance(10 * MINUTE + 1);
    expect(run.decide()).toMatchObject({
      allow: false,
      step: 'rate',
      error: {
        code: 'RATE_LIMITED',
        retryAfterSeconds: 3000,
        headers: { RateLimit: '"hour";r=0;t=3000', 'RateLimit-Policy': '"hour";q=3;w=3600' },
      },
    });
  });

  test('the key’s own limit beats the route’s and the instance’s, whether it is lower or higher', () => {
    const route = policy({ rateLimit: { requests: 2, windowSeconds: 60 } });
    const until429 = (run: Gate, at = policy()) => {
      for (let count = 0; ; count += 1) if (!run.decide(facts({ key: KEY }), at).allow) return count;
    };
    expect(until429(gate({ requests: 1, windowSeconds: 60 }), route)).toBe(1);
    expect(until429(gate({ requests: 9, windowSeconds: 60 }), route)).toBe(9);
    expect(until429(gate(), route)).toBe(2);
    expect(until429(gate())).toBe(3);
  });

  test('a route’s own limit is a count of its own', () => {
    const run = gate();
    const route = policy({ rateLimit: { requests: 1, windowSeconds: 60 } });
    expect(shown(run.decide(facts({ key: KEY }), route))).toBe('allow key_one');
    expect(shown(run.decide(facts({ key: KEY }), route))).toBe('rate RATE_LIMITED');
    expect(rateShown(run.decide())).toBe('"hour";r=2;t=3600');
  });

  test('one key’s requests count for it alone, from whichever address and slot', () => {
    const run = new Gate({
      keys: { [KEY]: keyMatch(), other: keyMatch({ principal: principal({ id: 'key_two' }) }) },
      limit: HOURLY,
    });
    run.decide(facts({ key: KEY, peerAddress: '192.0.2.1' }));
    run.decide(facts({ key: KEY, peerAddress: '192.0.2.2' }));
    run.decide(facts({ rawHeaders: ['Authorization', `Bearer ${KEY}`], peerAddress: '192.0.2.3' }));
    expect(shown(run.decide())).toBe('rate RATE_LIMITED');
    expect(shown(run.decide(facts({ key: 'other' })))).toBe('allow key_two');
  });

  test('anonymous callers count by address, IPv6 by /56', () => {
    const run = gate();
    const open = policy({ authModes: ['public'] });
    const from = (peerAddress: string) => shown(run.decide(facts({ peerAddress }), open));
    for (const tail of ['1', '2', 'ffff:ffff']) expect(from(`2001:db8:0:aa00::${tail}`)).toBe('allow anonymous');
    expect(from('2001:db8:0:aaff::9')).toBe('rate RATE_LIMITED');
    expect(from('2001:db8:0:ab00::9')).toBe('allow anonymous');
    expect(from('::ffff:192.0.2.1')).toBe('allow anonymous');
    expect(run.windows.get('c:192.0.2.1')?.count).toBe(1);
  });

  test('no limit, or a route that is not counted: nothing is counted and nothing is said', () => {
    for (const [run, at] of [
      [gate(null, null), policy()],
      [gate({ requests: 1, windowSeconds: 60 }), policy({ counted: false })],
    ] as const) {
      for (let round = 0; round < 5; round += 1) expect(rateShown(run.decide(facts({ key: KEY }), at))).toBeNull();
      expect(run.windows.size).toBe(0);
    }
  });
});

describe('failed attempts', () => {
  const fail = (gate: Gate, peerAddress: string, key = 'nobody') => shown(gate.decide(facts({ key, peerAddress })));

  test('after 60 in a minute from one address the answer is 429, and a valid key still passes', () => {
    const gate = new Gate();
    for (let round = 0; round < FAILURES.requests; round += 1) {
      expect(fail(gate, '192.0.2.1', `guess-${round}`)).toBe('authenticate UNAUTHORIZED');
    }
    const verdict = gate.decide(facts({ key: 'guess', peerAddress: '192.0.2.1' }));
    expect(verdict).toMatchObject({ allow: false, error: { code: 'RATE_LIMITED', retryAfterSeconds: 60 } });
    expect(gate.refused.at(-1)).toMatchObject({ code: 'RATE_LIMITED', reason: 'too-many-failures' });
    expect(shown(gate.decide(facts({ key: KEY, peerAddress: '192.0.2.1' })))).toBe('allow key_one');
    expect(fail(gate, '192.0.2.2'), 'another address').toBe('authenticate UNAUTHORIZED');
    gate.clock.advance(60 * SECOND);
    expect(fail(gate, '192.0.2.1')).toBe('authenticate UNAUTHORIZED');
  });

  test('IPv6 addresses of one /56 share the bound', () => {
    const gate = new Gate();
    for (let round = 0; round < FAILURES.requests; round += 1)
      fail(gate, `2001:db8:0:${(round % 256).toString(16)}::1`);
    expect(fail(gate, '2001:db8:0:fe::9')).toBe('authenticate RATE_LIMITED');
    expect(fail(gate, '2001:db8:0:100::9')).toBe('authenticate UNAUTHORIZED');
  });

  test('a missing key is no attempt, and failures do not count against the hourly limit', () => {
    const gate = new Gate({ limit: HOURLY });
    for (let round = 0; round < 100; round += 1) expect(shown(gate.decide(facts()))).toBe('authenticate UNAUTHORIZED');
    expect(gate.windows.size).toBe(0);
    fail(gate, '192.0.2.10');
    expect(rateShown(gate.decide())).toBe('"hour";r=2;t=3600');
  });
});
