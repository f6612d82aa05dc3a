import { definedName } from './definitions.js';
import type { Hit } from './inverted-index.js';
import { depthOf, MAX_PASSAGE_LINES } from './lines.js';
import { isProse } from './passages.js';
import type { Question } from './question.js';
import { eachTerm } from './tokens.js';
import { WEIGHTS } from './weights.js';
import type { PassageRef } from './workspace-index.js';

/** A passage that the index found, looked at once more. */
export interface Looked extends PassageRef {
  /** Relative to the index's best; about 1 for a good one. */
  readonly score: number;
}

const SHORT_LINES = 8;
const MAX_LINE_CHARACTERS = 2000;
/** Words so near to each other belong together. */
const NEAR_TERMS = 3;

/**
 * Orders passages by what the index does not keep: whether the file or what is defined there is named after what is asked,
 * whether the question's words stand there as written and together, and how much of the question the file around holds.
 * The weights were fitted on the tuning half of the questions of `npm run bench:ask`.
 * @param lines - the text of each hit; `null` when it can no longer be read
 * @param all - every hit of the same search, also those not looked at
 */
export function lookAgain(
  question: Question,
  hits: readonly Hit<PassageRef>[],
  lines: (ref: PassageRef) => readonly string[] | null,
  all: readonly Hit<PassageRef>[] = hits,
): Looked[] {
  const best = hits[0]?.score ?? 1;
  const reader = new Reader(question, hits[0]?.meanings ?? []);
  const ofFiles = new Map<string, number>();
  for (const { ref, matched } of all) ofFiles.set(ref.path, (ofFiles.get(ref.path) ?? 0) | matched);
  return hits
    .map(({ ref, score }) => {
      const kind = kindOf(ref.path, question);
      const text = lines(ref);
      if (text === null) return { ...ref, score: score / best + kind };
      const read = reader.read(ref.path, text);
      // A short section of prose may say it all; a scrap of code seldom does.
      const scrap = isProse(ref.path) ? WEIGHTS.short / 3 : WEIGHTS.short;
      const short = text.length < SHORT_LINES ? scrap : 0;
      const more =
        WEIGHTS.named * read.named +
        WEIGHTS.oneNamed * read.oneNamed +
        WEIGHTS.fileNamed * read.fileNamed +
        WEIGHTS.pathNamed * read.pathNamed +
        WEIGHTS.together * read.together +
        WEIGHTS.verbatim * read.verbatim +
        WEIGHTS.ofFile * reader.meaningOf(ofFiles.get(ref.path) ?? 0) +
        (WEIGHTS.long * Math.min(text.length, MAX_PASSAGE_LINES)) / MAX_PASSAGE_LINES;
      return { ...ref, score: score / best + more + short + kind };
    })
    .sort((a, b) => b.score - a.score || (a.path < b.path ? -1 : 1));
}

/** What of the question is in a passage, each from 0 to 1. */
interface Read {
  /** In the names that are defined there, all together. */
  readonly named: number;
  /** The part of one of these names that is in the question, the best. */
  readonly oneNamed: number;
  readonly fileNamed: number;
  readonly pathNamed: number;
  readonly together: number;
  readonly verbatim: number;
}

/** Reads texts for what of the question is in them. */
class Reader {
  /** The concepts that a term stands for, by how well. */
  readonly #concepts = new Map<string, { concept: number; weight: number }[]>();
  readonly #meanings: readonly number[];
  readonly #total: number;
  readonly #pairs: { first: number; second: number; meaning: number }[] = [];
  readonly #verbatim: readonly string[];

  constructor({ concepts, verbatim }: Question, meanings: readonly number[]) {
    this.#verbatim = verbatim;
    this.#meanings = meanings;
    this.#total = meanings.reduce((sum, meaning) => sum + meaning, 0) || 1;
    let previous = -1;
    for (const [concept, { variants, meaningful }] of concepts.entries()) {
      if (!meaningful) continue;
      for (const { term, weight } of variants) {
        const known = this.#concepts.get(term) ?? [];
        known.push({ concept, weight: Math.min(1, 2 * weight) });
        this.#concepts.set(term, known);
      }
      if (previous >= 0 && this.#pairs.length < 32) {
        const meaning = (meanings[previous] ?? 0) + (meanings[concept] ?? 0);
        this.#pairs.push({ first: previous, second: concept, meaning });
      }
      previous = concept;
    }
  }

