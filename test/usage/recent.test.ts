import { expect, test } from 'vitest';
import { REQUESTS_KEPT, REQUESTS_KEPT_PER_KEY } from '../../src/contract/requests.js';
import { ANONYMOUS, LOCAL, type Principal } from '../../src/kernel/principal.js';
import { AddressTally } from '../../src/usage/addresses.js';
import { RecentRequests, type Seen } from '../../src/usage/recent.js';
import { memoryHeld } from '../support/garbage.js';

const HOUR = 3_600_000;

const key = (id: string): Principal => ({
  ...ANONYMOUS,
  kind: 'api_key',
  id,
  keyId: id,
  organizationId: 'org_default',
});
const as = (n: number) => ({ requestId: `req_${n}`, method: 'GET', status: 200, address: '10.0.0.5', secret: null });

/** Copies: slots are written to again. */
const idsOf = (seen: Iterable<Seen>) => [...seen].map(({ requestId }) => requestId);

test('the newest are kept, and a busy key pushes no quiet one out', () => {
  const recent = new RecentRequests();
  recent.record(key('key_quiet'), 'ask', 'ALLOWED', 1, as(0), 0);
  for (let n = 1; n <= REQUESTS_KEPT + 500; n += 1) recent.record(key('key_busy'), 'ask', 'ALLOWED', 1, as(n), n);
  const all = idsOf(recent.newestFirst());
  expect(all).toHaveLength(REQUESTS_KEPT);
  expect(all[0]).toBe(`req_${REQUESTS_KEPT + 500}`);
  expect(all.at(-1)).toBe('req_501');
  expect(idsOf(recent.newestFirst('key_quiet'))).toEqual(['req_0']);
});

test('what a key sent is there once, also where both lists have it', () => {
  const recent = new RecentRequests();
  for (let n = 1; n <= REQUESTS_KEPT_PER_KEY + 5; n += 1) recent.record(key('key_1'), 'ask', 'ALLOWED', 1, as(n), n);
  const own = idsOf(recent.newestFirst('key_1'));
  expect(own).toHaveLength(REQUESTS_KEPT_PER_KEY + 5);
  expect(own[0]).toBe(`req_${REQUESTS_KEPT_PER_KEY + 5}`);
});

test('memory is bounded, whoever calls and however often', () => {
  const before = memoryHeld().heapUsed;
  const recent = new RecentRequests();
  for (let n = 0; n < 200_000; n += 1)
    recent.record(key(`key_${String(n % 4000).padStart(22, '0')}`), 'upstream default', 'ALLOWED', 0.7, as(n), n);
  expect(idsOf(recent.newestFirst())).toHaveLength(REQUESTS_KEPT);
  expect(memoryHeld().heapUsed - before).toBeLessThan(15_000_000);
});

test('a first use is told once, and a watched key each time, until nobody watches', () => {
  const recent = new RecentRequests();
  const told: [string, boolean][] = [];
  recent.onRequest = ({ requestId }, isFirst) => told.push([requestId, isFirst]);
  recent.expectFirst('key_1');
  recent.record(key('key_2'), 'ask', 'ALLOWED', 1, as(1), 0);
  recent.record(key('key_1'), 'ask', 'FORBIDDEN', 1, as(2), 0);
  recent.record(key('key_1'), 'ask', 'ALLOWED', 1, as(3), 0);
  const stop = recent.watch('key_1');
  recent.record(key('key_1'), 'ask', 'ALLOWED', 1, as(4), 0);
  stop();
  recent.record(key('key_1'), 'ask', 'ALLOWED', 1, as(5), 0);
  expect(told).toEqual([
    ['req_2', true],
    ['req_4', false],
  ]);
});

test('the owner of the files is not listed for what was let in', () => {
  const recent = new RecentRequests();
  recent.record(LOCAL, 'listKeys', 'ALLOWED', 1, as(1), 0);
  recent.record(LOCAL, 'showKey', 'NOT_FOUND', 1, as(2), 0);
  recent.record(null, 'listKeys', 'UNAUTHORIZED', 1, as(3), 0);
  expect(idsOf(recent.newestFirst())).toEqual(['req_3', 'req_2']);
});

test('addresses are counted for 24 hours, and forgotten by the hour', () => {
  const tally = new AddressTally();
  const counted = (nowMs: number) =>
    Object.fromEntries([...tally.since(0, nowMs)].map(([a, { requests }]) => [a, requests]));
  tally.count('10.0.0.5', 0);
  tally.count('10.0.0.5', 23 * HOUR);
  tally.count('10.0.0.6', 23 * HOUR);
  expect(counted(23 * HOUR)).toEqual({ '10.0.0.5': 2, '10.0.0.6': 1 });
  expect(counted(24 * HOUR)).toEqual({ '10.0.0.5': 1, '10.0.0.6': 1 });
  tally.count('10.0.0.5', 90 * HOUR);
  expect(counted(90 * HOUR)['10.0.0.5']).toBe(1);
  expect([...tally.since(89 * HOUR, 90 * HOUR)].map(([address]) => address)).toEqual(['10.0.0.5']);
});

test('a flood from many addresses costs the quiet ones first and no more memory', () => {
  const tally = new AddressTally();
  for (let n = 0; n < 20_000; n += 1) {
    tally.count(`10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`, n);
    if (n % 100 === 0) tally.count('192.0.2.7', n);
  }
  const all = new Map(tally.since(0, 20_000));
  expect(all.size).toBeLessThanOrEqual(2000);
  expect(all.get('192.0.2.7')?.requests).toBe(200);
});
