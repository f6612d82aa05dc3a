import { describe, expect, test } from 'vitest';
import type { GuardOptions, RequestFacts } from '../../src/guard/guard.js';
import type { Policy } from '../../src/guard/policy.js';
import { addressSet, facts, Gate, KEY, keyMatch, policy, principal, shown, trusting } from './gate.js';

const SECRET = 'gate_sdk_test_SECRET0123456789';
const LIMIT = { requests: 2, windowSeconds: 60 };

function gate(over: Partial<GuardOptions> = {}): Gate {
  return new Gate({
    keys: { [SECRET]: keyMatch(), revoked: keyMatch({ revoked: true }) },
    trust: trusting('192.0.2.10'),
    limit: LIMIT,
    over,
  });
}

describe('the trace', () => {
  test('has a line for each step that was passed, in order', () => {
    const request = facts({ rawHeaders: ['Authorization', `Bearer ${SECRET}`, 'X-Forwarded-For', '203.0.113.5'] });
    const { verdict, trace } = gate().explain(request, policy({ scopes: ['ask:run'] }));
    expect(shown(verdict)).toBe('allow key_one');
    expect(trace.lines.map(({ step, outcome }) => `${step} ${outcome}`)).toEqual([
      'address pass',
      'allowlist pass',
      'credential pass',
      'authenticate pass',
      'bounds pass',
      'mode pass',
      'rate pass',
      'scopes pass',
    ]);
    expect(trace.lines.map(({ words }) => words)).toEqual([
      '203.0.113.5: the peer of the socket, 192.0.2.10, is in TRUST_PROXY; X-Forwarded-For, 1 from the right: 203.0.113.5',
      'ALLOWED_IPS admits every address',
      'Authorization: Bearer',
      'key_one, known by api-keys.json',
      'of development; in org_default',
      'api_key fits api_key, service_role',
      '2 of 2 left, anew in 60 s: API_RATE_LIMIT',
      'ask:run',
    ]);
  });

  test('says that a route is not counted', () => {
    const { trace } = gate().explain(facts({ key: SECRET }), policy({ counted: false }));
    expect(trace.lines.find(({ step }) => step === 'rate')).toMatchObject({ outcome: 'skip' });
  });

  const requests: [string, RequestFacts, Policy][] = [
    ['a good key', facts({ key: SECRET }), policy()],
    ['a good key as bearer', facts({ rawHeaders: ['Authorization', `Bearer ${SECRET}`] }), policy()],
    ['an unknown key', facts({ key: `${SECRET}x` }), policy()],
    ['an unknown key on a public route', facts({ key: `${SECRET}x` }), policy({ authModes: ['public'] })],
    ['a malformed key', facts({ key: `${SECRET} x` }), policy()],
    ['two keys', facts({ rawHeaders: ['x-api-key', SECRET, 'authorization', `Bearer ${SECRET}2`] }), policy()],
    ['the same header twice', facts({ rawHeaders: ['x-api-key', SECRET, 'x-api-key', SECRET] }), policy()],
    ['another scheme', facts({ rawHeaders: ['Authorization', `Basic ${SECRET}`] }), policy()],
    ['a key where an address belongs', facts({ rawHeaders: ['X-Forwarded-For', SECRET] }), policy()],
    ['a key where a real address belongs', facts({ rawHeaders: ['X-Real-IP', SECRET] }), policy()],
    ['a foreign workspace', facts({ key: SECRET, named: { workspaceId: 'theirs' } }), policy()],
    ['another mode', facts({ key: SECRET }), policy({ authModes: ['mcp'] })],
    ['missing scopes', facts({ key: SECRET }), policy({ scopes: ['keys:write'] })],
  ];

  test.each(requests)('K1: holds no secret: %s', (_what, request, at) => {
    const run = gate();
    const { verdict, trace } = run.explain(request, at);
    run.decide(request, at);
    const told = JSON.stringify([
      trace.lines,
      verdict.allow ? null : [verdict.error, verdict.error.message],
      run.refused,
    ]);
    expect(told).not.toContain(SECRET);
  });

  test.each(requests)('ends with the refusal, or all passed: %s', (_what, request, at) => {
    const { verdict, trace } = gate().explain(request, at);
    const failed = trace.lines.filter(({ outcome }) => outcome === 'fail');
    if (verdict.allow) expect(failed).toEqual([]);
    else {
      expect(failed).toEqual([
        { step: verdict.step, outcome: 'fail', words: expect.stringContaining(verdict.error.detail) },
      ]);
    }
    expect(trace.lines.slice(0, -1).every(({ outcome }) => outcome !== 'fail')).toBe(true);
  });

  test.each(requests)('is of the decision that would be made: %s', (_what, request, at) => {
    const run = gate();
    expect(shown(run.explain(request, at).verdict)).toBe(shown(run.decide(request, at)));
  });
});

