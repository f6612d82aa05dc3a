import { describe, expect, test } from 'vitest';
import type { RequestFacts } from '../../src/guard/guard.js';
import type { Policy } from '../../src/guard/policy.js';
import {
  addressSet,
  facts,
  Gate,
  type GateOptions,
  KEY,
  keyMatch,
  policy,
  principal,
  shown,
  trusting,
} from './gate.js';

/** Ways to fail, in the order of docs/gate.md. Each is laid over a request that would pass. */
interface Fault {
  readonly name: string;
  readonly is: string;
  readonly options?: GateOptions;
  readonly key?: Partial<Parameters<typeof principal>[0]>;
  readonly match?: Parameters<typeof keyMatch>[0];
  readonly headers?: readonly string[];
  readonly presented?: string;
  readonly facts?: Partial<RequestFacts>;
  readonly policy?: Partial<Policy>;
  /** Requests that go before. */
  readonly spend?: true;
  /** Cannot stand together with these. */
  readonly not?: readonly string[];
}

const FAULTS: readonly Fault[] = [
  {
    name: 'an address that cannot be told',
    is: 'address BAD_REQUEST',
    options: { trust: trusting('192.0.2.10') },
    headers: ['X-Forwarded-For', 'garbage'],
    not: ['an address outside the allowlist'],
  },
  {
    name: 'an address outside the allowlist',
    is: 'allowlist IP_NOT_ALLOWED',
    options: { allowed: addressSet('10.0.0.0/8') },
  },
  { name: 'a header sent twice', is: 'credential AMBIGUOUS_CREDENTIALS', headers: ['X-Api-Key', KEY] },
  { name: 'an unknown key', is: 'authenticate UNAUTHORIZED', presented: 'nobody' },
  { name: 'a revoked key', is: 'authenticate UNAUTHORIZED', match: { revoked: true }, not: ['an unknown key'] },
  {
    name: 'an address outside the key’s own list',
    is: 'bounds FORBIDDEN',
    match: { addresses: addressSet('10.0.0.0/8') },
  },
  { name: 'another environment', is: 'bounds FORBIDDEN', key: { environment: 'staging' } },
  { name: 'a foreign organization', is: 'bounds FORBIDDEN', facts: { named: { organizationId: 'org_other' } } },
  {
    name: 'a foreign workspace',
    is: 'bounds NOT_FOUND',
    facts: { named: { workspaceId: 'theirs' } },
    not: ['a foreign organization'],
  },
  { name: 'a route for operators', is: 'mode FORBIDDEN', policy: { operatorOnly: true } },
  { name: 'another mode', is: 'mode FORBIDDEN', policy: { authModes: ['jwt', 'mcp'] } },
  { name: 'a spent limit', is: 'rate RATE_LIMITED', spend: true },
  { name: 'a missing scope', is: 'scopes FORBIDDEN', policy: { scopes: ['keys:write'] } },
];

function run(...faults: Fault[]): string {
  const merged = <T>(pick: (fault: Fault) => T | undefined): T =>
    Object.assign({}, ...faults.map((fault) => pick(fault) ?? {})) as T;
  const match = keyMatch({ principal: principal(merged((fault) => fault.key)), ...merged((fault) => fault.match) });
  const gate = new Gate({
    keys: { [KEY]: match },
    limit: { requests: 5, windowSeconds: 3600 },
    over: { environment: 'development' },
    ...merged((fault) => fault.options),
  });
  if (faults.some(({ spend }) => spend)) gate.windows.set('c:key_one', { startMs: gate.clock.nowMs(), count: 5 });
  const presented = faults.find((fault) => fault.presented !== undefined)?.presented ?? KEY;
  const rawHeaders = ['x-api-key', presented, ...faults.flatMap(({ headers = [] }) => headers)];
  const named = merged((fault) => fault.facts?.named ?? undefined);
  return shown(
    gate.decide(
      facts({ rawHeaders, named: Object.keys(named).length === 0 ? null : named }),
      policy(merged((fault) => fault.policy)),
    ),
  );
}

test('without a fault the request passes', () => {
  expect(run()).toBe('allow key_one');
});

test.each(FAULTS)('$name: $is', (fault) => {
  expect(run(fault)).toBe(fault.is);
});

