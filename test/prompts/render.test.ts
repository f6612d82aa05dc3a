import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { placesIn, renderPrompt, variablesFor } from '../../src/prompts/render.js';

const variable = (name: string, more: object = {}) => ({ name, required: false, description: '', ...more });

describe('putting values into a prompt', () => {
  test('Q5: each place gets its value, spaces in the braces or not; what is not given is its default, or nothing', () => {
    const variables = [
      variable('tone', { required: true }),
      variable('lang', { default: 'English' }),
      variable('more'),
    ];
    expect(renderPrompt('Be {{tone}}, in {{ lang }}.{{more}} {{tone}}!', variables, { tone: 'kind' })).toBe(
      'Be kind, in English. kind!',
    );
  });

  test('Q5: nothing that is inserted is read again', () => {
    const variables = [variable('a'), variable('b')];
    expect(renderPrompt('{{a}}{{b}}', variables, { a: '{{b}}', b: '{{a}}' })).toBe('{{b}}{{a}}');
    expect(renderPrompt('{{a}}', variables, { a: '$& $1 $$ $`' })).toBe('$& $1 $$ $`');
    expect(renderPrompt('{{a}}b}}', variables, { a: '{{' })).toBe('{{b}}');
    const value = fc.string();
    fc.assert(
      fc.property(value, value, (a, b) => renderPrompt('<{{a}}|{{b}}>', variables, { a, b }) === `<${a}|${b}>`),
    );
  });

  test('what is no place stays as it is', () => {
    const text = '{{}} {{1a}} {{a-b}} {a} {{{{ {{ a b }} {{\na\n}}';
    expect(placesIn(text)).toEqual(['a']);
    expect(renderPrompt('{{}} {{a-b}} {x}', [], {})).toBe('{{}} {{a-b}} {x}');
  });

  test('R3: what is missing, and what the prompt does not have, is named; names of Object are no variables', () => {
    const variables = [variable('tone', { required: true })];
    expect(() => renderPrompt('{{tone}}', variables, {})).toThrow(/needs tone/);
    expect(() => renderPrompt('{{tone}}', variables, { tone: 'x', lang: 'y' })).toThrow(/has no "lang"/);
    expect(() => variablesFor('{{tone}} {{lang}}', variables)).toThrow(/places for lang/);
    expect(renderPrompt('{{constructor}}', [variable('constructor')], {})).toBe('');
    expect(() => renderPrompt('x', [], { toString: 'x' })).toThrow(/has no "toString"/);
  });

  test('a text of nothing but braces is read in time that grows with its length', () => {
    const startedMs = performance.now();
    placesIn('{{ '.repeat(10_000));
    placesIn(`{{${' '.repeat(32_000)}`);
    expect(performance.now() - startedMs).toBeLessThan(2000);
  });
});
