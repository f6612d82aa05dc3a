import { describe, expect, test } from 'vitest';
import { exceeded, isVisible, requireCovers } from '../../src/identity/keys/authority.js';
import { principalOf } from '../../src/identity/keys/key-index.js';
import type { KeyRecord } from '../../src/identity/keys/record.js';
import { GatehouseError } from '../../src/kernel/errors.js';
import { LOCAL, type Principal } from '../../src/kernel/principal.js';
import { at, keyRecord, NOW } from './records.js';

const unbounded = principalOf(keyRecord({ scopes: ['*'] }));
const holder = (over: Partial<Principal>): Principal => ({
  ...unbounded,
  credentialIds: null,
  environment: null,
  ...over,
});
const limit = (requests: number, windowSeconds: number) => ({ requests, windowSeconds });

interface Case {
  readonly what: string;
  readonly holds: Partial<Principal>;
  readonly asked: Partial<KeyRecord>;
  readonly beyond: string[];
}

const CASES: Case[] = [
  { what: 'no bounds at all', holds: {}, asked: { scopes: ['*'] }, beyond: [] },
  { what: 'a scope it holds', holds: { scopes: new Set(['ask:run']) }, asked: { scopes: ['ask:run'] }, beyond: [] },
  { what: 'no scope', holds: { scopes: new Set() }, asked: { scopes: [] }, beyond: [] },
  {
    what: 'a scope it lacks',
    holds: { scopes: new Set(['ask:run']) },
    asked: { scopes: ['ask:run', 'keys:write'] },
    beyond: ['scopes keys:write'],
  },
  {
    what: 'everything',
    holds: { scopes: new Set(['ask:run', 'keys:*']) },
    asked: { scopes: ['*'] },
    beyond: ['scopes *'],
  },
  {
    what: 'a wildcard of which it holds a part',
    holds: { scopes: new Set(['keys:read', 'keys:write']) },
    asked: { scopes: ['keys:*'] },
    beyond: ['scopes keys:*'],
  },
  {
    what: 'a part of its wildcard',
    holds: { scopes: new Set(['keys:*']) },
    asked: { scopes: ['keys:read', 'keys:*'] },
    beyond: [],
  },
  { what: 'another organization', holds: {}, asked: { organizationId: 'org_other' }, beyond: ['organizationId'] },
  { what: 'all workspaces', holds: { workspaceIds: ['a'] }, asked: { workspaceIds: null }, beyond: ['workspaceIds'] },
  {
    what: 'another workspace',
    holds: { workspaceIds: ['a', 'b'] },
    asked: { workspaceIds: ['a', 'c'] },
    beyond: ['workspaceIds'],
  },
  { what: 'some of its workspaces', holds: { workspaceIds: ['a', 'b'] }, asked: { workspaceIds: ['b'] }, beyond: [] },
  { what: 'no workspace', holds: { workspaceIds: ['a'] }, asked: { workspaceIds: [] }, beyond: [] },
  { what: 'a workspace where it holds all', holds: {}, asked: { workspaceIds: ['a'] }, beyond: [] },
  {
    what: 'a credential where it holds none',
    holds: { credentialIds: [] },
    asked: { credentialIds: ['c'] },
    beyond: ['credentialIds'],
  },
  {
    what: 'no list of credentials, which is none',
    holds: { credentialIds: [] },
    asked: { credentialIds: null },
    beyond: [],
  },
  { what: 'one of its credentials', holds: { credentialIds: ['c', 'd'] }, asked: { credentialIds: ['d'] }, beyond: [] },
  { what: 'every address', holds: { allowedIps: ['10.0.0.0/8'] }, asked: { allowedIps: [] }, beyond: ['allowedIps'] },
  {
    what: 'a wider range',
    holds: { allowedIps: ['10.0.0.0/8'] },
    asked: { allowedIps: ['10.0.0.0/7'] },
    beyond: ['allowedIps'],
  },
  {
    what: 'a range beside',
    holds: { allowedIps: ['10.0.0.0/8', '::1'] },
    asked: { allowedIps: ['10.0.0.0/9', '11.0.0.1'] },
    beyond: ['allowedIps'],
  },
  {
    what: 'the other family',
    holds: { allowedIps: ['::/0'] },
    asked: { allowedIps: ['10.0.0.1'] },
    beyond: ['allowedIps'],
  },
  {
    what: 'ranges within',
    holds: { allowedIps: ['10.0.0.0/8', '::1'] },
    asked: { allowedIps: ['10.9.0.0/16', '::1', '10.0.0.1'] },
    beyond: [],
  },
  {
    what: 'every origin',
    holds: { allowedOrigins: ['https://a.example'] },
    asked: {},
    beyond: ['allowedOrigins'],
  },
  {
    what: 'another origin',
    holds: { allowedOrigins: ['https://a.example', 'https://b.example'] },
    asked: { allowedOrigins: ['https://b.example', 'https://c.example'] },
    beyond: ['allowedOrigins'],
  },
  {
    what: 'one of its origins',
    holds: { allowedOrigins: ['https://a.example', 'https://b.example'] },
    asked: { allowedOrigins: ['https://b.example'] },
    beyond: [],
  },
  { what: 'an origin where it has none', holds: {}, asked: { allowedOrigins: ['https://a.example'] }, beyond: [] },
  {
    what: 'another environment',
    holds: { environment: 'staging' },
    asked: { environment: 'production' },
    beyond: ['environment production'],
  },
  { what: 'its environment', holds: { environment: 'staging' }, asked: { environment: 'staging' }, beyond: [] },
  { what: 'no end', holds: { expiresAtMs: NOW + 9 }, asked: { expiresAt: null }, beyond: ['expiresAt'] },
  { what: 'a later end', holds: { expiresAtMs: NOW + 9 }, asked: { expiresAt: at(10) }, beyond: ['expiresAt'] },
  { what: 'the same end', holds: { expiresAtMs: NOW + 9 }, asked: { expiresAt: at(9) }, beyond: [] },
  { what: 'no limit', holds: { rateLimit: limit(5, 60) }, asked: { rateLimit: null }, beyond: ['rateLimit'] },
  {
    what: 'more requests',
    holds: { rateLimit: limit(5, 60) },
    asked: { rateLimit: limit(6, 60) },
    beyond: ['rateLimit'],
  },
  {
    what: 'a shorter window',
    holds: { rateLimit: limit(5, 60) },
    asked: { rateLimit: limit(5, 59) },
    beyond: ['rateLimit'],
  },
  { what: 'the same limit', holds: { rateLimit: limit(5, 60) }, asked: { rateLimit: limit(5, 60) }, beyond: [] },
  {
    what: 'everything at once',
    holds: {
      ...principalOf(keyRecord({ workspaceIds: [], allowedIps: ['::1'], expiresAt: at(1), rateLimit: limit(1, 1) })),
      credentialIds: [],
    },
    asked: { organizationId: 'org_other', scopes: ['ask:run'], credentialIds: ['c'], environment: 'production' },
    beyond: [
      'organizationId',
      'scopes ask:run',
      'workspaceIds',
      'credentialIds',
      'allowedIps',
      'environment production',
      'expiresAt',
      'rateLimit',
    ],
  },
];

