import { stem } from './stem.js';

/** Longer runs are digests, keys or packed data: nobody asks for them and each would be a term of its own. */
const MAX_TOKEN_CHARACTERS = 48;

/**
 * Calls `each` with every index term of a text, in order. An identifier gives its parts, stemmed, and itself whole:
 * `RateLimiter`, `rate_limiter` and `rateLimiter` all give `rat`, `limit` and `ratelimit`.
 * Scripts without spaces give pairs of characters.
 */
export function eachTerm(text: string, each: (term: string) => void): void {
  for (const [word] of text.matchAll(/[\p{L}\p{M}\p{N}_]+/gu)) {
    if (word.length <= MAX_TOKEN_CHARACTERS) for (const term of known(word)) each(term);
  }
}

/** Files say the same words again and again; taking one apart costs more than remembering it. Two generations, the older let go. */
let remembered = new Map<string, readonly string[]>();
let older = remembered;
const MAX_GENERATION = 2048;

function known(word: string): readonly string[] {
  const before = remembered.get(word);
  if (before !== undefined) return before;
  // A slice of a file's text would keep the whole text alive in V8.
  const copy = Buffer.from(word).toString();
  const terms = older.get(word) ?? takenApart(copy);
  if (remembered.size >= MAX_GENERATION) {
    older = remembered;
    remembered = new Map();
  }
  remembered.set(copy, terms);
  return terms;
}

function takenApart(word: string): string[] {
  const terms: string[] = [];
  termsOfWord(word, (term) => terms.push(term));
  return terms;
}

/** The terms of one word, its whole form last when it has parts. */
function termsOfWord(word: string, each: (term: string) => void): void {
  // The common case, and by far the cheapest.
  if (/^[a-z]+$/.test(word)) {
    if (word.length > 1) each(stem(word));
    return;
  }
  const parts = word.match(/\p{Lu}+(?!\p{Ll})|\p{Lu}?[\p{Ll}\p{M}]+|\p{N}+|[\p{Lo}\p{M}]+/gu) ?? [];
  for (const part of parts) {
    if (/^[\p{Lo}\p{M}]/u.test(part)) eachPair(part, each);
    else if (part.length > 1 || parts.length === 1) each(stem(part.toLowerCase()));
  }
  if (parts.length > 1) {
    const whole = parts.join('').toLowerCase();
    if (whole.length > 2) each(stem(whole));
  }
}

function eachPair(run: string, each: (term: string) => void): void {
  const characters = [...run];
  if (characters.length === 1) each(run);
  for (let at = 0; at + 1 < characters.length; at++) each(`${characters[at]}${characters[at + 1]}`);
}
