import { definedName, headingLevel } from './definitions.js';

/** A run of lines that stands on its own, as near to one function, class or section as cheap means allow. */
export interface Passage {
  /** From 1; both ends are included. */
  readonly startLine: number;
  readonly endLine: number;
  /** Names defined in it, then those of what encloses it, each once. */
  readonly symbols: readonly string[];
}

export const MAX_PASSAGE_LINES = 40;
/** A single line may be longer; then it is a passage alone. */
export const MAX_PASSAGE_CHARACTERS = 4000;
const MIN_LINES = 8;
const MIN_SECTION_LINES = 3;

/**
 * Cuts a file into passages without knowing its language: at headings in prose, and in code where a block starts that
 * is no deeper than the passage itself. A comment stays with what it is about. Blank lines at the edges are dropped.
 * A generator, so that whoever indexes a large file can let others run in between.
 */
export function* cutPassages(path: string, lines: readonly string[]): Generator<Passage> {
  const isProse = /\.(md|mdx|markdown|rst|txt|adoc|org)$/i.test(path);
  const enclosing: { depth: number; name: string }[] = [];
  let inFence = false;
  let start = 0;
  while (start < lines.length) {
    if (isBlank(lines[start])) {
      start++;
      continue;
    }
    const end = isProse ? endOfSection(lines, start, inFence) : endOfBlock(lines, start);
    const firstLine = lines[start] as string;
    const firstDepth = isProse ? headingLevel(firstLine) || Number.POSITIVE_INFINITY : depthOf(firstLine);
    const outer = enclosing.filter((scope) => scope.depth < firstDepth).map((scope) => scope.name);
    const symbols: string[] = [];
    for (let at = start; at < end; at++) {
      const line = lines[at] as string;
      if (isProse && isFence(line)) inFence = !inFence;
      const level = isProse && !inFence ? headingLevel(line) : 0;
      const name = isProse ? (level > 0 ? line.replace(/^#+\s*/, '') : null) : definedName(line, depthOf(line));
      if (name === null) continue;
      const depth = isProse ? level : depthOf(line);
      while ((enclosing.at(-1)?.depth ?? -1) >= depth) enclosing.pop();
      enclosing.push({ depth, name });
      symbols.push(name);
    }
    let last = end;
    while (last > start + 1 && isBlank(lines[last - 1])) last--;
    yield { startLine: start + 1, endLine: last, symbols: [...new Set([...symbols, ...outer])] };
    start = end;
  }
}

/** The line after the last that fits, by count and by characters; at least one line. */
function hardEnd(lines: readonly string[], start: number): number {
  let characters = 0;
  let end = start;
  while (end < lines.length && end - start < MAX_PASSAGE_LINES) {
    characters += (lines[end] as string).length + 1;
    if (characters > MAX_PASSAGE_CHARACTERS && end > start) break;
    end++;
  }
  return end;
}

function endOfSection(lines: readonly string[], start: number, startsInFence: boolean): number {
  const limit = hardEnd(lines, start);
  let inFence = startsInFence;
  let lastGap = -1;
  for (let at = start; at < limit; at++) {
    const line = lines[at] as string;
    if (!inFence && at - start >= MIN_SECTION_LINES && headingLevel(line) > 0) return at;
    if (isFence(line)) inFence = !inFence;
    if (at - start >= MIN_LINES && !inFence && isBlank(line)) lastGap = at;
  }
  return limit === lines.length || lastGap === -1 ? limit : lastGap;
}

function endOfBlock(lines: readonly string[], start: number): number {
  const limit = hardEnd(lines, start);
  const base = depthOf(lines[start]);
  let best = limit;
  let bestDepth = Number.POSITIVE_INFINITY;
  for (let at = start + 1; at < limit; at++) {
    const line = lines[at] as string;
    if (at - start < MIN_LINES || isBlank(line)) continue;
    const depth = depthOf(line);
    const afterGap = isBlank(lines[at - 1]);
    if (depth <= base && (afterGap || definedName(line, depth) !== null)) {
      const cut = withItsComment(lines, at, start);
      if (cut - start >= MIN_LINES && !isTail(lines, cut, limit)) return cut;
    }
    // Inside a block longer than a passage: the least deep gap, and of those the last.
    if (afterGap && depth <= bestDepth) {
      best = at;
      bestDepth = depth;
    }
  }
  return limit === lines.length ? limit : best;
}

/** Whether only a closing bracket or two is left: not worth a passage of its own. */
function isTail(lines: readonly string[], from: number, limit: number): boolean {
  return limit === lines.length && lines.length - from <= 3;
}

/** The first line of the comment or decorator that sits directly on line `at`. */
function withItsComment(lines: readonly string[], at: number, start: number): number {
  let first = at;
  while (first - 1 > start && /^\s*(\/\/|\/\*|\*|#|--|@|"""|;;|%)/.test(lines[first - 1] as string)) first--;
  return first;
}

function isBlank(line: string | undefined): boolean {
  return line === undefined || !/\S/.test(line);
}

function isFence(line: string): boolean {
  return /^\s{0,3}(```|~~~)/.test(line);
}

/** Columns of indentation; a tab counts four. */
function depthOf(line: string | undefined): number {
  let depth = 0;
  for (const character of line ?? '') {
    if (character === ' ') depth++;
    else if (character === '\t') depth += 4;
    else break;
  }
  return depth;
}
