import { describe, expect, test } from 'vitest';
import type { RequestFacts } from '../../src/guard/guard.js';
import type { SessionRules } from '../../src/guard/session.js';
import { sha256 } from '../../src/kernel/digest.js';
import { MINUTE } from '../support/clock.js';
import { facts, Gate, KEY, PEER, policy, rateShown, shown, trusting } from './gate.js';
import { user } from './people.js';

const COOKIE = 'session-secret';
const JWT_ROUTE = policy({ authModes: ['jwt'], scopes: ['projects:read'] });

function gateWith(over: { rules?: Partial<SessionRules>; trusted?: boolean } = {}) {
  const seen: string[] = [];
  const gate = new Gate({
    trust: over.trusted === true ? trusting(PEER) : null,
    over: {
      sessions: {
        find: (digest) =>
          digest === sha256(COOKIE) ? { principal: user({ org_default: 'viewer' }), sessionId: 'ses_one' } : undefined,
        touch: (sessionId, _nowMs, address) => void seen.push(`${sessionId} ${address}`),
      },
      sessionRules: { cookieName: 'gatehouse_session', publicOrigin: null, ...over.rules },
    },
  });
  return { gate, seen };
}

const withCookie = (value: string, over: Partial<RequestFacts> = {}, ...headers: string[]) =>
  facts({ rawHeaders: ['Host', 'gate.lan:3000', 'Cookie', value, ...headers], ...over });

describe('A3: the session cookie', () => {
  test('lets a signed-in user in, and the session is seen', () => {
    const { gate, seen } = gateWith();
    const verdict = gate.decide(withCookie(`theme=dark; gatehouse_session=${COOKIE}`), JWT_ROUTE);
    expect(verdict).toMatchObject({ allow: true, principal: { kind: 'user', organizationId: 'org_default' } });
    expect(seen).toEqual([`ses_one ${PEER}`]);
  });

  test('a key in a header comes first, and the cookie is not looked at', () => {
    const { gate, seen } = gateWith();
    const both = facts({ rawHeaders: ['X-Api-Key', KEY, 'Cookie', `gatehouse_session=${COOKIE}`] });
    expect(gate.decide(both)).toMatchObject({ allow: true, principal: { kind: 'api_key' } });
    expect(
      gate.decide(facts({ rawHeaders: ['X-Api-Key', 'wrong', 'Cookie', `gatehouse_session=${COOKIE}`] })),
    ).toMatchObject({
      allow: false,
      error: { code: 'UNAUTHORIZED' },
    });
    expect(seen).toEqual([]);
  });

  test('a user is refused on an api_key route, and a key on a jwt route', () => {
    const { gate } = gateWith();
    expect(shown(gate.decide(withCookie(`gatehouse_session=${COOKIE}`), policy()))).toBe('mode FORBIDDEN');
    expect(shown(gate.decide(facts({ key: KEY }), JWT_ROUTE))).toBe('mode FORBIDDEN');
  });

  test.each([
    ['of an ended session', 'gatehouse_session=other', 'authenticate UNAUTHORIZED'],
    ['under another name', `session=${COOKIE}`, 'authenticate UNAUTHORIZED'],
    ['that is empty', 'gatehouse_session=', 'authenticate UNAUTHORIZED'],
    [
      'twice with two values',
      `gatehouse_session=${COOKIE}; gatehouse_session=planted`,
      'credential AMBIGUOUS_CREDENTIALS',
    ],
    ['twice with one value', `gatehouse_session=${COOKIE}; gatehouse_session=${COOKIE}`, 'allow usr_one'],
    ['among rubbish', `;;=;a;gatehouse_session=${COOKIE};=b`, 'allow usr_one'],
  ])('a cookie %s', (_what, cookie, verdict) => {
    expect(shown(gateWith().gate.decide(withCookie(cookie), JWT_ROUTE))).toBe(verdict);
  });

  test('where a policy names its slots without the session, a cookie opens nothing', () => {
    const { gate } = gateWith();
    const verdict = gate.decide(withCookie(`gatehouse_session=${COOKIE}`), { ...JWT_ROUTE, slots: ['bearer'] });
    expect(shown(verdict)).toBe('authenticate UNAUTHORIZED');
  });

  test('an ended session on a public route counts as none', () => {
    const { gate } = gateWith();
    expect(shown(gate.decide(withCookie('gatehouse_session=other'), policy({ authModes: ['public'] })))).toBe(
      'allow anonymous',
    );
  });
});

