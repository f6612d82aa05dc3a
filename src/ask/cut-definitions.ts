import { cutBlocks } from './cut-blocks.js';
import { hardEnd, trimmed } from './lines.js';
import type { Definition } from './outline.js';
import type { Passage } from './passage.js';
import { WEIGHTS } from './weights.js';

/** Neighbours that together are no longer than this share a passage: a getter says little alone. */

/** Cuts a file at its definitions. What is longer than a passage is cut inside, each piece under its name. */
export function* cutDefinitions(lines: readonly string[], outline: readonly Definition[]): Generator<Passage> {
  let held: Passage | null = null;
  for (const next of pieces(lines, outline, 0, lines.length, [], null)) {
    if (held !== null && belongTogether(lines, held, next)) {
      held = merged(held, next);
      continue;
    }
    if (held !== null) yield held;
    held = next;
  }
  if (held !== null) yield held;
}

/** @param owner - whose head comes before the first definition, or `null` at the outermost level */
function* pieces(
  lines: readonly string[],
  definitions: readonly Definition[],
  from: number,
  to: number,
  outer: readonly string[],
  owner: string | null,
): Generator<Passage> {
  let at = from;
  let head = owner;
  for (const definition of definitions) {
    const start = Math.max(at, definition.start);
    const end = Math.min(to, definition.end);
    // Two definitions on one line, or one that a broken tree puts elsewhere.
    if (end <= start) continue;
    if (start > at) {
      yield* plain(lines, at, start, outer, head);
      if (trimmed(lines, at, start) !== null) head = null;
    }
    if (hardEnd(lines, start, end) === end) {
      yield* whole(lines, start, end, namesOf(definition), outer);
    } else {
      const inside = definition.inner.filter((inner) => inner.end > inner.start + 1);
      yield* pieces(lines, inside, start, end, [...outer, definition.name], definition.name);
    }
    at = end;
  }
  if (at < to) yield* plain(lines, at, to, outer, head);
}

function* whole(
  lines: readonly string[],
  from: number,
  to: number,
  symbols: readonly string[],
  outer: readonly string[],
): Generator<Passage> {
  const range = trimmed(lines, from, to);
  if (range !== null) yield { startLine: range.start + 1, endLine: range.end, symbols, outer };
}

/** Lines between definitions, or inside a long one. The first piece is what `head` names. */
function* plain(
  lines: readonly string[],
  from: number,
  to: number,
  outer: readonly string[],
  head: string | null,
): Generator<Passage> {
  let first = head;
  for (const passage of cutBlocks(lines, from, to)) {
    const symbols = first === null ? [] : [first];
    yield { ...passage, symbols, outer: first === null ? outer : outer.slice(0, -1) };
    first = null;
  }
}

function namesOf(definition: Definition): string[] {
  return [...new Set([definition.name, ...definition.inner.flatMap(namesOf)])];
}

function belongTogether(lines: readonly string[], held: Passage, next: Passage): boolean {
  if (next.endLine - held.startLine + 1 > WEIGHTS.merge) return false;
  return hardEnd(lines, held.startLine - 1, next.endLine) === next.endLine;
}

function merged(held: Passage, next: Passage): Passage {
  return {
    startLine: held.startLine,
    endLine: next.endLine,
    symbols: [...new Set([...held.symbols, ...next.symbols])],
    outer: held.outer.filter((name) => next.outer.includes(name)),
  };
}
