/** List prices of text tokens on 2026-11-26, as published, from stored copies of the pages; see `docs/ask.md` for what they leave out. */

interface Price {
  /** US dollars for a million tokens. */
  readonly input: number;
  readonly output: number;
  /** Longer requests cost more, and no figure is given for them here. */
  readonly upToTokens?: number;
  /** The last day it holds. */
  readonly until?: string;
}

const price = (input: number, output: number, more: Partial<Price> = {}): Price => ({ input, output, ...more });
const LONG_OPENAI = { upToTokens: 272_000 };
const LONG_GEMINI = { upToTokens: 200_000 };
const FLASH = [price(0.75, 3.75, { until: '2026-12-31' }), price(1.5, 7.5)];

const PRICES: Readonly<Record<string, readonly Price[]>> = {
  'gpt-6-luna': [price(0.1, 0.5, LONG_OPENAI)],
  'gpt-6-sol': [price(2, 10, LONG_OPENAI)],
  'gpt-6.1-sol': [price(2, 10, LONG_OPENAI)],
  'gpt-6-astra': [price(10, 50, LONG_OPENAI)],
  'gpt-5.6-luna': [price(0.2, 1.2, LONG_OPENAI)],
  'gpt-5.6-terra': [price(2, 12, LONG_OPENAI)],
  'gpt-5.5': [price(5, 30, LONG_OPENAI)],
  'gpt-5.4': [price(2.5, 15, LONG_OPENAI)],
  'gpt-5.4-mini': [price(0.75, 4.5)],
  'gpt-5.4-nano': [price(0.2, 1.25)],
  'gpt-5.2': [price(1.75, 14)],
  'gpt-5.1': [price(1.25, 10)],
  'gpt-5': [price(1.25, 10)],
  'gpt-5-mini': [price(0.25, 2)],
  'gpt-5-nano': [price(0.05, 0.4)],
  'gpt-4.1': [price(2, 8)],
  'gpt-4.1-mini': [price(0.4, 1.6)],
  'gpt-4o': [price(2.5, 10)],
  'gpt-4o-mini': [price(0.15, 0.6)],
  'claude-haiku-5-5': [price(0.1, 0.5, { upToTokens: 100_000 })],
  'claude-haiku-4-5': [price(1, 5)],
  'claude-sonnet-5-5': [price(2, 10)],
  'claude-sonnet-5': [price(2, 10)],
  'claude-sonnet-4-5': [price(3, 15, LONG_GEMINI)],
  'claude-opus-5-5': [price(4, 20)],
  'claude-opus-5': [price(5, 25)],
  'claude-opus-4-8': [price(5, 25)],
  'claude-opus-4-7': [price(5, 25)],
  'claude-opus-4-6': [price(5, 25)],
  'claude-opus-4-5': [price(5, 25)],
  'claude-fable-5-1': [price(10, 50)],
  'claude-fable-5': [price(10, 50)],
  'gemini-3.8-flash': FLASH,
  'gemini-3.7-flash': FLASH,
  'gemini-3.6-flash': FLASH,
  'gemini-3.5-flash': [price(1.5, 9)],
  'gemini-3.5-flash-lite': [price(0.3, 2.5)],
  'gemini-2.5-pro': [price(1.25, 10, LONG_GEMINI)],
  'gemini-2.5-flash': [price(0.3, 2.5)],
  'gemini-2.5-flash-lite': [price(0.1, 0.4)],
};

/** A dated edition costs what its model does. */
const EDITION = /-(?:\d{4}-\d{2}-\d{2}|\d{8})$/;

/** What a call cost, to a millionth of a dollar; `null`: nothing certain can be said. */
export function costOf(
  model: string,
  { inputTokens, outputTokens }: { readonly inputTokens: number | null; readonly outputTokens: number | null },
  day: string,
): number | null {
  if (inputTokens === null || outputTokens === null) return null;
  const known = PRICES[model.replace(EDITION, '')]?.find(({ until }) => until === undefined || day <= until);
  if (known === undefined || inputTokens > (known.upToTokens ?? Number.POSITIVE_INFINITY)) return null;
  return Math.round(inputTokens * known.input + outputTokens * known.output) / 1_000_000;
}
