import { describe, expect, test } from 'vitest';
import { KeyIndex } from '../../src/identity/keys/key-index.js';
import type { KeyRecord } from '../../src/identity/keys/record.js';
import { sha256 } from '../../src/kernel/digest.js';
import type { Change, Collection } from '../../src/store/collection.js';
import { at, keyRecord, NOW, secretFor } from './records.js';

type Listener = (changes: readonly Change<KeyRecord>[]) => void;

/** A collection in memory whose changes a test makes, in the order it says. */
class Records {
  readonly all = new Map<string, KeyRecord>();
  #listener: Listener = () => {};

  constructor(...records: KeyRecord[]) {
    for (const record of records) this.all.set(record.id, record);
  }

  change(...steps: { id: string; after?: KeyRecord }[]): void {
    const changes = steps.map(({ id, after }) => ({ id, before: this.all.get(id), after }));
    for (const { id, after } of changes) {
      if (after === undefined) this.all.delete(id);
      else this.all.set(id, after);
    }
    this.#listener(changes);
  }

  asCollection(): Collection<KeyRecord> {
    return {
      get: (id: string) => this.all.get(id),
      values: () => this.all.values(),
      subscribe: (listener: Listener) => {
        this.#listener = listener;
        return () => {};
      },
    } as Partial<Collection<KeyRecord>> as Collection<KeyRecord>;
  }
}

function indexOf(records: Records): (value: string) => string {
  const index = new KeyIndex(records.asCollection(), 'gate');
  return (value) => {
    const found = index.find(sha256(value));
    if (found === undefined) return 'unknown';
    return `${found.principal.id}${found.revoked ? ' revoked' : ''}${found.endsAtMs === null ? '' : ` until ${found.endsAtMs - NOW}`}`;
  };
}

const one = keyRecord({}, 'A');
const two = keyRecord({ secrets: [secretFor('second')] }, 'B');

describe('the index follows every change, also what was looked up before', () => {
  test('K5: revoked, expiring, bounded anew', () => {
    const records = new Records(one, two);
    const find = indexOf(records);
    expect([find('value'), find('second'), find('other')]).toEqual([one.id, two.id, 'unknown']);
    records.change({ id: one.id, after: { ...one, revokedAt: at(0) } });
    expect([find('value'), find('second')]).toEqual([`${one.id} revoked`, two.id]);
    records.change({ id: two.id, after: { ...two, expiresAt: at(5) } });
    expect(find('second')).toBe(`${two.id} until 5`);
  });

  test('K4: a rotated key is found by both secrets, each with its end', () => {
    const records = new Records(one);
    const find = indexOf(records);
    expect(find('value')).toBe(one.id);
    const secrets = [secretFor('value', { expiresAt: at(9) }), secretFor('new')];
    records.change({ id: one.id, after: { ...one, secrets } });
    expect([find('value'), find('new')]).toEqual([`${one.id} until 9`, one.id]);
    records.change({ id: one.id, after: { ...one, secrets: secrets.slice(1) } });
    expect([find('value'), find('new')]).toEqual(['unknown', one.id]);
  });

  test('made and removed', () => {
    const records = new Records();
    const find = indexOf(records);
    expect(find('value')).toBe('unknown');
    records.change({ id: one.id, after: one });
    expect(find('value')).toBe(one.id);
    records.change({ id: one.id });
    expect(find('value')).toBe('unknown');
  });

  test.each(['first', 'last'])('a secret that moves to another record by hand, the removal coming %s', (order) => {
    const records = new Records(one);
    const find = indexOf(records);
    expect(find('value')).toBe(one.id);
    const moved = { ...two, secrets: one.secrets };
    const steps = [{ id: one.id }, { id: moved.id, after: moved }];
    records.change(...(order === 'first' ? steps : steps.reverse()));
    expect(find('value')).toBe(two.id);
  });

  test('what callers are given cannot reach more than the record says', () => {
    const record = keyRecord({
      scopes: ['ask:run'],
      workspaceIds: ['demo'],
      allowedIps: ['10.0.0.0/8'],
      expiresAt: at(5),
    });
    const found = new KeyIndex(new Records(record).asCollection(), 'gate').find(sha256('value'));
    expect(found?.principal).toEqual({
      kind: 'api_key',
      id: record.id,
      keyId: record.id,
      organizationId: 'org_default',
      scopes: new Set(['ask:run']),
      workspaceIds: ['demo'],
      // No list means none, not all.
      credentialIds: [],
      allowedIps: ['10.0.0.0/8'],
      allowedOrigins: [],
      environment: 'development',
      expiresAtMs: NOW + 5,
      rateLimit: null,
      operator: false,
      role: null,
      person: null,
      traded: false,
    });
    expect([found?.addresses?.has('10.1.1.1'), found?.addresses?.has('11.1.1.1')]).toEqual([true, false]);
  });

  test('neither the stored digest nor its tagged form finds anything', () => {
    const find = indexOf(new Records(one));
    expect([find(sha256('value')), find(`sha256:${sha256('value')}`)]).toEqual(['unknown', 'unknown']);
  });
});

test('20,000 keys are looked up about as fast as 100: nothing is scanned', () => {
  const many = (count: number) =>
    new Records(...Array.from({ length: count }, (_, n) => keyRecord({ secrets: [secretFor(`v${n}`)] }, String(n))));
  const nanoseconds = (records: Records) => {
    const index = new KeyIndex(records.asCollection(), 'gate');
    const digests = Array.from({ length: 50 }, (_, n) => sha256(`v${n}`));
    const rounds = Array.from({ length: 9 }, () => {
      const start = process.hrtime.bigint();
      for (let n = 0; n < 20_000; n += 1) index.find(digests[n % 50] ?? '');
      return Number(process.hrtime.bigint() - start);
    });
    return Math.min(...rounds);
  };
  // Generous: this catches a scan, the benchmark holds the figure.
  expect(nanoseconds(many(20_000))).toBeLessThan(10 * nanoseconds(many(100)));
});
