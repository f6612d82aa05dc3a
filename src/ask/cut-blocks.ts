import { definedName } from './definitions.js';
import { depthOf, hardEnd, isBlank } from './lines.js';
import { type Passage, passageOf } from './passage.js';

const MIN_LINES = 8;

/**
 * Cuts lines of code without knowing their language: where a block starts that is no deeper than the passage itself.
 * @param from - the first line, from 0; `to` is the line after the last
 */
export function* cutBlocks(lines: readonly string[], from: number, to: number): Generator<Passage> {
  const enclosing: { depth: number; name: string }[] = [];
  let start = from;
  while (start < to) {
    if (isBlank(lines[start])) {
      start++;
      continue;
    }
    const end = endOfBlock(lines, start, to);
    const firstDepth = depthOf(lines[start]);
    const outer = enclosing.filter((scope) => scope.depth < firstDepth).map((scope) => scope.name);
    const symbols: string[] = [];
    for (let at = start; at < end; at++) {
      const line = lines[at] as string;
      const depth = depthOf(line);
      const name = definedName(line, depth);
      if (name === null) continue;
      while ((enclosing.at(-1)?.depth ?? -1) >= depth) enclosing.pop();
      enclosing.push({ depth, name });
      symbols.push(name);
    }
    yield passageOf(lines, { start, end }, symbols, outer);
    start = end;
  }
}

function endOfBlock(lines: readonly string[], start: number, to: number): number {
  const limit = hardEnd(lines, start, to);
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
      if (cut - start >= MIN_LINES && !(limit === to && to - cut <= 3)) return cut;
    }
    // Inside a block longer than a passage: the least deep gap, and of those the last.
    if (afterGap && depth <= bestDepth) {
      best = at;
      bestDepth = depth;
    }
  }
  return limit === to ? limit : best;
}

/** The first line of the comment or decorator that sits directly on line `at`. */
function withItsComment(lines: readonly string[], at: number, start: number): number {
  let first = at;
  while (first - 1 > start && /^\s*(\/\/|\/\*|\*|#|--|@|"""|;;|%)/.test(lines[first - 1] as string)) first--;
  return first;
}
