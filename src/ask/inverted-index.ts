import type { Breather } from './breather.js';
import { WEIGHTS } from './weights.js';

/** One thing a question asks about: the spellings of it, best first. */
export interface Concept {
  readonly variants: readonly { readonly term: string; readonly weight: number }[];
  /** Whether finding it counts as finding something relevant. */
  readonly meaningful: boolean;
}

export interface Hit<Ref> {
  readonly ref: Ref;
  readonly score: number;
  /** How much of the question's meaning is in the passage, 0 to 1; rare words mean more. */
  readonly coverage: number;
  /** Which of the first 32 concepts are in it, one bit each. */
  readonly matched: number;
  /** How much each concept means, by how rare it is here; the same for all hits of one search. */
  readonly meanings: readonly number[];
}

/** Entries looked at for one question: some 5 ms. Reached only by many very common words, which decide little. */
const MAX_POSTINGS = 500_000;
const MAX_TERMS = 64;
/** A reference with its place in the lists; a string with its place in the map. Held to the truth by a test. */
const BYTES_PER_PASSAGE = 72;
const BYTES_PER_TERM = 72;

/**
 * BM25 over weighted terms, in memory, without the text.
 *
 * Ours instead of minisearch 7, which was measured first: it kept 4.4 bytes in memory for each byte of code, where this
 * keeps 1.4, and a question of fifteen common words held the event loop for 140 ms over 20 MB, which a gate cannot afford.
 * All entries lie in one typed array, chained by term: `#entry` packs passage and weight, `#next` leads on.
 */
export class InvertedIndex<Ref> {
  #terms = new Map<string, number>();
  /** By term: its newest entry, and how many there are (removed ones count until the next `compact`). */
  #head: Uint32Array = new Uint32Array(1024);
  #count: Uint32Array = new Uint32Array(1024);
  /** Entry 0 is not used, so that 0 can end a chain. */
  #entry: Uint32Array = new Uint32Array(4096);
  #next: Uint32Array = new Uint32Array(4096);
  #entries = 1;
  #refs: (Ref | null)[] = [];
  #lengths: number[] = [];
  #totalLength = 0;
  #live = 0;
  #freeIds: number[] = [];
  #termBytes = 0;
  readonly #order: (a: Ref, b: Ref) => number;

  /** @param order - of passages that fit alike, so that an answer does not depend on the order they were added in */
  constructor(order: (a: Ref, b: Ref) => number) {
    this.#order = order;
  }

  /** Bytes of memory: the arrays exactly, terms and passages by what V8 takes for one. */
  get bytes(): number {
    const arrays = this.#head.byteLength + this.#count.byteLength + this.#entry.byteLength + this.#next.byteLength;
    return arrays + this.#termBytes + this.#refs.length * BYTES_PER_PASSAGE;
  }

  /** Passages that can be found. */
  get size(): number {
    return this.#live;
  }

  /**
   * @param weights - how often the passage has each term; a term in its path or its symbols counts more than once
   * @param length - terms in its text, for comparing long with short
   */
  add(ref: Ref, weights: ReadonlyMap<string, number>, length: number): number {
    const id = this.#freeIds.pop() ?? this.#refs.length;
    this.#refs[id] = ref;
    this.#lengths[id] = length;
    this.#totalLength += length;
    this.#live++;
    for (const [term, weight] of weights) this.#append(this.#termId(term), id, weight);
    return id;
  }

