import type { FoundPassage } from '../contract/ask.js';
import type { Hit } from './inverted-index.js';
import { MAX_PASSAGE_CHARACTERS, MAX_PASSAGE_LINES } from './lines.js';
import { overviewPassages } from './overview.js';
import { type Question, readQuestion } from './question.js';
import type { SearchedIndex } from './searched-index.js';
import { lookAgain } from './second-look.js';
import { readTextFile, sameStamp } from './text-file.js';
import { eachTerm } from './tokens.js';
import { WEIGHTS } from './weights.js';
import type { PassageRef } from './workspace-index.js';

export const MAX_CITATIONS = 6;
const MAX_CANDIDATES = 300;
/** Of those, the ones whose text is read. */
const MAX_LOOKED_AT = 60;
const MAX_PER_FILE = 2;
/** Weaker passages than this part of the best are noise. */
const MIN_RELATIVE_SCORE = 0.15;
/**
 * The least part of a question's meaning that the best passages must hold on average.
 */
const MIN_COVERAGE = 0.37;
const MIN_COVERAGE_OF_FEW = 0.2;
/** One passage that holds so much is enough: in a small workspace the next best may say nothing. */
const PLAIN_COVERAGE = 0.7;
const FEW_CONCEPTS = 2;
const MEASURED_HITS = 5;
const MANY_FILES = 300;
/** No passage holds a third of a pasted log; there, so much of ten words in one place is enough. */
const LEAST_OF_A_LOG = 0.2;
const FULL_COVERAGE_CONCEPTS = 10;
const JOIN_GAP_LINES = 3;
/** Two passages with so many terms in common (Jaccard) say the same. */
const NEAR_DUPLICATE = 0.85;

/**
 * The passages of a workspace that answer a question best; none when nothing relevant was found.
 * Their text is read from the files now, through the same checks as for indexing, so it is exactly what the file says;
 * only a single line over 4,000 characters is cut. A file that changed since it was indexed is indexed again first.
 */
export async function retrieve(index: SearchedIndex, text: string, limit = MAX_CITATIONS): Promise<FoundPassage[]> {
  const question = readQuestion(text);
  for (let round = 0; ; round++) {
    const pages = new Pages(index);
    const chosen = await choose(await rank(index, question, pages), pages, limit);
    // A workspace under constant change still gets an answer: from what stands still.
    if (pages.changed.length === 0 || round === 2) {
      const grown: Chosen[] = [];
      for (const [at, passage] of chosen.entries()) {
        grown.push(await grow(index, passage, [...grown, ...chosen.slice(at + 1)], pages));
      }
      return grown.map(toCitation);
    }
    for (const path of pages.changed) await index.reread(path);
  }
}

interface Candidate extends PassageRef {
  readonly score: number;
}

interface Chosen extends Candidate {
  readonly text: string;
  readonly terms: ReadonlySet<string>;
}

async function rank(index: SearchedIndex, question: Question, pages: Pages): Promise<Candidate[]> {
  if (question.wantsOverview) return overviewPassages(index);
  const hits = withTheirFiles(index.search(question.concepts, MAX_CANDIDATES));
  if (isNothing(hits, question, index.paths().length)) return [];
  const again = hits.slice(0, MAX_LOOKED_AT);
  const texts = new Map<PassageRef, readonly string[] | null>();
  for (const { ref } of again) texts.set(ref, await pages.linesOf(ref));
  return lookAgain(question, again, (ref) => texts.get(ref) ?? null, hits);
}

/**
 * Whether what was found is not about the question: its best passages hold too little of the question's meaning. The rarest
 * words mean most, and a word that is nowhere in the workspace means more than any that is.
 */
function isNothing(hits: readonly Hit<PassageRef>[], question: Question, files: number): boolean {
  const best = hits.slice(0, MEASURED_HITS).map(({ coverage }) => coverage);
  const mean = best.reduce((sum, coverage) => sum + coverage, 0) / Math.max(1, best.length);
  const meaningful = question.concepts.filter((concept) => concept.meaningful).length;
  if (meaningful > FULL_COVERAGE_CONCEPTS)
    return Math.max(0, ...best) < (LEAST_OF_A_LOG * FULL_COVERAGE_CONCEPTS) / meaningful;
  // One word or two may well be found under other names only.
  const least = meaningful <= FEW_CONCEPTS ? MIN_COVERAGE_OF_FEW : MIN_COVERAGE;
  if (best.some((coverage) => coverage >= PLAIN_COVERAGE)) return false;
  // In few files a word is soon missing that somebody would use for what is there.
  return mean < least * Math.min(1, Math.log(files + 1) / Math.log(MANY_FILES)) ** 1.5;
}

/** A file that answers in several places is more likely about the subject than one with a lucky line. */
function withTheirFiles(hits: readonly Hit<PassageRef>[]): Hit<PassageRef>[] {
  const files = new Map<string, number>();
  for (const { ref, score } of hits) {
    const known = files.get(ref.path) ?? 0;
    files.set(ref.path, Math.max(known, score) + 0.1 * Math.min(known, score));
  }
  const best = Math.max(...files.values());
  return hits
    .map((hit) => ({ ...hit, score: hit.score * (1 + (WEIGHTS.file * (files.get(hit.ref.path) ?? 0)) / best) }))
    .sort((a, b) => b.score - a.score);
}

