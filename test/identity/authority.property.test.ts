import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SCOPES } from '../../src/contract/scopes.js';
import { boundsFor } from '../../src/guard/bounds.js';
import { exceeded } from '../../src/identity/keys/authority.js';
import { principalOf } from '../../src/identity/keys/key-index.js';
import type { KeyRecord } from '../../src/identity/keys/record.js';
import { AddressSet, parseNetwork } from '../../src/kernel/addresses.js';
import type { Principal } from '../../src/kernel/principal.js';
import { holdsScope } from '../../src/kernel/scopes.js';
import { networks } from '../kernel/bits.js';
import { at, keyRecord, NOW } from './records.js';

const scope = fc.oneof(fc.constantFrom<string>(...SCOPES), fc.constantFrom('*', 'keys:*', 'projects:*', 'ask:*'));
const ids = fc.option(fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { maxLength: 3 }));
/** Few and wide, so that one often lies within the other. */
const addresses = fc.uniqueArray(
  fc.oneof(
    fc.constantFrom('10.0.0.0/8', '10.1.0.0/16', '10.1.2.3', '0.0.0.0/0', '::/0', '2001:db8::/32', '2001:db8::1'),
    networks.map(({ address, prefix }) => `${address}/${prefix}`),
  ),
  { maxLength: 3 },
);

const records: fc.Arbitrary<KeyRecord> = fc
  .record({
    scopes: fc.uniqueArray(scope, { maxLength: 4 }),
    organizationId: fc.constantFrom('org_default', 'org_other'),
    workspaceIds: ids,
    credentialIds: ids,
    allowedIps: addresses,
    environment: fc.constantFrom('development' as const, 'staging' as const, 'production' as const),
    expiresAt: fc.option(fc.integer({ min: 1, max: 9 }).map(at)),
    rateLimit: fc.option(
      fc.record({ requests: fc.integer({ min: 1, max: 9 }), windowSeconds: fc.constantFrom(1, 60, 3600) }),
    ),
  })
  .map((over) => keyRecord(over));

/** One request as far as bounds matter. */
const uses = fc.record({
  scope,
  workspaceId: fc.constantFrom('a', 'b', 'c'),
  credentialId: fc.constantFrom('a', 'b', 'c'),
  organizationId: fc.constantFrom('org_default', 'org_other'),
  address: fc.constantFrom('10.1.2.3', '10.9.9.9', '192.0.2.1', '2001:db8::1', '2001:db8:1::', '::1'),
  nowMs: fc.integer({ min: 0, max: 10 }).map((ms) => NOW + ms),
});

/** What the caller may do with that request, by the guard's own parts. */
function permitted(who: Principal, use: typeof uses extends fc.Arbitrary<infer T> ? T : never): string[] {
  if (who.expiresAtMs !== null && use.nowMs >= who.expiresAtMs) return [];
  if (who.allowedIps.length > 0 && !new AddressSet(who.allowedIps.map(parseNetwork)).has(use.address)) return [];
  const { organizationId } = use;
  const owner = { ownerOf: () => organizationId };
  const bounds = boundsFor(who, {
    organizations: { has: () => true, requestLimit: () => null },
    workspaces: owner,
    credentials: { workspaceOf: () => use.workspaceId },
  });
  const may = (named: object) => {
    try {
      bounds.require(named);
      return true;
    } catch {
      return false;
    }
  };
  return [
    ...(holdsScope(who.scopes, use.scope) ? [`scope ${use.scope}`] : []),
    ...(may({ workspaceId: use.workspaceId }) ? ['workspace'] : []),
    ...(may({ credentialId: use.credentialId }) ? ['credential'] : []),
    ...(may({ organizationId }) ? ['organization'] : []),
  ];
}

test('K11: whatever a holder may hand out can do nothing that the holder cannot', () => {
  const holders = fc.tuple(records, fc.boolean()).map(([record, all]) => ({
    ...principalOf(record),
    // Service keys read a missing list as all.
    credentialIds: all ? null : (record.credentialIds ?? []),
  }));
  // A record that is the holder's but for some fields is covered often enough to mean something.
  const pairs = fc.tuple(
    holders,
    records,
    fc.subarray([
      'scopes',
      'workspaceIds',
      'credentialIds',
      'allowedIps',
      'environment',
      'organizationId',
      'expiresAt',
      'rateLimit',
    ] as const),
  );
  let covered = 0;
  fc.assert(
    fc.property(pairs, fc.array(uses, { minLength: 5, maxLength: 5 }), ([who, wild, kept], requests) => {
      const own: Partial<KeyRecord> = {
        scopes: [...who.scopes],
        workspaceIds: who.workspaceIds === null ? null : [...who.workspaceIds],
        credentialIds: who.credentialIds === null ? null : [...who.credentialIds],
        allowedIps: [...who.allowedIps],
        environment: who.environment ?? 'development',
        organizationId: who.organizationId ?? 'org_default',
        expiresAt: who.expiresAtMs === null ? null : new Date(who.expiresAtMs).toISOString(),
        rateLimit: who.rateLimit,
      };
      const record = { ...wild, ...Object.fromEntries(kept.map((field) => [field, own[field]])) };
      if (exceeded(who, record, null).length > 0) return;
      covered += 1;
      const made = principalOf(record);
      for (const use of requests) {
        const beyond = permitted(made, use).filter((act) => !permitted(who, use).includes(act));
        expect(beyond).toEqual([]);
      }
      expect(made.environment).toBe(who.environment);
      if (who.rateLimit !== null) {
        expect(made.rateLimit?.requests).toBeLessThanOrEqual(who.rateLimit.requests);
        expect(made.rateLimit?.windowSeconds).toBeGreaterThanOrEqual(who.rateLimit.windowSeconds);
      }
    }),
    { numRuns: 1200 },
  );
  expect(covered).toBeGreaterThan(50);
});
