import { describe, expect, test } from 'vitest';
import { sessionCookie } from '../../src/identity/sessions/cookie.js';
import { describeDevice } from '../../src/identity/sessions/device.js';
import { isCommonPassword } from '../../src/identity/users/common-passwords.js';
import { linkTo } from '../../src/identity/users/links.js';
import { Passwords } from '../../src/identity/users/passwords.js';
import type { UserRecord } from '../../src/identity/users/record.js';
import { principalOfUser } from '../../src/identity/users/user-principal.js';

describe('a session, in words', () => {
  test.each([
    ['Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0', 'Firefox on Linux'],
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36',
      'Chrome on Windows',
    ],
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0',
      'Edge on Windows',
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
      'Safari on iOS',
    ],
    ['curl/8.5.0', 'curl'],
    ['python-requests/2.31', 'python-requests'],
    ['', 'unknown'],
    ['<script>alert(1)</script>', 'unknown'],
    ['\u202egnp', 'unknown'],
    [`A${'a'.repeat(5000)}`, `A${'a'.repeat(39)}`],
  ])('A3: %s is %s', (userAgent, words) => {
    expect(describeDevice(userAgent)).toBe(words);
  });
});

test.each([
  [null, '', { name: 'gatehouse_session', path: '/', secure: false }],
  ['http://nas:3000', '/gate', { name: 'gatehouse_session', path: '/gate', secure: false }],
  ['https://gate.example.com', '', { name: '__Host-gatehouse_session', path: '/', secure: true }],
  ['https://example.com/gate', '/gate', { name: '__Secure-gatehouse_session', path: '/gate', secure: true }],
])('A3: the cookie at %s under %j', (publicUrl, basePath, cookie) => {
  expect(sessionCookie(publicUrl, basePath)).toEqual(cookie);
});

test('A4: a link leads to PUBLIC_URL, its secret behind #; without it there is a path only', () => {
  expect(linkTo('https://example.com/gate', 'reset', 'abc')).toEqual({
    path: '/reset#abc',
    url: 'https://example.com/gate/reset#abc',
  });
  expect(linkTo(null, 'invite', 'abc')).toEqual({ path: '/invite#abc', url: null });
});

describe('passwords', () => {
  test('A4: argon2id, a salt of its own each time, and composed letters are one password however typed', async () => {
    const passwords = new Passwords();
    const [first, second] = await Promise.all([
      passwords.hash('caf\u00e9 au lait noir'),
      passwords.hash('x'.repeat(256)),
    ]);
    expect(first).toMatch(/^\$argon2id\$v=19\$m=32768,t=2,p=1\$/);
    expect(await passwords.hash('caf\u00e9 au lait noir')).not.toBe(first);
    expect(await passwords.matches('cafe\u0301 au lait noir', first)).toBe(true);
    expect(await passwords.matches('caf\u00e9 au lait noir ', first)).toBe(false);
    // Nothing is cut off.
    expect(await passwords.matches('x'.repeat(255), second)).toBe(false);
    expect(await passwords.matches('anything', null)).toBe(false);
    expect(await passwords.matches('anything', 'written by hand')).toBe(false);
  });

  test('A4: beyond those that wait the next is told to come back, and those that wait are served in turn', async () => {
    const passwords = new Passwords();
    const hash = await passwords.hash('a');
    await passwords.matches('warm', hash);
    const served: number[] = [];
    const results = await Promise.allSettled(
      Array.from({ length: 100 }, async (_, index) => {
        await passwords.matches('a', hash);
        served.push(index);
      }),
    );
    const refused = results.flatMap((result, index) =>
      result.status === 'rejected' ? [{ index, error: result.reason }] : [],
    );
    expect(refused.length).toBeGreaterThan(20);
    for (const { error } of refused) expect(error).toMatchObject({ code: 'UNAVAILABLE', retryAfterSeconds: 2 });
    expect(served).toHaveLength(100 - refused.length);
    expect(Math.max(...served)).toBeLessThan(Math.min(...refused.map(({ index }) => index)));
    expect(await passwords.matches('a', hash)).toBe(true);
  });

  test.each([
    ['password1234', true],
    ['PASSWORD!!!!', true],
    ['letmeinletmein', true],
    ['abababababab', true],
    ['correct horse battery staple', false],
    ['dragon 84729136452', false],
    ['Tr0ub4dor&3-xkcd', false],
  ])('A4: %s is common: %s', async (password, common) => {
    expect(await isCommonPassword(password)).toBe(common);
  });
});

test('A7: a user is a principal for each organization, alike for all requests of a session, and nobody may change one', () => {
  const membership = (organizationId: string, role: 'owner' | 'guest') => ({ organizationId, role, since: '' });
  const record = {
    id: 'usr_1',
    memberships: [membership('org_a', 'owner'), membership('org_b', 'guest')],
    instanceOperator: true,
  } as unknown as UserRecord;
  const unplaced = principalOfUser(record, 'ses_1');
  expect(unplaced).toMatchObject({
    kind: 'user',
    organizationId: null,
    operator: false,
    role: null,
    credentialIds: [],
  });
  expect([...unplaced.scopes]).toEqual([]);
  const { memberships, instance, sessionId } = unplaced.person ?? expect.fail('no person');
  expect(sessionId).toBe('ses_1');
  expect(memberships.get('org_a')).toMatchObject({ role: 'owner', credentialIds: null, operator: false });
  expect(memberships.get('org_b')).toMatchObject({ role: 'guest', credentialIds: [], organizationId: 'org_b' });
  expect([...(memberships.get('org_b')?.scopes ?? [])]).toEqual([]);
  expect(instance).toMatchObject({ operator: true, organizationId: null, role: null });
  for (const principal of [unplaced, instance, ...memberships.values()]) {
    expect(principal?.person).toBe(unplaced.person);
    expect(Object.isFrozen(principal)).toBe(true);
  }
  expect(principalOfUser({ ...record, instanceOperator: false }, 'ses_1').person?.instance).toBeNull();
});