async function choose(candidates: readonly Candidate[], pages: Pages, limit: number): Promise<Chosen[]> {
  const chosen: Chosen[] = [];
  const passedOver: Candidate[] = [];
  const floor = (candidates[0]?.score ?? 0) * MIN_RELATIVE_SCORE;
  for (const candidate of candidates) {
    if (chosen.length >= limit || candidate.score < floor) break;
    if (await join(chosen, candidate, pages)) continue;
    const ofFile = chosen.filter((other) => other.path === candidate.path).length;
    if (ofFile >= MAX_PER_FILE) passedOver.push(candidate);
    else await addNew(chosen, candidate, pages);
  }
  // Nothing else fits: then more of the same file is better than less.
  for (const candidate of passedOver) {
    if (chosen.length >= limit) break;
    if (!(await join(chosen, candidate, pages))) await addNew(chosen, candidate, pages);
  }
  const best = chosen[0]?.score ?? 1;
  return chosen.map((passage) => ({ ...passage, score: passage.score / best })).sort((a, b) => b.score - a.score);
}

/** Makes a neighbour part of a passage that was chosen before, as long as both fit into one. */
async function join(chosen: Chosen[], candidate: Candidate, pages: Pages): Promise<boolean> {
  for (const [at, other] of chosen.entries()) {
    if (other.path !== candidate.path) continue;
    const startLine = Math.min(other.startLine, candidate.startLine);
    const endLine = Math.max(other.endLine, candidate.endLine);
    const gap = Math.max(other.startLine, candidate.startLine) - Math.min(other.endLine, candidate.endLine) - 1;
    if (gap > JOIN_GAP_LINES || endLine - startLine >= MAX_PASSAGE_LINES) continue;
    const text = await pages.textOf({ path: other.path, startLine, endLine });
    if (text === null || text.length > 2 * MAX_PASSAGE_CHARACTERS) continue;
    chosen[at] = { ...other, startLine, endLine, text, terms: termsOf(text) };
    return true;
  }
  return false;
}

/** A passage with whole neighbours around it, as far as one citation goes: what stands next to it explains it. */
async function grow(index: SearchedIndex, passage: Chosen, others: readonly Chosen[], pages: Pages): Promise<Chosen> {
  const around = index.passagesOf(passage.path);
  let { startLine, endLine } = passage;
  const isFree = (ref: PassageRef) => !others.some((other) => overlaps(other, ref));
  for (;;) {
    const next = around.find((ref) => ref.startLine > endLine);
    const before = around.findLast((ref) => ref.endLine < startLine);
    const fitting = [next, before].find(
      (ref) =>
        ref !== undefined &&
        Math.max(ref.endLine, endLine) - Math.min(ref.startLine, startLine) < MAX_PASSAGE_LINES &&
        isFree(ref),
    );
    if (fitting === undefined) break;
    startLine = Math.min(startLine, fitting.startLine);
    endLine = Math.max(endLine, fitting.endLine);
  }
  if (startLine === passage.startLine && endLine === passage.endLine) return passage;
  const text = await pages.textOf({ path: passage.path, startLine, endLine });
  return text === null || text.length > 2 * MAX_PASSAGE_CHARACTERS ? passage : { ...passage, startLine, endLine, text };
}

async function addNew(chosen: Chosen[], candidate: Candidate, pages: Pages): Promise<void> {
  const text = await pages.textOf(candidate);
  if (text === null) return;
  const terms = termsOf(text);
  if (chosen.some((other) => similarity(other.terms, terms) >= NEAR_DUPLICATE)) return;
  // What overlaps a chosen passage without fitting into it would quote the same lines twice.
  if (chosen.some((other) => overlaps(other, candidate))) return;
  chosen.push({ ...candidate, text, terms });
}

function overlaps(a: PassageRef, b: PassageRef): boolean {
  return a.path === b.path && a.startLine <= b.endLine && b.startLine <= a.endLine;
}

function termsOf(text: string): Set<string> {
  const terms = new Set<string>();
  eachTerm(text, (term) => terms.add(term));
  return terms;
}

function similarity(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  if (a.size === 0 || b.size === 0) return a.size === b.size ? 1 : 0;
  let common = 0;
  for (const term of a) if (b.has(term)) common++;
  return common / (a.size + b.size - common);
}

function toCitation({ path, startLine, endLine, text, score }: Chosen): FoundPassage {
  return { path, startLine, endLine, text, score: Math.round(score * 1000) / 1000 };
}

/** The files that one answer quotes from, each read once. */
class Pages {
  readonly changed: string[] = [];
  readonly #index: SearchedIndex;
  readonly #lines = new Map<string, readonly string[] | null>();

  constructor(index: SearchedIndex) {
    this.#index = index;
  }

  /** The lines of a passage, or `null` when the file is no longer the one that was indexed. */
  async textOf(ref: PassageRef): Promise<string | null> {
    const lines = await this.#read(ref.path);
    if (lines === null) return null;
    const text = lines.slice(ref.startLine - 1, ref.endLine).join('\n');
    return ref.startLine === ref.endLine ? cutLine(text) : text;
  }

  async linesOf(ref: PassageRef): Promise<readonly string[] | null> {
    return (await this.#read(ref.path))?.slice(ref.startLine - 1, ref.endLine) ?? null;
  }

  async #read(path: string): Promise<readonly string[] | null> {
    const known = this.#lines.get(path);
    if (known !== undefined) return known;
    const indexed = this.#index.stampOf(path);
    const read = await readTextFile(this.#index.root, path);
    const same = read.kind === 'text' && indexed !== null && sameStamp(read.stamp, indexed);
    if (!same) this.changed.push(path);
    const lines = same ? read.text.split('\n') : null;
    this.#lines.set(path, lines);
    return lines;
  }
}

/** Not in the middle of a surrogate pair. */
function cutLine(line: string): string {
  if (line.length <= MAX_PASSAGE_CHARACTERS) return line;
  const last = line.charCodeAt(MAX_PASSAGE_CHARACTERS - 1);
  return line.slice(0, last >= 0xd800 && last <= 0xdbff ? MAX_PASSAGE_CHARACTERS - 1 : MAX_PASSAGE_CHARACTERS);
}
