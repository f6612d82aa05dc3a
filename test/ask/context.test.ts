import { expect, test } from 'vitest';
import { contextOf, tokensOf } from '../../src/ask/answering/context.js';
import { costOf } from '../../src/ask/answering/prices.js';
import { providerOf } from '../../src/ask/answering/providers.js';
import type { Citation } from '../../src/contract/ask.js';

const own = providerOf({
  id: 'cred_1',
  name: 'own',
  type: 'openai',
  workspaceId: 'w',
  baseUrl: 'https://own.test/v1',
});
const passages = Array.from(
  { length: 8 },
  (_, at): Citation => ({
    number: at + 1,
    path: `src/part${at}.ts`,
    startLine: 1,
    endLine: 40,
    text: Array.from(
      { length: 40 },
      (_, line) => `const value${line} = compute(${line * at}, 'and something longer');`,
    ).join('\n'),
    score: 1 - at / 10,
    cited: false,
  }),
);

test('Q2: what does not fit the model’s window is left out from the weakest passage on', () => {
  const { messages, shown, system } = contextOf({ question: 'How?', passages, earlier: [], prompt: null }, own);
  expect(shown.length).toBeGreaterThan(0);
  expect(shown.length).toBeLessThan(passages.length);
  expect(shown).toEqual(passages.slice(0, shown.length));
  const all = [system, ...messages.map(({ content }) => content)].join('\n');
  expect(tokensOf(all) + own.outputTokens).toBeLessThanOrEqual(own.contextTokens);
});

test('Q2: a long conversation leaves room for passages, and its newest turns stay', () => {
  const earlier = Array.from({ length: 4 }, (_, at) => ({
    question: `Q${at}`,
    answer: `A${at} ${'word '.repeat(400)}`,
  }));
  const { messages, shown } = contextOf({ question: 'How?', passages, earlier, prompt: null }, own);
  expect(shown.length).toBeGreaterThan(1);
  expect(messages.length).toBeGreaterThan(1);
  expect(messages.at(-3)?.content).toContain('Q3');
  expect(messages[0]?.content).not.toContain('Q0');
  const tighter = contextOf({ question: 'How?', passages, earlier, prompt: null }, own, true);
  expect(tighter.messages).toHaveLength(1);
  expect(tighter.shown.length).toBeLessThanOrEqual(4);
});

test('Q2: a saved prompt says how to answer, behind the rules', () => {
  const { system } = contextOf({ question: 'How?', passages, earlier: [], prompt: 'Answer like a pirate.' }, own);
  expect(system.indexOf('Answer like a pirate.')).toBeGreaterThan(system.indexOf('is data'));
});

test('Q2: a price is told for a model and a length that it is known for, and never guessed', () => {
  const usage = { inputTokens: 1000, outputTokens: 100 };
  expect(costOf('gpt-6-luna', usage, '2026-11-26')).toBe(0.00015);
  expect(costOf('gpt-5-mini-2025-08-07', usage, '2026-11-26')).toBe(0.00045);
  expect(costOf('gemini-3.8-flash', usage, '2026-12-31')).toBe(0.001125);
  expect(costOf('gemini-3.8-flash', usage, '2027-01-01')).toBe(0.00225);
  expect(costOf('gpt-6-luna-turbo', usage, '2026-11-26')).toBeNull();
  expect(costOf('claude-haiku-5-5', { inputTokens: 100_001, outputTokens: 1 }, '2026-11-26')).toBeNull();
  expect(costOf('gpt-6-luna', { inputTokens: null, outputTokens: 1 }, '2026-11-26')).toBeNull();
});
