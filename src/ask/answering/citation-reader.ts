import type { Citation } from '../../contract/ask.js';

/** Longer than any citation: an open bracket is no more waited for. */
const MAX_BRACKET = 300;
const MAX_WORD = 400;
const MAX_RANGE = 20;

const NUMBERS = /^\s*\d{1,4}(?:\s*[,;–-]\s*\d{1,4})*\s*$/;
const PLACE =
  /^([("'*_<]*)([^\s:"'`<>|*?[\]()]+\.[^\s:"'`<>|*?[\]()/.]+)(?::|#L)(\d{1,7})(?:[-–]L?(\d{1,7}))?([)"'*_>.,;:!?]*)$/u;

/**
 * Reads an answer as it comes and holds its citations against the passages that were shown: `[2]`, `[1, 3]`, `[1-3]`,
 * and `path:line`, `path:from-to`. What points to no passage is taken out and counted. Code is left as it is.
 */
export class CitationReader {
  /** Numbers of passages that the answer refers to. */
  readonly cited = new Set<number>();
  #dropped = 0;
  readonly #shown: readonly Citation[];
  /** Read, and not yet judged: it may be the beginning of a citation. */
  #pending = '';
  #atLineStart = true;
  /** What ends the block of code that the answer is in. */
  #block: string | null = null;
  /** What ends the code within a line. */
  #inline: string | null = null;

  constructor(shown: readonly Citation[]) {
    this.#shown = shown;
  }

  get dropped(): number {
    return this.#dropped;
  }

  /** @returns what is certain by now */
  take(text: string): string {
    this.#pending += text;
    return this.#judge(false);
  }

  /** @returns the rest */
  end(): string {
    return this.#judge(true);
  }

  #judge(isLast: boolean): string {
    let out = '';
    while (this.#pending !== '') {
      const step = this.#step(this.#pending, isLast);
      if (step === null) break;
      const { length, text } = step;
      const read = this.#pending.slice(0, length);
      this.#atLineStart = /\n {0,3}$/.test(read) || (this.#atLineStart && /^ {0,3}$/.test(read));
      this.#pending = this.#pending.slice(length);
      out += text;
    }
    return out;
  }

  /** The next piece and what stands for it; `null`: it cannot be told before more comes. */
  #step(rest: string, isLast: boolean): { length: number; text: string } | null {
    const same = (text: string) => ({ length: text.length, text });
    const ticks = /^(`+|~~~+)/.exec(rest)?.[0];
    if (ticks !== undefined) {
      // More of them may come.
      if (ticks.length === rest.length && !isLast) return null;
      this.#code(ticks);
      return same(ticks);
    }
    if (this.#block !== null) return same(/^[^`~]+|^[`~]/.exec(rest)?.[0] ?? rest);
    if (rest[0] === '\n') {
      // Code within a paragraph ends with it.
      if (this.#atLineStart) this.#inline = null;
      return same('\n');
    }
    const space = /^[^\S\n]+/.exec(rest)?.[0];
    if (space !== undefined) {
      // One that stands before a citation goes with it.
      if (space.length === rest.length && !isLast) return null;
      return rest[space.length] === '[' && this.#inline === null ? this.#bracket(rest, space, isLast) : same(space);
    }
    if (rest[0] === '[' && this.#inline === null) return this.#bracket(rest, '', isLast);
    const word = /^[^\s[`]+|^./su.exec(rest)?.[0] ?? rest;
    if (word.length === rest.length && word.length < MAX_WORD && !isLast) return null;
    return { length: word.length, text: this.#word(word) };
  }

  #code(ticks: string): void {
    const isBlockMark = ticks.length >= 3 && this.#atLineStart;
    if (this.#block !== null) {
      if (isBlockMark && ticks.startsWith(this.#block)) this.#block = null;
    } else if (isBlockMark) {
      this.#block = ticks;
      this.#inline = null;
    } else if (ticks[0] === '`') {
      this.#inline = this.#inline === null ? ticks : this.#inline === ticks ? null : this.#inline;
    }
  }

  #bracket(rest: string, space: string, isLast: boolean): { length: number; text: string } | null {
    const open = { length: space.length + 1, text: `${space}[` };
    const inside = /^\[([^\][\n]*)(\]?)/.exec(rest.slice(space.length));
    const [whole = '', content = '', close = ''] = inside ?? [];
    const length = space.length + whole.length;
    if (close === '')
      return length === rest.length && whole.length < MAX_BRACKET && !isLast && !whole.includes('\n') ? null : open;
    // What follows tells a link, and whether the blank before is still needed.
    if (length === rest.length && !isLast) return null;
    if (rest[length] === '(') return open;
    const kept = NUMBERS.test(content) ? this.#numbers(content) : this.#places(content);
    if (kept === null) return open;
    if (kept !== '') return { length, text: `${space}[${kept}]` };
    return { length, text: /^[\p{L}\p{N}]/u.test(rest.slice(length)) ? space : '' };
  }

  /** @returns those that are there, as they were written */
  #numbers(content: string): string {
    const parts = content.split(/[,;]/).map((part) => part.trim());
    const kept = parts.flatMap((part) => {
      const [from = 0, to = from] = part.split(/[–-]/).map(Number);
      const wanted = Array.from({ length: Math.min(MAX_RANGE, Math.max(1, to - from + 1)) }, (_, at) => from + at);
      const there = wanted.filter((number) => this.#shown.some((passage) => passage.number === number));
      this.#dropped += wanted.length - there.length;
      for (const number of there) this.cited.add(number);
      return there.length === wanted.length ? [part] : there.map(String);
    });
    return kept.join(', ');
  }

  /** `[src/a.ts:3, src/b.ts:7-9]`; `null`: these brackets are no citation. */
  #places(content: string): string | null {
    const parts = content.split(/[,;]\s*/);
    if (!parts.every((part) => this.#placeIn(part) !== null)) return null;
    return parts.filter((part) => this.#isThere(part)).join(', ');
  }

  #word(word: string): string {
    const place = this.#placeIn(word);
    return place === null || this.#isThere(word) ? word : `${place.before}${place.path}${place.after}`;
  }

  /** Counts it, either way. */
  #isThere(part: string): boolean {
    const place = this.#placeIn(part);
    if (place === null) return false;
    const { path, from, to } = place;
    const found = this.#shown.filter(
      (passage) => names(passage.path, path) && passage.startLine <= to && passage.endLine >= from,
    );
    for (const { number } of found) this.cited.add(number);
    if (found.length === 0) this.#dropped += 1;
    return found.length > 0;
  }

  /** A place in a file, and not `example.com:443`. */
  #placeIn(part: string) {
    const match = PLACE.exec(part.trim());
    if (match === null) return null;
    const [, before = '', path = '', line = '', lastLine = line, after = ''] = match;
    const isKnown = this.#shown.some((passage) => names(passage.path, path));
    if (!isKnown && !path.includes('/')) return null;
    return { before, path, from: Number(line), to: Number(lastLine), after };
  }
}

/** Models shorten paths. */
function names(path: string, written: string): boolean {
  const plain = written.replace(/^\.?\//, '');
  return path === plain || path.endsWith(`/${plain}`);
}
