import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseEmail } from '../../src/kernel/email.js';

test('A4: every spelling of one address has one key', () => {
  const spellings = [
    'ada@example.com',
    'ADA@Example.COM',
    ' ada@example.com ',
    'ａｄａ@example.com',
    'ada＠ｅｘａｍｐｌｅ.com',
  ];
  expect(new Set(spellings.map((text) => parseEmail(text).key))).toEqual(new Set(['ada@example.com']));
  expect(parseEmail('Ada@example.com').email).toBe('Ada@example.com');
});

test('A4: a domain of another script is shown in ASCII, so that it is seen to be another one', () => {
  expect(parseEmail('ada@bücher.example').key).toBe('ada@xn--bcher-kva.example');
  // The first letter is Cyrillic.
  expect(parseEmail('ada@\u0435xample.com').email).toMatch(/^ada@xn--/);
});

test.each([
  ['a Cyrillic a', '\u0430da@example.com', 'other scripts'],
  ['a letter with a mark', 'adä@example.com', 'other scripts'],
  ['a zero-width space', 'a\u200bda@example.com', 'cannot be seen'],
  ['a soft hyphen in the domain', 'ada@exam\u00adple.com', 'cannot be seen'],
  ['a line break', 'ada@example.com\nBcc: x@example.com', 'cannot be seen'],
  ['a writing direction', 'ada@example.com\u202e', 'cannot be seen'],
  ['no @', 'ada', 'not an e-mail'],
  ['two @', 'ada@b@example.com', 'not an e-mail'],
  ['a list of addresses', 'ada@example.com,eve@example.com', 'not an e-mail'],
  ['a comma', 'ada,eve@example.com', 'not an e-mail'],
  ['a quoted name', '"ada"@example.com', 'not an e-mail'],
  ['a comment', 'ada(x)@example.com', 'not an e-mail'],
  ['an address as a domain', 'ada@127.0.0.1', 'not an e-mail'],
  ['a domain without a dot', 'ada@localhost', 'not an e-mail'],
  ['two dots', 'a..da@example.com', 'not an e-mail'],
  ['nothing', '', 'not an e-mail'],
])('A4: refuses %s', (_, text, why) => {
  expect(() => parseEmail(text)).toThrow(why);
});

test('R3: whatever is typed is an address or a refusal, and an address reads as itself again', () => {
  fc.assert(
    fc.property(fc.oneof(fc.emailAddress(), fc.string(), fc.string({ unit: 'binary' })), (text) => {
      let read: ReturnType<typeof parseEmail>;
      try {
        read = parseEmail(text);
      } catch (error) {
        expect((error as { code: string }).code).toBe('BAD_REQUEST');
        return;
      }
      expect(read.key).toMatch(/^[\x21-\x7e]+$/);
      expect(parseEmail(read.key).key).toBe(read.key);
      expect(parseEmail(read.email).key).toBe(read.key);
    }),
  );
});