  /** The entries stay until `compact`; they are passed over. */
  remove(id: number): void {
    if (this.#refs[id] == null) return;
    this.#refs[id] = null;
    this.#totalLength -= this.#lengths[id] ?? 0;
    this.#live--;
  }

  /** In how many passages a term stands, about. */
  df(term: string): number {
    const termId = this.#terms.get(term);
    return termId === undefined ? 0 : (this.#count[termId] as number);
  }

  get(id: number): Ref | null {
    return this.#refs[id] ?? null;
  }

  /** The best passages, best first. */
  search(concepts: readonly Concept[], limit: number): Hit<Ref>[] {
    const plan = this.#plan(concepts);
    const size = this.#refs.length;
    const scores = new Float32Array(size);
    const found = new Float32Array(size);
    const matched = new Uint32Array(size);
    // Of the concept at hand: the best of its spellings counts, not their sum.
    const best = new Float32Array(size);
    const touched: number[] = [];
    const meanLength = this.#totalLength / Math.max(1, this.#live) || 1;
    const { k1, b } = WEIGHTS;
    for (const [at, step] of plan.steps.entries()) {
      const bit = step.concept < 32 ? 1 << step.concept : 0;
      for (let entry = this.#head[step.termId] as number; entry !== 0; entry = this.#next[entry] as number) {
        const packed = this.#entry[entry] as number;
        const id = packed >>> 8;
        const frequency = packed & 0xff;
        const norm = k1 * (1 - b + (b * (this.#lengths[id] as number)) / meanLength);
        const score = (step.weight * step.rarity * frequency * (k1 + 1)) / (frequency + norm);
        const before = best[id] as number;
        if (before === 0) {
          touched.push(id);
          if (step.meaning > 0) {
            found[id] = (found[id] as number) + step.meaning;
            matched[id] = (matched[id] as number) | bit;
          }
        }
        if (score > before) best[id] = score;
      }
      if (plan.steps[at + 1]?.concept === step.concept) continue;
      for (const id of touched) {
        scores[id] = (scores[id] as number) + (best[id] as number);
        best[id] = 0;
      }
      touched.length = 0;
    }
    return this.#best(scores, found, matched, plan, limit);
  }

  /** Whether enough was removed that `compact` pays. */
  get wantsCompacting(): boolean {
    const dead = this.#refs.length - this.#freeIds.length - this.#live;
    return dead > 200 && dead * 4 > this.#refs.length;
  }

  /** Drops the entries of removed passages. Searches go on meanwhile; `add` and `remove` must wait. */
  async compact(breather: Breather): Promise<void> {
    const kept = new InvertedIndex<Ref>(this.#order);
    for (const [term, termId] of this.#terms) {
      if (breather.due) await breather.pause();
      const chain: number[] = [];
      for (let at = this.#head[termId] as number; at !== 0; at = this.#next[at] as number) {
        if (this.#refs[(this.#entry[at] as number) >>> 8] != null) chain.push(this.#entry[at] as number);
      }
      if (chain.length === 0) continue;
      const newId = kept.#termId(term);
      for (const packed of chain) kept.#append(newId, packed >>> 8, packed & 0xff);
    }
    this.#terms = kept.#terms;
    this.#termBytes = kept.#termBytes;
    this.#head = kept.#head;
    this.#count = kept.#count;
    this.#entry = kept.#entry;
    this.#next = kept.#next;
    this.#entries = kept.#entries;
    this.#freeIds = [];
    for (const [id, ref] of this.#refs.entries()) if (ref === null) this.#freeIds.push(id);
  }

  #termId(term: string): number {
    const known = this.#terms.get(term);
    if (known !== undefined) return known;
    const id = this.#terms.size;
    // A slice of a file's text would keep the whole text alive in V8; copying the characters lets it go.
    this.#terms.set(Buffer.from(term).toString(), id);
    this.#termBytes += BYTES_PER_TERM + term.length;
    if (id >= this.#head.length) {
      this.#head = grown(this.#head);
      this.#count = grown(this.#count);
    }
    return id;
  }

  #append(termId: number, passageId: number, weight: number): void {
    if (this.#entries >= this.#entry.length) {
      this.#entry = grown(this.#entry);
      this.#next = grown(this.#next);
    }
    const at = this.#entries++;
    this.#entry[at] = passageId * 256 + Math.min(255, weight);
    this.#next[at] = this.#head[termId] as number;
    this.#head[termId] = at;
    this.#count[termId] = (this.#count[termId] as number) + 1;
  }

  /** Which chains to follow: the rarest words first, until the budget is spent. */
  #plan(concepts: readonly Concept[]): Plan {
    const steps: Step[] = [];
    const meanings: number[] = [];
    let meaning = 0;
    for (const [concept, { variants, meaningful }] of concepts.entries()) {
      const main = this.#terms.get(variants[0]?.term ?? '');
      const rarity = this.#rarity(main === undefined ? 0 : (this.#count[main] as number));
      if (meaningful) meaning += rarity;
      meanings.push(meaningful ? rarity : 0);
      for (const { term, weight } of variants) {
        const termId = this.#terms.get(term);
        if (termId === undefined) continue;
        const count = this.#count[termId] as number;
        const own = this.#rarity(count);
        steps.push({
          termId,
          concept,
          weight,
          count,
          rarity: own,
          meaning: meaningful ? rarity * Math.min(1, weight) : 0,
        });
      }
    }
    let budget = MAX_POSTINGS;
    const affordable = steps
      .sort((a, b) => a.count - b.count)
      .slice(0, MAX_TERMS)
      .filter((step) => {
        budget -= step.count;
        return budget >= 0;
      });
    // A concept's spellings must follow each other, best first, for its meaning to count once.
    return { steps: affordable.sort((a, b) => a.concept - b.concept || b.weight - a.weight), meaning, meanings };
  }

  #rarity(count: number): number {
    return Math.log(1 + (this.#live - Math.min(count, this.#live) + 0.5) / (count + 0.5));
  }

  #best(scores: Float32Array, found: Float32Array, matched: Uint32Array, plan: Plan, limit: number): Hit<Ref>[] {
    const best: Hit<Ref>[] = [];
    const { meaning, meanings } = plan;
    for (let id = 0; id < scores.length; id++) {
      const raw = scores[id] as number;
      if (raw === 0) continue;
      const ref = this.#refs[id];
      if (ref == null) continue;
      const coverage = meaning === 0 ? 0 : (found[id] as number) / meaning;
      const score = raw * (1 - WEIGHTS.coverage + WEIGHTS.coverage * coverage ** WEIGHTS.coveragePower);
      if (best.length === limit && !this.#precedes(score, ref, best[limit - 1] as Hit<Ref>)) continue;
      let at = best.length;
      while (at > 0 && this.#precedes(score, ref, best[at - 1] as Hit<Ref>)) at--;
      best.splice(at, 0, { ref, score, coverage, matched: matched[id] as number, meanings });
      if (best.length > limit) best.pop();
    }
    return best;
  }

  #precedes(score: number, ref: Ref, other: Hit<Ref>): boolean {
    return score > other.score || (score === other.score && this.#order(ref, other.ref) < 0);
  }
}

interface Plan {
  readonly steps: Step[];
  /** Of all concepts together, and of each. */
  readonly meaning: number;
  readonly meanings: readonly number[];
}

interface Step {
  readonly termId: number;
  readonly concept: number;
  readonly weight: number;
  readonly count: number;
  readonly rarity: number;
  readonly meaning: number;
}

function grown(array: Uint32Array): Uint32Array {
  const larger = new Uint32Array(array.length * 2);
  larger.set(array);
  return larger;
}
