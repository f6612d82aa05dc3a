import { trimmed } from './lines.js';

/** A run of lines that stands on its own: one function, a few short ones, one section. */
export interface Passage {
  /** From 1; both ends are included. */
  readonly startLine: number;
  readonly endLine: number;
  /** Names defined in it, each once. */
  readonly symbols: readonly string[];
  /** Names of what encloses it, the innermost last. */
  readonly outer: readonly string[];
}

/** The passage of a range, without blank lines at its edges unless it has no others; each name once. */
export function passageOf(
  lines: readonly string[],
  whole: { readonly start: number; readonly end: number },
  symbols: readonly string[],
  outer: readonly string[],
): Passage {
  const { start, end } = trimmed(lines, whole.start, whole.end) ?? whole;
  return { startLine: start + 1, endLine: end, symbols: [...new Set(symbols)], outer: [...new Set(outer)] };
}
