import type { Passage } from './passage.js';
import { eachTerm } from './tokens.js';
import { WEIGHTS } from './weights.js';

/** The terms a passage is found by. */
export interface PassageTerms {
  /** How often it has each, by where it stands: see `WEIGHTS`. */
  readonly weights: ReadonlyMap<string, number>;
  /** Terms of its text, those of imports several times. */
  readonly length: number;
}

/** Characters of one line that are indexed. A longer line is data, and would hold the event loop in one piece. */
const MAX_INDEXED_LINE_CHARACTERS = 20_000;

/** An import names things without saying anything about them, so its words count like those of a longer passage. */
const IMPORT =
  /^\s*(import\s|from\s+\S+\s+import\s|export\s.*\sfrom\s|#include\s|using\s+[\w.]+;|(const|let|var)\s.*=\s*require\()/;
const IMPORT_LENGTH = 4;

/** A line that is a comment, or the middle of one. */
const COMMENT = /^\s*(\/\/|\/\*|\*(?!\w)|#(?!\s*(include|define|if|else|endif)\b)|--\s|;;|<!--|"""|''')/;

/** @param lines - of the whole file */
export function termsOfPassage(path: string, lines: readonly string[], passage: Passage): PassageTerms {
  const weights = new Map<string, number>();
  const counter = (weight: number) => (term: string) => weights.set(term, (weights.get(term) ?? 0) + weight);
  const inBody = counter(WEIGHTS.body);
  const inComment = counter(WEIGHTS.comment);
  let length = 0;
  for (const whole of lines.slice(passage.startLine - 1, passage.endLine)) {
    const line = whole.slice(0, MAX_INDEXED_LINE_CHARACTERS);
    const share = IMPORT.test(line) ? IMPORT_LENGTH : 1;
    const count = COMMENT.test(line) ? inComment : inBody;
    eachTerm(line, (term) => {
      length += share;
      count(term);
    });
  }
  for (const symbol of passage.symbols) eachTerm(symbol, counter(WEIGHTS.symbol));
  for (const symbol of passage.outer) eachTerm(symbol, counter(WEIGHTS.outer));
  const slash = path.lastIndexOf('/') + 1;
  eachTerm(path.slice(0, slash), counter(WEIGHTS.folder));
  eachTerm(path.slice(slash), counter(WEIGHTS.fileName));
  return { weights, length };
}