describe('K11: nobody hands out more than they hold', () => {
  test.each(CASES)('$what: $beyond', ({ holds, asked, beyond }) => {
    expect(exceeded(holder(holds), keyRecord(asked), null)).toEqual(beyond);
  });

  test.each(CASES.filter(({ beyond }) => beyond.length > 0))(
    'the refusal names each bound: $what',
    ({ holds, asked, beyond }) => {
      let refused: unknown;
      try {
        requireCovers(holder(holds), keyRecord(asked), null);
      } catch (error) {
        refused = error;
      }
      expect(refused).toBeInstanceOf(GatehouseError);
      expect(refused).toMatchObject({ code: 'FORBIDDEN', detail: expect.stringContaining(beyond.join('; ')) });
    },
  );

  test('a person sets any limit, a key without one hands on that of the instance', () => {
    const asked = keyRecord({ rateLimit: limit(1000, 3600) });
    const instance = limit(100, 3600);
    expect(exceeded(holder({ kind: 'user' }), asked, instance)).toEqual([]);
    expect(exceeded(holder({ kind: 'api_key' }), asked, instance)).toEqual(['rateLimit']);
  });

  test('operators hold everything', () => {
    for (const { asked } of CASES) {
      for (const kind of ['local', 'env_admin'] as const)
        expect(exceeded({ ...LOCAL, kind, environment: 'development' }, keyRecord(asked), null)).toEqual([]);
    }
  });
});

test.each([
  [{}, {}, true],
  [{ organizationId: 'org_other' }, {}, false],
  [{ organizationId: null }, {}, false],
  [{ organizationId: null, operator: true }, {}, true],
  [{ workspaceIds: ['a'] }, { workspaceIds: null }, false],
  [{ workspaceIds: ['a'] }, { workspaceIds: ['a', 'b'] }, false],
  [{ workspaceIds: ['a'] }, { workspaceIds: ['a'] }, true],
])('a caller with %j sees a key with %j: %s', (holds, record, visible) => {
  expect(isVisible(holder(holds), keyRecord(record))).toBe(visible);
});
