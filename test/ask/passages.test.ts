import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutPassages } from '../../src/ask/passages.js';

const cut = (path: string, text: string) => [...cutPassages(path, text.split('\n'))];

describe('passages', () => {
  test('every line that says something is in exactly one passage, none over 40 lines or 4,000 characters', () => {
    const line = fc.oneof(
      fc.constantFrom(
        '',
        '  ',
        '}',
        '  }',
        '# Title',
        '```',
        'function a() {',
        '  method(x) {',
        '\tdef b():',
        '// note',
      ),
      fc.string({ maxLength: 3000 }).filter((text) => !text.includes('\n')),
    );
    fc.assert(
      fc.property(fc.constantFrom('a.ts', 'a.md'), fc.array(line, { maxLength: 200 }), (path, lines) => {
        const covered = new Set<number>();
        for (const { startLine, endLine } of cutPassages(path, lines)) {
          expect(endLine - startLine).toBeLessThan(40);
          if (endLine > startLine)
            expect(lines.slice(startLine - 1, endLine).join('\n').length).toBeLessThanOrEqual(4001);
          for (let at = startLine; at <= endLine; at++) {
            expect(covered.has(at)).toBe(false);
            covered.add(at);
          }
        }
        for (const [at, text] of lines.entries()) if (/\S/.test(text)) expect(covered.has(at + 1)).toBe(true);
      }),
    );
  });

  test('a comment stays with the function it is about', () => {
    const functions = ['alpha', 'beta', 'gamma'].map(
      (name) => `/**\n * About ${name}.\n */\nexport function ${name}() {\n${'  step();\n'.repeat(10)}}\n`,
    );
    const passages = cut('a.ts', functions.join('\n'));
    expect(passages.map(({ symbols }) => symbols)).toEqual([['alpha'], ['beta'], ['gamma']]);
    expect(passages.map(({ startLine }) => startLine)).toEqual([1, 17, 33]);
  });

  test('sections of prose begin at their headings and know what encloses them; code in them is not a heading', () => {
    const text = '# Book\n\nintro\n\n## Late\n\ntext\n\n```sh\n# not a heading\nls\n```\n\n## Lost\n\nmore\n';
    expect(cut('a.md', text)).toEqual([
      { startLine: 1, endLine: 3, symbols: ['Book'], outer: [] },
      { startLine: 5, endLine: 12, symbols: ['Late'], outer: ['Book'] },
      { startLine: 14, endLine: 16, symbols: ['Lost'], outer: ['Book'] },
    ]);
  });

  test('a method in a long class knows its class', () => {
    const methods = Array.from(
      { length: 12 },
      (_, n) => `  method${n}(a: string): void {\n${'    x();\n'.repeat(9)}  }\n`,
    );
    const passages = cut('a.ts', `class Turnstile {\n${methods.join('\n')}}\n`);
    expect(passages.length).toBeGreaterThan(5);
    for (const { symbols, outer } of passages.slice(0, -1)) expect([...symbols, ...outer]).toContain('Turnstile');
  });

  test('a real file is cut at its definitions', () => {
    const text = readFileSync(new URL('../../workspaces/example/server/reservations.ts', import.meta.url), 'utf8');
    for (const { startLine } of cut('a.ts', text))
      expect(text.split('\n')[startLine - 1]).toMatch(/^(import|export|function|\/\*\*)/);
  });

  test('lines made to be slow for an expression are not', () => {
    const startedAt = performance.now();
    cut(
      'a.ts',
      `${'export '.repeat(40)}\n${'async '.repeat(49)}\n  ${'a('.repeat(140)}\n  x${'(a,'.repeat(90)}{\n`.repeat(200),
    );
    cut('b.ts', `  ${'('.repeat(500_000)}\n${' '.repeat(500_000)}\n`);
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });
});
