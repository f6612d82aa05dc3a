import { describe, expect, test } from 'vitest';
import type { RefusedKey } from '../../src/guard/authenticate.js';
import { toIso } from '../../src/kernel/clock.js';
import { facts, Gate, KEY, keyMatch, policy, principal, shown } from './gate.js';

const admin = principal({ kind: 'env_admin', id: 'env:admin', organizationId: null, environment: null, keyId: null });
const client = principal({ kind: 'env_client', id: 'env:client', environment: null, keyId: null });

describe('A2: the file decides first, then the environment', () => {
  test('a value that both know is the key of the file', () => {
    const gate = new Gate({ envKeys: { [KEY]: admin } });
    expect(shown(gate.decide())).toBe('allow key_one');
    expect(gate.touched).toEqual([{ secret: 'sha256:one', address: '192.0.2.10' }]);
  });

  test('a value that only the environment knows is its key, noted under its fingerprint', () => {
    const gate = new Gate({ keys: {}, envKeys: { [KEY]: client } });
    expect(shown(gate.decide())).toBe('allow env:client');
    expect(gate.touched).toEqual([{ secret: 'env:client', address: '192.0.2.10' }]);
  });

  test('K5: a key that the file revoked stays dead though the environment lists it', () => {
    const gate = new Gate({ keys: { [KEY]: keyMatch({ revoked: true }) }, envKeys: { [KEY]: admin } });
    expect(shown(gate.decide())).toBe('authenticate UNAUTHORIZED');
    expect(gate.touched).toEqual([]);
  });

  test('K5: a key that the file let expire stays dead though the environment lists it', () => {
    const gate = new Gate({ keys: { [KEY]: keyMatch({ endsAtMs: 1 }) }, envKeys: { [KEY]: client } });
    expect(shown(gate.decide())).toBe('authenticate UNAUTHORIZED');
  });
});

describe('G1: 401 and the reason', () => {
  const now = new Gate().clock.nowMs();
  const refusals: [string, string | undefined, RefusedKey | 'missing', string][] = [
    ['no key', undefined, 'missing', 'x-api-key'],
    ['an unknown key', 'nobody', 'unknown', 'No such key'],
    ['an empty key', '', 'empty', 'empty'],
    ['a blank inside', 'two words', 'malformed', 'blank'],
    ['a tab', 'a\tb', 'malformed', 'blank'],
    ['a line break', 'a\nb', 'malformed', 'line break'],
    ['a NUL', 'a\0b', 'malformed', 'no key has'],
    ['DEL', 'a\x7f', 'malformed', 'no key has'],
    ['Latin-1', 'clé', 'malformed', 'no key has'],
    ['a no-break space', '\u00a0key', 'malformed', 'no key has'],
    ['over 8 KB', 'k'.repeat(8193), 'malformed', 'longer'],
    ['a revoked key', 'revoked', 'revoked', 'revoked'],
    ['an expired key', 'expired', 'expired', toIso(now - 1)],
    ['a key at the exact millisecond of its end', 'ending', 'expired', toIso(now)],
    ['a revoked key that also expired', 'both', 'revoked', 'revoked'],
  ];
  const keys = {
    revoked: keyMatch({ revoked: true }),
    expired: keyMatch({ endsAtMs: now - 1 }),
    ending: keyMatch({ endsAtMs: now }),
    both: keyMatch({ revoked: true, endsAtMs: now - 1 }),
    living: keyMatch({ endsAtMs: now + 1 }),
  };

  test.each(refusals)('%s', (_what, key, reason, words) => {
    const gate = new Gate({ keys });
    const verdict = gate.decide(key === undefined ? facts() : facts({ key }));
    expect(verdict).toMatchObject({ allow: false, step: 'authenticate', error: { code: 'UNAUTHORIZED' } });
    if (verdict.allow) return;
    expect(verdict.error.detail).toContain(words);
    expect(verdict.error.headers['WWW-Authenticate']).toBe(
      // RFC 6750 §3.1: no error code where no credential was sent.
      reason === 'missing' ? 'Bearer realm="gatehouse"' : 'Bearer realm="gatehouse", error="invalid_token"',
    );
    expect(gate.refused).toEqual([
      {
        code: 'UNAUTHORIZED',
        organizationId: ['revoked', 'expired'].includes(reason) ? 'org_default' : null,
        reason,
        // Whose key it was is for the audit: who still uses a revoked one?
        actor: reason === 'revoked' || reason === 'expired' ? 'key_one' : 'unknown',
        address: '192.0.2.10',
        requestId: 'req_test',
        method: 'GET',
        route: 'testRoute',
      },
    ]);
    expect(gate.touched).toEqual([]);
    if (key !== undefined && key.length > 7) expect(JSON.stringify([verdict.error, gate.refused])).not.toContain(key);
  });

  test('one millisecond before its end a key still works', () => {
    const gate = new Gate({ keys });
    expect(shown(gate.decide(facts({ key: 'living' })))).toBe('allow key_one');
    gate.clock.advance(1);
    expect(shown(gate.decide(facts({ key: 'living' })))).toBe('authenticate UNAUTHORIZED');
  });

  test('a rotated secret ends at the end of its grace, the new one lives on', () => {
    const gate = new Gate({
      keys: { old: keyMatch({ endsAtMs: now + 1000 }), new: keyMatch({ secretDigest: 'sha256:two' }) },
    });
    expect([shown(gate.decide(facts({ key: 'old' }))), shown(gate.decide(facts({ key: 'new' })))]).toEqual([
      'allow key_one',
      'allow key_one',
    ]);
    gate.clock.advance(1000);
    expect(shown(gate.decide(facts({ key: 'old' })))).toBe('authenticate UNAUTHORIZED');
    expect(shown(gate.decide(facts({ key: 'new' })))).toBe('allow key_one');
    expect(gate.touched.map(({ secret }) => secret)).toEqual(['sha256:one', 'sha256:two', 'sha256:two']);
  });

  test('a key of exactly 8 KB is looked up', () => {
    const key = 'k'.repeat(8192);
    expect(shown(new Gate({ keys: { [key]: keyMatch() } }).decide(facts({ key })))).toBe('allow key_one');
  });
});

describe('a public route', () => {
  const open = policy({ authModes: ['public'], counted: false });

  test('takes a credential that fails for none, and throttles nobody for it', () => {
    const gate = new Gate();
    for (let round = 0; round < 100; round += 1) {
      expect(shown(gate.decide(facts({ key: 'nobody' }), open))).toBe('allow anonymous');
    }
    expect(gate.windows.size).toBe(0);
    expect(gate.refused).toEqual([]);
  });

  test('knows a caller whose credential is good, and lets in who has none', () => {
    expect(shown(new Gate().decide(facts({ key: KEY }), open))).toBe('allow key_one');
    expect(shown(new Gate().decide(facts(), open))).toBe('allow anonymous');
  });

  test('still asks for the scopes it names', () => {
    expect(shown(new Gate().decide(facts(), { ...open, scopes: ['ask:run'] }))).toBe('scopes FORBIDDEN');
  });
});