  read(path: string, lines: readonly string[]): Read {
    const shown = lines.slice(0, MAX_PASSAGE_LINES).map((line) => line.slice(0, MAX_LINE_CHARACTERS));
    const names = lines.map((line) => nameIn(line)).filter((name) => name !== null);
    const fileName = path.slice(path.lastIndexOf('/') + 1).replace(/\.[a-z]+$/i, '');
    return {
      named: this.#cover(names.flatMap(termsOf)),
      oneNamed: Math.max(0, ...names.map((name) => this.#share(name))),
      fileNamed: this.#share(fileName),
      pathNamed: this.#cover(termsOf(path)),
      together: this.#together(shown.map(termsOf)),
      verbatim: this.#written(shown.join('\n').toLowerCase()),
    };
  }

  /** The part of the question's meaning that some concepts have, one bit each. */
  meaningOf(matched: number): number {
    let sum = 0;
    for (const [concept, meaning] of this.#meanings.slice(0, 32).entries())
      if ((matched >>> concept) & 1) sum += meaning;
    return sum / this.#total;
  }

  /** The part of the question's words that a text has as they were written, or longer ones that hold them. */
  #written(text: string): number {
    const found = this.#verbatim.filter((word) => text.includes(word)).length;
    return found / Math.max(1, this.#verbatim.length);
  }

  /** The part of the question's meaning that some terms hold. */
  #cover(terms: readonly string[]): number {
    const found = new Map<number, number>();
    for (const term of terms) {
      for (const { concept, weight } of this.#concepts.get(term) ?? []) {
        if (weight > (found.get(concept) ?? 0)) found.set(concept, weight);
      }
    }
    let sum = 0;
    for (const [concept, weight] of found) sum += weight * (this.#meanings[concept] ?? 0);
    return sum / this.#total;
  }

  /** The part of a name that is in the question. */
  #share(name: string): number {
    const terms = new Set(termsOf(name));
    return [...terms].filter((term) => this.#concepts.has(term)).length / (terms.size + 0.5);
  }

  /** How many neighbours of the question stand near each other on some line, by meaning. */
  #together(texts: readonly (readonly string[])[]): number {
    let possible = 0;
    let found = 0;
    for (const { first, second, meaning } of this.#pairs) {
      possible += meaning;
      if (texts.some((line) => this.#near(line, first, second))) found += meaning;
    }
    return possible === 0 ? 0 : found / possible;
  }

  #near(line: readonly string[], first: number, second: number): boolean {
    let firstAt = Number.NEGATIVE_INFINITY;
    let secondAt = Number.NEGATIVE_INFINITY;
    for (const [at, term] of line.entries()) {
      for (const { concept, weight } of this.#concepts.get(term) ?? []) {
        if (weight < 0.5) continue;
        if (concept === first) firstAt = at;
        if (concept === second) secondAt = at;
      }
      if (Math.abs(firstAt - secondAt) <= NEAR_TERMS) return true;
    }
    return false;
  }
}

function nameIn(line: string): string | null {
  const heading = /^#{1,6}\s+(.*)/.exec(line);
  return heading !== null ? (heading[1] ?? null) : definedName(line, depthOf(line));
}

function termsOf(text: string): string[] {
  const terms: string[] = [];
  eachTerm(text, (term) => terms.push(term));
  return terms;
}

/** Tests, types, data, vendored code, histories and translations say every word and explain little. */
function kindOf(path: string, question: Question): number {
  if (/(^|\/)(vendor|third_party|dist|build|out|coverage|locales?|i18n)\//i.test(path)) return WEIGHTS.other;
  if (/(^|\/)(change(s|log)|history|news|licen[cs]e|notice|copying)[^/]*$/i.test(path)) return WEIGHTS.other;
  if (!question.aboutTests && TEST.test(path)) return WEIGHTS.test;
  if (/\.d\.ts$|(^|\/)types\//.test(path)) return WEIGHTS.types;
  if (/\.(json|html?|css|po|xml|svg|toml|lock)$/i.test(path)) return WEIGHTS.data;
  return 0;
}

const TEST = /(^|\/)(tests?|__tests__|specs?|fixtures?)\/|[._-](test|spec)s?\.[a-z]+$|(^|\/)test_/i;
