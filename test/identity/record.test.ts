import { describe, expect, test } from 'vitest';
import { endOf, KeyRecord, statusOf, withoutOldTombstones, withoutSurplus } from '../../src/identity/keys/record.js';
import { DAY, SECOND } from '../support/clock.js';
import { at, keyRecord, NOW, secretFor } from './records.js';

describe('status', () => {
  test.each([
    ['active', keyRecord()],
    ['active', keyRecord({ expiresAt: at(1) })],
    ['expired', keyRecord({ expiresAt: at(0) })],
    ['expired', keyRecord({ expiresAt: at(-1) })],
    ['revoked', keyRecord({ revokedAt: at(-1) })],
    ['revoked', keyRecord({ revokedAt: at(-1), expiresAt: at(-1) })],
    ['expiring', keyRecord({ secrets: [secretFor('old', { expiresAt: at(1) }), secretFor('new')] })],
    ['active', keyRecord({ secrets: [secretFor('old', { expiresAt: at(0) }), secretFor('new')] })],
    ['expired', keyRecord({ expiresAt: at(0), secrets: [secretFor('old', { expiresAt: at(1) }), secretFor('new')] })],
  ])('%s', (status, record) => {
    expect(statusOf(record, NOW)).toBe(status);
  });
});

test.each([
  [null, null, null],
  [5, null, 5],
  [null, 5, 5],
  [5, 9, 5],
  [9, 5, 5],
])('K4: a key that ends at %s and a secret that ends at %s: the secret works until %s', (key, secret, end) => {
  const time = (ms: number | null) => (ms === null ? null : at(ms));
  const record = keyRecord({ expiresAt: time(key), secrets: [secretFor('value', { expiresAt: time(secret) })] });
  expect(endOf(record, record.secrets[0] ?? secretFor(''))).toBe(end === null ? null : NOW + end);
});

describe('tombstones', () => {
  const old = -90 * DAY;

  test.each([
    ['a living key stays', keyRecord(), 'same'],
    ['one revoked 90 days ago goes', keyRecord({ revokedAt: at(old) }), 'gone'],
    ['one revoked a second later stays', keyRecord({ revokedAt: at(old + SECOND) }), 'same'],
    ['one that expired 90 days ago goes', keyRecord({ expiresAt: at(old) }), 'gone'],
    ['one that expired a second later stays', keyRecord({ expiresAt: at(old + SECOND) }), 'same'],
    ['K5: an adopted one never goes', keyRecord({ revokedAt: at(10 * old), origin: 'adopted' }), 'same'],
  ])('%s', (_what, record, expected) => {
    const left = withoutOldTombstones(record, NOW);
    expect(left === record ? 'same' : left).toEqual(expected === 'gone' ? null : expected);
  });

  test('old secrets of a living key go, the others stay', () => {
    const secrets = [secretFor('a', { expiresAt: at(old) }), secretFor('b', { expiresAt: at(-DAY) }), secretFor('c')];
    expect(withoutOldTombstones(keyRecord({ secrets }), NOW)?.secrets).toEqual(secrets.slice(1));
  });

  test('K5: what the environment lists never goes: without its tombstone it would live again', () => {
    const listed = new Set([secretFor('value').digest]);
    const revoked = keyRecord({ revokedAt: at(old) });
    expect(withoutOldTombstones(revoked, NOW, listed)).toBe(revoked);
    const rotated = keyRecord({ secrets: [secretFor('value', { expiresAt: at(old) }), secretFor('new')] });
    expect(withoutOldTombstones(rotated, NOW, listed)).toBe(rotated);
  });
});

describe('a record edited by hand', () => {
  test.each<[string, object]>([
    ['an address list with a bad entry', { allowedIps: ['10.0.0.0/8', 'localhost'] }],
    ['an unknown field', { isAdmin: true }],
    ['an unknown type', { type: 'root' }],
    ['another digest scheme', { secrets: [{ ...secretFor('x'), digest: `md5:${'a'.repeat(43)}` }] }],
    ['a digest with padding', { secrets: [{ ...secretFor('x'), digest: `${secretFor('x').digest}=` }] }],
    ['no secret', { secrets: [] }],
    ['an expiry that is no time', { expiresAt: 'tomorrow' }],
    ['an expiry that is no day', { expiresAt: '2026-02-30T00:00:00Z' }],
    ['a limit of zero', { rateLimit: { requests: 0, windowSeconds: 60 } }],
    ['an id of another kind', { id: 'svc_0000000000000000000000' }],
  ])('with %s is refused', (_what, over) => {
    expect(KeyRecord.safeParse({ ...keyRecord(), ...over }).success).toBe(false);
  });

  test('that is whole is taken as it stands', () => {
    const record = keyRecord({ allowedIps: ['10.0.0.0/8', '2001:db8::1'], expiresAt: '2027-01-01T00:00:00+01:00' });
    expect(KeyRecord.parse(record)).toEqual(record);
  });
});

describe('ended secrets', () => {
  const secrets = Array.from({ length: 30 }, (_, n) => secretFor(`old ${n}`, { expiresAt: at(n - 40) }));

  test('beyond the newest twenty are forgotten when a key is rotated', () => {
    const live = secretFor('live', { expiresAt: at(1000) });
    const left = withoutSurplus(keyRecord(), [...secrets, live], NOW, new Set());
    expect(left).toEqual([...secrets.slice(10), live]);
  });

  test('K5: stay while the environment lists them, and the adopted value of an adopted record', () => {
    const listed = new Set([secrets[0]?.digest ?? '']);
    expect(withoutSurplus(keyRecord(), secrets, NOW, listed)).toEqual([secrets[0], ...secrets.slice(10)]);
    const adopted = keyRecord({ origin: 'adopted', secrets });
    expect(withoutSurplus(adopted, secrets, NOW, new Set())).toEqual([secrets[0], ...secrets.slice(10)]);
  });
});
