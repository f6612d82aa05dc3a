import type { Passage } from './passages.js';
import { eachTerm } from './tokens.js';

/** The terms a passage is found by. */
export interface PassageTerms {
  /** How often it has each; a term of its path or its symbols counts several times. */
  readonly weights: ReadonlyMap<string, number>;
  /** Terms of its text, those of imports several times. */
  readonly length: number;
}

/** Characters of one line that are indexed. A longer line is data, and would hold the event loop in one piece. */
const MAX_INDEXED_LINE_CHARACTERS = 20_000;
const PATH_WEIGHT = 2;
const SYMBOL_WEIGHT = 4;

/** An import names things without saying anything about them, so its words count like those of a longer passage. */
const IMPORT =
  /^\s*(import\s|from\s+\S+\s+import\s|export\s.*\sfrom\s|#include\s|using\s+[\w.]+;|(const|let|var)\s.*=\s*require\()/;
const IMPORT_LENGTH = 4;

/** @param lines - of the whole file */
export function termsOfPassage(path: string, lines: readonly string[], passage: Passage): PassageTerms {
  const weights = new Map<string, number>();
  const counter = (weight: number) => (term: string) => weights.set(term, (weights.get(term) ?? 0) + weight);
  let length = 0;
  const countText = counter(1);
  for (const whole of lines.slice(passage.startLine - 1, passage.endLine)) {
    const line = whole.slice(0, MAX_INDEXED_LINE_CHARACTERS);
    const share = IMPORT.test(line) ? IMPORT_LENGTH : 1;
    eachTerm(line, (term) => {
      length += share;
      countText(term);
    });
  }
  for (const symbol of [...passage.symbols, ...passage.outer]) eachTerm(symbol, counter(SYMBOL_WEIGHT));
  eachTerm(path, counter(PATH_WEIGHT));
  return { weights, length };
}