describe('of two faults the earlier one is the answer', () => {
  const pairs = FAULTS.flatMap((first, index) =>
    FAULTS.slice(index + 1)
      .filter((second) => !first.not?.includes(second.name) && !second.not?.includes(first.name))
      .map((second) => [first, second] as const),
  );

  test.each(
    pairs.map(([first, second]) => ({ first: first.name, second: second.name, pair: [first, second] as const })),
  )('$first before $second', ({ pair: [first, second] }) => {
    expect(run(first, second)).toBe(first.is);
  });
});

describe('what never happens before its step', () => {
  test('a request that is refused before step 4 is nobody’s use of a key', () => {
    const gate = new Gate({ allowed: addressSet('10.0.0.0/8'), limit: { requests: 1, windowSeconds: 60 } });
    for (let round = 0; round < 3; round += 1) gate.decide();
    expect(gate.touched).toEqual([]);
    expect(gate.windows.size).toBe(0);
  });

  test('a request that is refused before step 7 counts against nobody', () => {
    const gate = new Gate({ limit: { requests: 1, windowSeconds: 60 } });
    gate.decide(facts({ key: KEY }), policy({ authModes: ['jwt'] }));
    gate.decide(facts({ key: KEY, named: { workspaceId: 'theirs' } }));
    expect(gate.windows.size).toBe(0);
  });

  test('the first refusal is the only one that is audited', () => {
    const gate = new Gate({ allowed: addressSet('10.0.0.0/8') });
    gate.decide(facts({ key: 'nobody' }));
    expect(gate.refused).toHaveLength(1);
  });
});

describe('health', () => {
  test('answers any address, with any or several credentials, and counts nothing', () => {
    const gate = new Gate({ allowed: addressSet('10.0.0.0/8'), limit: { requests: 1, windowSeconds: 60 } });
    const health = policy({ authModes: ['public'], health: true, counted: false });
    for (const rawHeaders of [[], ['x-api-key', 'nobody'], ['x-api-key', 'a', 'x-api-key', 'b']]) {
      expect(shown(gate.decide(facts({ rawHeaders }), health))).toBe('allow anonymous');
    }
    expect([gate.windows.size, gate.touched, gate.refused]).toEqual([0, [], []]);
  });
});

describe('the command socket', () => {
  test('is local, skips the address and the credential, is never counted', () => {
    const gate = new Gate({ allowed: addressSet('10.0.0.0/8'), limit: { requests: 1, windowSeconds: 60 } });
    const request = facts({ door: 'socket', peerAddress: undefined, key: 'nobody' });
    for (let round = 0; round < 3; round += 1) {
      expect(gate.decide(request, policy({ operatorOnly: true, scopes: ['settings:write'] }))).toMatchObject({
        allow: true,
        principal: { kind: 'local' },
        address: 'socket',
        rate: null,
      });
    }
    expect(gate.windows.size).toBe(0);
  });

  test('is still held to ids that exist and to routes that take it', () => {
    const request = (workspaceId: string) => facts({ door: 'socket', named: { workspaceId } });
    expect(shown(new Gate().decide(request('nowhere')))).toBe('bounds NOT_FOUND');
    expect(shown(new Gate().decide(request('theirs')))).toBe('allow local');
    expect(shown(new Gate().decide(facts({ door: 'socket' }), policy({ authModes: ['mcp'] })))).toBe('mode FORBIDDEN');
  });
});

describe('the signature of a JWT that was not seen yet', () => {
  const checked: string[] = [];
  const tokens = {
    isToken: () => true,
    isUnchecked: () => true,
    check: async (presented: string) => void checked.push(presented),
    find: () => undefined,
  };

  test('G2: is not checked for an address that may not come in', () => {
    const gate = new Gate({ allowed: addressSet('203.0.113.0/24'), over: { tokens } });
    expect(gate.guard.prepare(facts({ key: 'a.b.c' }), policy())).toBeNull();
    expect(checked).toEqual([]);
    expect(shown(gate.decide(facts({ key: 'a.b.c' })))).toBe('allowlist IP_NOT_ALLOWED');
  });

  test('is checked for one that may', async () => {
    const gate = new Gate({ allowed: addressSet('192.0.2.0/24'), over: { tokens } });
    await gate.guard.prepare(facts({ key: 'a.b.c' }), policy());
    expect(checked).toEqual(['a.b.c']);
  });
});