describe('A3: a change with a cookie comes from a page of ours', () => {
  const post = (gate: Gate, ...headers: string[]) =>
    shown(gate.decide(withCookie(`gatehouse_session=${COOKIE}`, { method: 'POST' }, ...headers), JWT_ROUTE));

  test.each([
    ['no Origin at all', [], 'authenticate FORBIDDEN'],
    ['another site', ['Origin', 'https://evil.example'], 'authenticate FORBIDDEN'],
    ['the host under another scheme', ['Origin', 'https://gate.lan:3000'], 'authenticate FORBIDDEN'],
    ['the host at another port', ['Origin', 'http://gate.lan'], 'authenticate FORBIDDEN'],
    ['null, as of a sandboxed frame', ['Origin', 'null'], 'authenticate FORBIDDEN'],
    ['two Origins', ['Origin', 'http://gate.lan:3000', 'Origin', 'http://gate.lan:3000'], 'authenticate FORBIDDEN'],
    ['the address that was called', ['Origin', 'http://gate.lan:3000'], 'allow usr_one'],
    [
      'the origin a stranger claims by forwarding headers',
      ['Origin', 'https://evil.example', 'X-Forwarded-Host', 'evil.example', 'X-Forwarded-Proto', 'https'],
      'authenticate FORBIDDEN',
    ],
  ])('%s', (_what, headers, verdict) => {
    expect(post(gateWith().gate, ...headers)).toBe(verdict);
  });

  test('the public origin counts, whatever address was called', () => {
    const { gate } = gateWith({ rules: { publicOrigin: 'https://gate.example.com' } });
    expect(post(gate, 'Origin', 'https://gate.example.com')).toBe('allow usr_one');
    expect(post(gate, 'Origin', 'https://gate.example.com.evil.example')).toBe('authenticate FORBIDDEN');
  });

  test('behind a trusted proxy its words about scheme and host count', () => {
    const { gate } = gateWith({ trusted: true });
    const forwarded = ['X-Forwarded-Host', 'gate.example.com', 'X-Forwarded-Proto', 'https'];
    expect(post(gate, 'Origin', 'https://gate.example.com', ...forwarded)).toBe('allow usr_one');
    expect(post(gate, 'Origin', 'http://gate.lan:3000', ...forwarded)).toBe('authenticate FORBIDDEN');
  });

  test('the refusal names both origins and the cure', () => {
    const { gate } = gateWith();
    const request = withCookie(`gatehouse_session=${COOKIE}`, { method: 'DELETE' }, 'Origin', 'https://evil.example');
    const verdict = gate.decide(request, JWT_ROUTE);
    const detail = verdict.allow ? '' : verdict.error.detail;
    for (const word of ['http://gate.lan:3000', 'https://evil.example', 'PUBLIC_URL']) expect(detail).toContain(word);
  });

  test.each(['GET', 'HEAD', 'OPTIONS'])('%s changes nothing and may come from anywhere', (method) => {
    const request = withCookie(`gatehouse_session=${COOKIE}`, { method }, 'Origin', 'https://evil.example');
    expect(shown(gateWith().gate.decide(request, JWT_ROUTE))).toBe('allow usr_one');
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'get', 'PROPFIND'])('%s is taken for a change', (method) => {
    const request = withCookie(`gatehouse_session=${COOKIE}`, { method }, 'Origin', 'https://evil.example');
    expect(shown(gateWith().gate.decide(request, JWT_ROUTE))).toBe('authenticate FORBIDDEN');
  });
});

test('G4: a user may send 600 requests a minute, by whichever session', () => {
  const { gate } = gateWith();
  const request = withCookie(`gatehouse_session=${COOKIE}`);
  for (let count = 0; count < 600; count += 1) expect(gate.decide(request, JWT_ROUTE).allow).toBe(true);
  expect(shown(gate.decide(request, JWT_ROUTE))).toBe('rate RATE_LIMITED');
  gate.clock.advance(MINUTE);
  expect(rateShown(gate.decide(request, JWT_ROUTE))).toBe('"minute";r=599;t=60');
});

test('A7: what an organization may send in all is counted over its callers, and the refusal says so', () => {
  const limits: Record<string, number> = { org_default: 2 };
  const gate = new Gate({
    over: {
      organizations: {
        has: () => true,
        requestLimit: (id) => (limits[id] === undefined ? null : { requests: limits[id], windowSeconds: 3600 }),
      },
    },
  });
  const verdicts = [1, 2, 3].map(() => gate.decide());
  expect(verdicts.map(shown)).toEqual(['allow key_one', 'allow key_one', 'rate RATE_LIMITED']);
  const last = verdicts[2];
  expect(last?.allow === false && last.error.detail).toContain('whole organization');
});
