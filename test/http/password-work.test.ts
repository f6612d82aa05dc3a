import { afterAll, beforeAll, expect, test } from 'vitest';
import { MINUTE } from '../support/clock.js';
import { type RunningGatehouse, startGatehouse } from '../support/gatehouse.js';
import { ADMIN_EMAIL, OTHER_PASSWORD, PASSWORD, setUp } from '../support/people.js';

let gate: RunningGatehouse;
beforeAll(async () => {
  gate = await startGatehouse({ API_RATE_LIMIT: 'off', SIGNUP: 'open', TRUST_PROXY: 'loopback' });
  await setUp(gate);
});
afterAll(() => gate[Symbol.asyncDispose]());

const median = (values: number[]) => values.toSorted((left, right) => left - right)[values.length >> 1] ?? 0;

/** Interleaved, so that a machine that is busy for a moment slows both. @returns the ratio of the medians, known to unknown */
async function compare(path: string, known: () => object, unknown: () => object, rounds: number): Promise<number> {
  const times: { known: number[]; unknown: number[] } = { known: [], unknown: [] };
  for (let round = 0; round < rounds; round += 1) {
    // Nobody is throttled here.
    gate.clock.advance(60 * MINUTE);
    for (const kind of round % 2 === 0 ? (['known', 'unknown'] as const) : (['unknown', 'known'] as const)) {
      const started = performance.now();
      await gate.call(path, { body: kind === 'known' ? known() : unknown() });
      if (round >= 5) times[kind].push(performance.now() - started);
    }
  }
  return median(times.known) / median(times.unknown);
}

let strangers = 0;
const stranger = () => `stranger-${++strangers}@example.com`;

// A machine that others use wobbles by a few per cent; skipping one hash would halve the time.
const ALIKE = 0.25;

test('A4: a login takes as long for an unknown account as for a wrong password', {
  timeout: 120_000,
  retry: 2,
}, async () => {
  const ratio = await compare(
    '/api/auth/login',
    () => ({ email: ADMIN_EMAIL, password: OTHER_PASSWORD }),
    () => ({ email: stranger(), password: OTHER_PASSWORD }),
    45,
  );
  expect(Math.abs(ratio - 1), `known / unknown = ${ratio}`).toBeLessThan(ALIKE);
});

test('A4: asking for a reset link takes as long whether there is an account', {
  timeout: 120_000,
  retry: 2,
}, async () => {
  const ratio = await compare(
    '/api/auth/password/forgot',
    () => ({ email: ADMIN_EMAIL }),
    () => ({ email: stranger() }),
    65,
  );
  expect(Math.abs(ratio - 1), `known / unknown = ${ratio}`).toBeLessThan(ALIKE);
});

test('A4: signing up takes as long for an address that has an account', { timeout: 120_000, retry: 2 }, async () => {
  const ratio = await compare(
    '/api/auth/signup',
    () => ({ email: ADMIN_EMAIL, password: OTHER_PASSWORD }),
    () => ({ email: stranger(), password: OTHER_PASSWORD }),
    45,
  );
  expect(Math.abs(ratio - 1), `known / unknown = ${ratio}`).toBeLessThan(ALIKE);
});

test('A4: fifty logins at once do not keep a guarded request waiting, and all are answered', {
  timeout: 60_000,
  retry: 2,
}, async () => {
  const { token } = await gate.createKey({ scopes: ['*'] });
  const whoami = async () => {
    const started = performance.now();
    expect((await gate.call('/api/auth/whoami', { key: token })).status).toBe(200);
    return performance.now() - started;
  };
  for (let count = 0; count < 20; count += 1) await whoami();
  gate.clock.advance(60 * MINUTE);
  let running = true;
  // From fifty places for fifty accounts, so that none is throttled and each is compared.
  const login = (index: number) =>
    gate.call('/api/auth/login', {
      body: { email: index === 0 ? ADMIN_EMAIL : stranger(), password: PASSWORD },
      headers: { 'x-forwarded-for': `198.51.100.${index}` },
    });
  const logins = Promise.all(Array.from({ length: 50 }, (_, index) => login(index))).finally(() => {
    running = false;
  });
  const waits: number[] = [];
  while (running) waits.push(await whoami());
  expect((await logins).map(({ status }) => status)).toEqual([200, ...Array(49).fill(401)]);
  expect(waits.length).toBeGreaterThan(5);
  expect(median(waits)).toBeLessThan(50);
});
