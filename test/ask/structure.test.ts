import { beforeAll, describe, expect, test } from 'vitest';
import { loadGrammarFor } from '../../src/ask/grammars.js';
import { outlineOf } from '../../src/ask/outline.js';
import { cutPassages } from '../../src/ask/passages.js';

const body = (line: string) => Array.from({ length: 18 }, (_, at) => line.replace('N', String(at))).join('\n');

/** By ending: a comment, what it is about, and a second definition; each longer than what is merged. */
const SOURCES: Readonly<Record<string, string>> = {
  js: `/** First. */\nfunction alpha() {\n${body('  step(N);')}\n}\n\nexports.beta = function () {\n${body('  step(N);')}\n};\n`,
  ts: `/** First. */\nexport function alpha(a: number): void {\n${body('  step(N);')}\n}\n\nexport const beta = (): void => {\n${body('  step(N);')}\n};\n`,
  tsx: `/** First. */\nexport function alpha() {\n${body('  step(N);')}\n  return <b>hi</b>;\n}\n\nexport const beta = () => {\n${body('  step(N);')}\n};\n`,
  py: `# First.\n@decorated\ndef alpha():\n${body('    step(N)')}\n\nclass beta:\n${body('    name_N = N')}\n`,
  go: `package p\n\n// First.\nfunc alpha() {\n${body('\tstep(N)')}\n}\n\nfunc (t *T) beta() {\n${body('\tstep(N)')}\n}\n`,
  rs: `/// First.\n#[inline]\nfn alpha() {\n${body('    step(N);')}\n}\n\nstruct beta {\n${body('    fieldN: u8,')}\n}\n`,
  java: `class Outer {\n  /** First. */\n  void alpha() {\n${body('    step(N);')}\n  }\n\n  void beta() {\n${body('    step(N);')}\n  }\n}\n`,
  c: `/* First. */\nint alpha(void) {\n${body('  step(N);')}\n}\n\nstatic int *beta(void) {\n${body('  step(N);')}\n}\n`,
  cpp: `// First.\nint alpha() {\n${body('  step(N);')}\n}\n\nclass beta {\n${body('  int nameN;')}\n};\n`,
  rb: `# First.\ndef alpha\n${body('  step(N)')}\nend\n\nclass Beta\n${body('  attr_N')}\nend\n`,
  php: `<?php\n/** First. */\nfunction alpha() {\n${body('  step(N);')}\n}\n\nfunction beta() {\n${body('  step(N);')}\n}\n`,
  cs: `class Outer {\n  /// First.\n  void alpha() {\n${body('    step(N);')}\n  }\n\n  void beta() {\n${body('    step(N);')}\n  }\n}\n`,
  sh: `# First.\nalpha() {\n${body('  step N')}\n}\n\nbeta() {\n${body('  step N')}\n}\n`,
};

beforeAll(async () => {
  for (const ending of Object.keys(SOURCES)) await loadGrammarFor(`a.${ending}`);
});

const cut = (path: string, text: string) => [...cutPassages(path, text.split('\n'))];

describe('code is cut at its functions', () => {
  test.each(Object.entries(SOURCES))('%s: each with its comment, under its name', (ending, text) => {
    const lines = text.split('\n');
    const passages = cut(`a.${ending}`, text);
    const alpha = passages.find(({ symbols }) => symbols.includes('alpha'));
    const beta = passages.find(({ symbols }) => symbols.some((name) => /^beta$/i.test(name)));
    expect(alpha).toBeDefined();
    expect(beta).toBeDefined();
    expect(lines.slice((alpha?.startLine ?? 1) - 1, alpha?.endLine).join('\n')).toMatch(/First\.[\s\S]*alpha[\s\S]*17/);
    // Neither reaches into the other.
    expect(alpha?.endLine).toBeLessThan(beta?.startLine ?? 0);
  });

  test('a method of a long class knows its class', () => {
    const text = `class Shelf {\n${['put', 'take'].map((name) => `  ${name}() {\n${body('    step(N);')}\n  }\n`).join('\n')}}\n`;
    const take = cut('a.ts', text).find(({ symbols }) => symbols.includes('take'));
    expect(take?.outer).toEqual(['Shelf']);
  });

  test('short neighbours share a passage; a function longer than one is cut, each piece under its name', () => {
    expect(cut('a.ts', 'function a() {\n  x();\n}\n\nfunction b() {\n  y();\n}\n')).toHaveLength(1);
    const long = cut('a.ts', `function long() {\n${body('  step(N);\n').repeat(4)}\n}\n`);
    expect(long.length).toBeGreaterThan(1);
    for (const { startLine, endLine, symbols, outer } of long) {
      expect(endLine - startLine).toBeLessThan(40);
      expect([...symbols, ...outer]).toContain('long');
    }
  });
});

describe('what cannot be parsed is cut all the same', () => {
  test.each(Object.keys(SOURCES))('%s: broken code, bytes that mean nothing, a line of 10 MB', (ending) => {
    const source = SOURCES[ending] ?? '';
    for (const text of [
      source.replaceAll('}', ''),
      source.slice(0, source.length / 3),
      '\u0000\ufffd\ud800{{{((('.repeat(50),
      `${'('.repeat(5000)}\n`.repeat(20),
      '',
      '\n\n\n',
    ]) {
      const lines = text.split('\n');
      const covered = new Set<number>();
      for (const { startLine, endLine } of cutPassages(`a.${ending}`, lines)) {
        expect(endLine - startLine).toBeLessThan(40);
        for (let at = startLine; at <= endLine; at++) {
          expect(covered.has(at)).toBe(false);
          covered.add(at);
        }
      }
      for (const [at, line] of lines.entries()) if (/\S/.test(line)) expect(covered.has(at + 1)).toBe(true);
    }
    expect(cut(`a.${ending}`, 'x'.repeat(10 * 1024 * 1024))).toMatchObject([{ startLine: 1, endLine: 1 }]);
  });

  test('a language without a grammar, and a grammar that was not loaded', async () => {
    await loadGrammarFor('a.zig');
    expect(outlineOf('a.zig', ['fn a() {', '}'])).toBeNull();
    expect(cut('a.zig', 'fn a() {\n}\n')).toHaveLength(1);
  });

  test('a thousand parses leave no memory behind', () => {
    const lines = (SOURCES['ts'] ?? '').split('\n');
    for (let at = 0; at < 100; at++) outlineOf('a.ts', lines);
    const before = process.memoryUsage().rss;
    for (let at = 0; at < 1000; at++) outlineOf('a.ts', lines);
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
  });
});
