import { describe, expect, test } from 'vitest';
import { identityHeaders } from '../../src/guard/adapters/identity-headers.js';
import { stripHeaders } from '../../src/guard/adapters/upstream-headers.js';
import type { Slot } from '../../src/guard/policy.js';
import { ANONYMOUS } from '../../src/kernel/principal.js';
import { principal } from './gate.js';

const NAMES = ['Subject', 'Type', 'Key-Id', 'Org', 'Scopes', 'Request-Id', 'Assertion'].map(
  (name) => `X-Gatehouse-${name}`,
);

function asObject(flat: readonly string[]): Record<string, string> {
  return Object.fromEntries(flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] ?? '']] : [])));
}

describe('what an app is told about its caller', () => {
  test('G8: all seven headers are always there', () => {
    const told = asObject(identityHeaders(principal({ scopes: new Set(['a:b', 'c:*']) }), 'req_1', 'jwt'));
    expect(told).toEqual({
      'X-Gatehouse-Subject': 'key_one',
      'X-Gatehouse-Type': 'api_key',
      'X-Gatehouse-Key-Id': 'key_one',
      'X-Gatehouse-Org': 'org_default',
      'X-Gatehouse-Scopes': 'a:b c:*',
      'X-Gatehouse-Request-Id': 'req_1',
      'X-Gatehouse-Assertion': 'jwt',
    });
    const nobody = asObject(identityHeaders(ANONYMOUS, 'req_2', 'none'));
    expect(Object.keys(nobody)).toEqual(NAMES);
    expect(nobody).toMatchObject({
      'X-Gatehouse-Subject': 'none',
      'X-Gatehouse-Type': 'anonymous',
      'X-Gatehouse-Scopes': 'none',
    });
  });

  test('G8: the request id is this one, though the rest is kept', () => {
    const who = principal();
    expect(identityHeaders(who, 'req_1', 'a')).not.toEqual(identityHeaders(who, 'req_2', 'a'));
  });

  test('G8: what would end a header early is left out, whoever wrote it into a record', () => {
    const told = identityHeaders(
      principal({ id: 'key\r\nX: 1', keyId: 'k\u0000', scopes: new Set(['a:b', 'c d', 'e\r\nX-Admin: 1', 'é']) }),
      'req_1',
      'none',
    );
    expect(asObject(told)).toMatchObject({
      'X-Gatehouse-Subject': 'none',
      'X-Gatehouse-Key-Id': 'none',
      'X-Gatehouse-Scopes': 'a:b',
    });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that none is left is the promise
    expect(told.join('')).not.toMatch(/[\u0000-\u001f]/);
  });
});

describe('what travels to an app', () => {
  const strip = (
    raw: readonly string[],
    who = principal(),
    slots: readonly Slot[] = ['x-api-key', 'bearer', 'session'],
  ) => stripHeaders(raw, { principal: who, policy: { slots }, cookieName: 'gatehouse_session' });

  test.each([
    'X-Gatehouse-Subject',
    'x-gatehouse-anything',
    'X_Gatehouse_Subject',
    'X-Gatehouse_Subject',
    'X.Gatehouse.Subject',
    'X_GATEHOUSE.Org',
    'x-gatehouse',
    'XGatehouse-Org',
    'X~Gatehouse~Org',
    'X-Gate-House-Org',
    'Forwarded',
    'X-Forwarded-For',
    'X_Forwarded_For',
    'x-forwarded-prefix',
    'X-Real-IP',
    'X_Real_IP',
    'X-Original-URL',
    'X-Original-Method',
    'X-Rewrite-URL',
    'X-HTTP-Method-Override',
    'Proxy',
    'Proxy-Authorization',
    'Proxy-Connection',
    'Connection',
    'Keep-Alive',
    'TE',
    'Trailer',
    'Transfer-Encoding',
    'Upgrade',
  ])('G8: %s never does', (name) => {
    expect(strip([name, 'forged', 'Accept', '*/*'])).toEqual(['Accept', '*/*']);
  });

  test('everything else does, twice where it came twice, in its order and spelling', () => {
    const raw = [
      'Host',
      'h',
      'ACCEPT',
      'a',
      'X-Other',
      '1',
      'x-other',
      '2',
      'Origin',
      'o',
      'Content-Length',
      '3',
      'Empty',
      '',
    ];
    expect(strip(raw)).toEqual(raw);
  });

  test('what Connection names stays behind, but not what makes the request another one', () => {
    const raw = [
      'Connection',
      'close, X-Once',
      'connection',
      'Host,Content-Length',
      'X-Once',
      '1',
      'Host',
      'h',
      'Content-Length',
      '2',
    ];
    expect(strip(raw)).toEqual(['Host', 'h', 'Content-Length', '2']);
  });

  test('credentials that were ours stay behind; those of the app travel', () => {
    expect(strip(['x-api-key', 'k', 'Authorization', 'Bearer k'])).toEqual([]);
    expect(strip(['authorization', 'bearer k'])).toEqual([]);
    expect(strip(['X-API-Key', 'k', 'Authorization', 'Basic app'])).toEqual(['Authorization', 'Basic app']);
    expect(strip(['X-API-Key', 'k', 'Authorization', 'Bearer app'], principal(), ['x-api-key'])).toEqual([
      'Authorization',
      'Bearer app',
    ]);
    expect(strip(['X-API-Key', 'app', 'Authorization', 'Bearer k'], principal(), ['bearer'])).toEqual([
      'X-API-Key',
      'app',
    ]);
    expect(strip(['X-API-Key', 'dead', 'Authorization', 'Bearer app'], ANONYMOUS)).toEqual([
      'Authorization',
      'Bearer app',
    ]);
  });

  test('the session alone is taken out of the cookies', () => {
    expect(strip(['Cookie', 'a=1; gatehouse_session=s; b=2'])).toEqual(['Cookie', 'a=1; b=2']);
    expect(strip(['Cookie', 'gatehouse_session=s; b=2'])).toEqual(['Cookie', 'b=2']);
    expect(strip(['Cookie', 'gatehouse_session=s'])).toEqual([]);
    expect(strip(['Cookie', 'gatehouse_session=s;gatehouse_session = t'])).toEqual([]);
    expect(strip(['Cookie', 'a=gatehouse_session; gatehouse_session2=x'])).toEqual([
      'Cookie',
      'a=gatehouse_session; gatehouse_session2=x',
    ]);
  });
});
