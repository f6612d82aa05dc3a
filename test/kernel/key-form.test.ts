import { expect, test } from 'vitest';
import { newToken } from '../../src/identity/keys/token.js';
import { hasKeyForm, maskKeys } from '../../src/kernel/key-form.js';

const key = newToken('gate', 'sdk', 'production');
const start = key.slice(0, 'gate_sdk_live_'.length + 4);

test.each(['gate', 'chy', 'a1'])('a key of the brand %s has the form', (brand) => {
  for (const type of ['sdk', 'svc', 'mcp']) expect(hasKeyForm(newToken(brand, type, 'staging'))).toBe(true);
});

test.each(['', 'gate', `${key}x`, key.slice(1, -1), ` ${key}`, key.slice(0, -1)])('%j has not', (text) => {
  expect(hasKeyForm(text)).toBe(false);
});

test('K1: keys are cut to what may be shown, wherever they stand in a text', () => {
  expect(maskKeys(`why is ${key} refused? (${key})`)).toBe(`why is ${start}… refused? (${start}…)`);
  expect(maskKeys(`KEY="${key}"\nx-api-key:${key}`)).not.toContain(key.slice(-20));
  expect(maskKeys('nothing here')).toBe('nothing here');
});
