import type { Concept } from './inverted-index.js';
import { stem } from './stem.js';
import { neighboursOf } from './thesaurus.js';
import { eachTerm } from './tokens.js';
import { WEIGHTS } from './weights.js';
import { FILLER_WORDS, GENERAL_WORDS, QUESTION_WORDS } from './words.js';

/** What a question asks for, as far as words can tell. */
export interface Question {
  readonly concepts: readonly Concept[];
  /** Its telling words as they were written, in lower case. */
  readonly verbatim: readonly string[];
  /** Only words such as "how does this code work": nothing to search, but an overview answers it. */
  readonly wantsOverview: boolean;
  /** Tests answer a question about tests, and stand behind the code otherwise. */
  readonly aboutTests: boolean;
}

/** A question may be a pasted log of 8,000 characters. The index follows only its rarest words, but has to see them. */
const MAX_CONCEPTS = 2000;
const MIN_VERBATIM_CHARACTERS = 4;
const MAX_VERBATIM = 32;

/** Reads any text at all as a question. Never throws; work grows with the length only. */
export function readQuestion(text: string): Question {
  const words = text.normalize('NFKC').match(/[\p{L}\p{M}\p{N}_]+/gu) ?? [];
  const concepts = new Map<string, Concept>();
  const verbatim = new Set<string>();
  let previous = '';
  for (const word of words) {
    if (concepts.size >= MAX_CONCEPTS) break;
    const lower = word.toLowerCase();
    if (PARTICLES.has(lower)) {
      // "catch up", "shut down", "log in" are often written as one: catchup, Shutdown, login.
      if (previous !== '') join(concepts, previous + lower);
      previous = '';
      continue;
    }
    if (QUESTION_WORDS.has(lower)) {
      previous = '';
      continue;
    }
    const general = GENERAL_WORDS.has(lower) || FILLER_WORDS.has(lower);
    const terms: string[] = [];
    eachTerm(word, (term) => terms.push(term));
    for (const term of terms) {
      if (concepts.has(term)) continue;
      // "1st" and "30s" help to find, but nobody asks about them.
      if (/^\d+\p{L}/u.test(word)) {
        addJoined(concepts, term);
        continue;
      }
      const near = general ? [] : neighboursOf(term).map((other) => ({ term: other, weight: WEIGHTS.neighbour }));
      const own = { term, weight: general ? WEIGHTS.general : 1 };
      concepts.set(term, { variants: [own, ...near], meaningful: !general });
    }
    if (!general && lower.length >= MIN_VERBATIM_CHARACTERS) verbatim.add(lower);
    // "rate limiter" is often one identifier: RateLimiter, rate_limiter.
    if (previous !== '') join(concepts, previous + lower);
    previous = /^[a-z0-9]+$/.test(lower) ? lower : '';
  }
  const all = [...concepts.values()];
  return {
    concepts: all,
    verbatim: [...verbatim].slice(0, MAX_VERBATIM),
    wantsOverview: words.length > 0 && !all.some((concept) => concept.meaningful) && asksSomething(words),
    aboutTests: words.some((word) => stem(word.toLowerCase()) === 'test' || word.toLowerCase() === 'spec'),
  };
}

const PARTICLES = new Set('away back down in off on out over up'.split(' '));

/** Two words of the question as the one identifier that they may be. */
function join(concepts: Map<string, Concept>, both: string): void {
  addJoined(concepts, stem(both));
}

function addJoined(concepts: Map<string, Concept>, term: string): void {
  if (!concepts.has(term)) concepts.set(term, { variants: [{ term, weight: WEIGHTS.joined }], meaningful: false });
}

/** "the of and" asks nothing; "what is this?" and "overview" do. */
function asksSomething(words: readonly string[]): boolean {
  return words.some(
    (word) => GENERAL_WORDS.has(word.toLowerCase()) || /^(what|how|explain|describe|about)$/i.test(word),
  );
}
