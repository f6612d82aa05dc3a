import { describe, expect, test } from 'vitest';
import { holdsScope, missingScopes } from '../../src/kernel/scopes.js';

describe('holdsScope', () => {
  test.each<[string[], string, boolean]>([
    [['projects:read'], 'projects:read', true],
    [['projects:read'], 'projects:write', false],
    [['projects:*'], 'projects:write', true],
    [['projects:*'], 'projects:*', true],
    [['projects:*'], 'projectsx:read', false],
    [['projects:*'], 'billing:read', false],
    [['*'], 'anything:at_all', true],
    [['*'], '*', true],
    [['projects:*', 'billing:*'], '*', false],
    [['projects:read'], 'projects:*', false],
    [['projects'], 'projects:read', false],
    [['Projects:read'], 'projects:read', false],
    [[':*'], ':read', false],
    [[], 'projects:read', false],
    [['toString'], 'constructor', false],
  ])('%j holds %j: %s', (held, wanted, expected) => {
    expect(holdsScope(new Set(held), wanted)).toBe(expected);
  });
});

test('missing scopes come in the order they were asked', () => {
  expect(missingScopes(new Set(['b:read']), ['c:read', 'b:read', 'a:read'])).toEqual(['c:read', 'a:read']);
  expect(missingScopes(new Set(['*']), ['c:read', 'b:read'])).toEqual([]);
});
