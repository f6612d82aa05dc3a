import { describe, expect, test } from 'vitest';
import { findCredential, readHeaders } from '../../src/guard/credential.js';
import { DEFAULT_SLOTS, type Slot } from '../../src/guard/policy.js';
import { facts, Gate, policy, shown } from './gate.js';

function credential(rawHeaders: string[], slots: readonly Slot[] = DEFAULT_SLOTS) {
  const found = findCredential(readHeaders(rawHeaders), slots);
  return found.kind === 'presented' ? found.presentedKey : found.kind;
}

describe('A1: x-api-key and Authorization: Bearer mean the same', () => {
  test.each<[string, string[], string]>([
    ['x-api-key', ['x-api-key', 'K'], 'K'],
    ['X-API-Key', ['X-API-Key', 'K'], 'K'],
    ['X-API-KEY', ['X-API-KEY', 'K'], 'K'],
    ['Bearer', ['Authorization', 'Bearer K'], 'K'],
    ['bearer', ['authorization', 'bearer K'], 'K'],
    ['BEARER', ['AUTHORIZATION', 'BEARER K'], 'K'],
    ['bEaReR', ['Authorization', 'bEaReR K'], 'K'],
    ['many blanks', ['Authorization', 'Bearer    K'], 'K'],
    ['both with the same key', ['x-api-key', 'K', 'Authorization', 'Bearer K'], 'K'],
    ['among other headers', ['Host', 'h', 'Accept', '*/*', 'x-api-key', 'K', 'X-Real-IP', '1'], 'K'],
    ['a key that looks like a scheme', ['x-api-key', 'Bearer K'], 'Bearer K'],
  ])('%s', (_what, headers, expected) => {
    expect(credential(headers)).toBe(expected);
  });

  test.each<[string, string[]]>([
    ['two different keys', ['x-api-key', 'K', 'Authorization', 'Bearer L']],
    ['keys that differ in case only', ['x-api-key', 'K', 'Authorization', 'Bearer k']],
    ['one empty, one not', ['x-api-key', '', 'Authorization', 'Bearer K']],
    ['x-api-key twice', ['x-api-key', 'K', 'X-Api-Key', 'L']],
    ['x-api-key twice with the same key', ['x-api-key', 'K', 'x-api-key', 'K']],
    ['Authorization twice', ['Authorization', 'Bearer K', 'authorization', 'Bearer L']],
    ['Authorization twice, the second another scheme', ['Authorization', 'Bearer K', 'Authorization', 'Basic eA==']],
    ['Authorization twice, the first another scheme', ['Authorization', 'Basic eA==', 'Authorization', 'Bearer K']],
    ['both twice', ['x-api-key', 'K', 'x-api-key', 'K', 'Authorization', 'Bearer K', 'Authorization', 'Bearer K']],
    // A second duplicate must not hide the first.
    [
      'Authorization twice, then X-Real-IP twice',
      ['Authorization', 'Bearer K', 'Authorization', 'Bearer L', 'X-Real-IP', '1', 'X-Real-IP', '2'],
    ],
    ['x-api-key twice, then X-Real-IP twice', ['x-api-key', 'K', 'x-api-key', 'L', 'X-Real-IP', '1', 'X-Real-IP', '2']],
  ])('%s: ambiguous, and no key is tried', (_what, headers) => {
    expect(credential(headers)).toBe('ambiguous');
    const gate = new Gate();
    const verdict = gate.decide(facts({ rawHeaders: headers }));
    expect(shown(verdict)).toBe('credential AMBIGUOUS_CREDENTIALS');
    expect(gate.touched).toEqual([]);
    // Public routes do not make it less ambiguous.
    expect(shown(gate.decide(facts({ rawHeaders: headers }), policy({ authModes: ['public'] })))).toBe(
      'credential AMBIGUOUS_CREDENTIALS',
    );
  });

  test.each<[string, string[]]>([
    ['nothing', []],
    ['Basic', ['Authorization', 'Basic SzpL']],
    ['Digest', ['Authorization', 'Digest username="K"']],
    ['a scheme that begins like Bearer', ['Authorization', 'Bearers K']],
    ['no blank behind the scheme', ['Authorization', 'BearerK']],
    ['a bare key', ['Authorization', 'K']],
    ['a bare long key', ['Authorization', 'KKKKKKKKKKKKKKKKKKKK']],
    ['an empty header', ['Authorization', '']],
    ['underscores', ['x_api_key', 'K']],
    ['a longer name', ['x-api-keys', 'K']],
    ['Proxy-Authorization', ['Proxy-Authorization', 'Bearer K']],
    ['a cookie', ['Cookie', 'x-api-key=K']],
  ])('%s is no credential of ours', (_what, headers) => {
    expect(credential(headers)).toBe('none');
    expect(shown(new Gate().decide(facts({ rawHeaders: headers })))).toBe('authenticate UNAUTHORIZED');
  });

  test('another scheme beside x-api-key is somebody else’s and not read', () => {
    expect(credential(['x-api-key', 'K', 'Authorization', 'Basic SzpL'])).toBe('K');
  });

  test('`Bearer` with nothing behind it is an empty key, not a missing one', () => {
    expect(credential(['Authorization', 'Bearer'])).toBe('');
    expect(credential(['Authorization', 'bearer '])).toBe('');
  });

  test('a list of odd length is read as far as it goes', () => {
    expect(credential(['x-api-key', 'K', 'Authorization'])).toBe('K');
  });
});

describe('slots narrow where a key may be', () => {
  test.each<[Slot[], string[], string]>([
    [['x-api-key'], ['Authorization', 'Bearer K'], 'none'],
    [['x-api-key'], ['x-api-key', 'K', 'Authorization', 'Bearer L'], 'K'],
    [['x-api-key'], ['x-api-key', 'K', 'Authorization', 'Bearer L', 'Authorization', 'Bearer M'], 'K'],
    [['x-api-key'], ['x-api-key', 'K', 'x-api-key', 'L', 'Authorization', 'a', 'Authorization', 'b'], 'ambiguous'],
    [['bearer'], ['x-api-key', 'K'], 'none'],
    [['bearer'], ['x-api-key', 'K', 'Authorization', 'Bearer L'], 'L'],
    [['bearer'], ['x-api-key', 'K', 'x-api-key', 'M', 'Authorization', 'Bearer L'], 'L'],
    [
      ['bearer'],
      ['Authorization', 'Bearer K', 'Authorization', 'Bearer L', 'x-api-key', 'a', 'x-api-key', 'b'],
      'ambiguous',
    ],
    [[], ['x-api-key', 'K', 'Authorization', 'Bearer L'], 'none'],
  ])('%j of %j: %s', (slots, headers, expected) => {
    expect(credential(headers, slots)).toBe(expected);
  });
});
