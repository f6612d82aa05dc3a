import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ENVIRONMENTS } from '../../src/contract/fields.js';
import { API_KEY_TYPES } from '../../src/contract/keys.js';
import { describeForm, newToken, visibleStart } from '../../src/identity/keys/token.js';
import { toBase62 } from '../../src/kernel/base62.js';

const brands = fc.stringMatching(/^[a-z][a-z0-9]{1,15}$/);
const types = fc.constantFrom(...API_KEY_TYPES);
const environments = fc.constantFrom(...ENVIRONMENTS);

describe('K3: a token', () => {
  test('is brand, type, live or test, 43 random characters and a checksum over all of it', () => {
    fc.assert(
      fc.property(brands, types, environments, (brand, type, environment) => {
        const token = newToken(brand, type, environment);
        const mode = environment === 'production' ? 'live' : 'test';
        expect(token).toMatch(new RegExp(`^${brand}_${type}_${mode}_[0-9A-Za-z]{49}$`));
        expect(token.slice(-6)).toBe(toBase62(BigInt(crc32(token.slice(0, -6))), 6));
        expect(describeForm(brand, token)).toBeNull();
        expect(visibleStart(token)).toBe(token.slice(0, `${brand}_${type}_${mode}_`.length + 4));
      }),
    );
  });

  test('is never made twice', () => {
    expect(new Set(Array.from({ length: 1000 }, () => newToken('gate', 'sdk', 'production'))).size).toBe(1000);
  });

  test('with one character changed is told from a whole one', () => {
    const token = newToken('gate', 'sdk', 'development');
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.constantFrom(...'0Aaz9'), (at, character) => {
        fc.pre(token[at] !== character && at >= 'gate_'.length);
        expect(describeForm('gate', token.slice(0, at) + character + token.slice(at + 1))).not.toBeNull();
      }),
    );
  });

  test.each([
    ['a swapped type', (token: string) => token.replace('_sdk_', '_ci_'), 'checksum'],
    ['a swapped environment', (token: string) => token.replace('_test_', '_live_'), 'checksum'],
    ['two characters that changed places', (token: string) => swapped(token), 'checksum'],
    ['a character lost', (token: string) => token.slice(0, -1), 'not whole'],
    ['a character too many', (token: string) => `${token}a`, 'not whole'],
    ['only its start', (token: string) => visibleStart(token), 'not whole'],
    ['a line break behind it', (token: string) => `${token}\n`, 'not whole'],
  ])('with %s: its sender is told', (_what, change, words) => {
    expect(describeForm('gate', change(newToken('gate', 'sdk', 'development')))).toContain(words);
  });

  test('of another brand, or none, is nothing we could say anything about', () => {
    expect(describeForm('gate', newToken('chy', 'sdk', 'production'))).toBeNull();
    expect(describeForm('gate', 'b7f1c2d3e4a59687')).toBeNull();
    expect(describeForm('gate', 'gatekeeper')).toBeNull();
  });
});

/** Its first two random characters that differ, exchanged. */
function swapped(token: string): string {
  const from = 'gate_sdk_test_'.length;
  for (let at = from; at + 1 < token.length; at += 1) {
    const [left, right] = [token[at], token[at + 1]];
    if (left !== right) return `${token.slice(0, at)}${right}${left}${token.slice(at + 2)}`;
  }
  return token;
}