describe('explaining changes nothing', () => {
  test('it counts nothing, notes no use, audits nothing, throttles nobody', () => {
    const run = gate();
    for (let round = 0; round < 100; round += 1) {
      expect(shown(run.explain(facts({ key: SECRET })).verdict)).toBe('allow key_one');
      expect(shown(run.explain(facts({ key: 'nobody' })).verdict)).toBe('authenticate UNAUTHORIZED');
      expect(shown(run.explain(facts({ key: 'revoked' })).verdict)).toBe('authenticate UNAUTHORIZED');
    }
    expect([run.windows.size, run.touched, run.refused]).toEqual([0, [], []]);
  });

  test('it foretells a spent limit without adding to it', () => {
    const run = gate();
    run.decide(facts({ key: SECRET }));
    expect(run.explain(facts({ key: SECRET })).verdict).toMatchObject({ allow: true, rate: { remaining: 1 } });
    run.decide(facts({ key: SECRET }));
    expect(shown(run.explain(facts({ key: SECRET })).verdict)).toBe('rate RATE_LIMITED');
    expect([...run.windows.values()].map(({ count }) => count)).toEqual([2]);
  });
});

describe('a step that cannot decide refuses with 503 and never lets through', () => {
  const broken = (): never => {
    throw new Error('PRIVATE CAUSE');
  };
  const cases: [string, Partial<GuardOptions>, string][] = [
    ['the keys', { keys: { find: broken, describeUnknown: () => null } }, 'authenticate'],
    [
      'the environment keys',
      { keys: { find: () => undefined, describeUnknown: () => null }, envKeys: { find: broken } },
      'authenticate',
    ],
    ['the words for unknown keys', { keys: { find: () => undefined, describeUnknown: broken } }, 'authenticate'],
    ['the last uses', { lastUsed: { touch: broken } }, 'authenticate'],
    ['the workspaces', { workspaces: { ownerOf: broken } }, 'bounds'],
    ['the organizations', { organizations: { has: broken, requestLimit: broken } }, 'bounds'],
    ['the counters', { windows: { window: broken, peek: broken } }, 'rate'],
  ];

  test.each(cases)('%s', (_what, over, step) => {
    const run = gate(over);
    const named = { workspaceId: 'mine', organizationId: 'org_default' };
    const verdict = run.decide(facts({ key: SECRET, named }));
    expect(verdict).toMatchObject({ allow: false, step, error: { code: 'UNAVAILABLE', status: 503 } });
    expect(verdict.allow ? '' : verdict.error.detail).not.toContain('PRIVATE');
    expect(run.refused).toMatchObject([{ code: 'UNAVAILABLE', reason: step }]);
  });

  test('a public route too, when a key was presented that cannot be looked up', () => {
    const run = gate({ keys: { find: broken, describeUnknown: () => null } });
    expect(shown(run.decide(facts({ key: SECRET }), policy({ authModes: ['public'] })))).toBe(
      'authenticate UNAVAILABLE',
    );
  });

  test('a scope set that throws', () => {
    const scopes = { has: broken } as unknown as Set<string>;
    const run = new Gate({ keys: { [KEY]: keyMatch({ principal: principal({ scopes }) }) } });
    expect(shown(run.decide(facts({ key: KEY }), policy({ scopes: ['ask:run'] })))).toBe('scopes UNAVAILABLE');
  });

  test('an address list that throws', () => {
    const addresses = Object.assign(addressSet(), { has: broken });
    const run = new Gate({ keys: { [KEY]: keyMatch({ addresses }) } });
    expect(shown(run.decide())).toBe('bounds UNAVAILABLE');
  });
});
