import { cutBlocks } from './cut-blocks.js';
import { cutDefinitions } from './cut-definitions.js';
import { cutProse } from './cut-prose.js';
import { outlineOf } from './outline.js';
import type { Passage } from './passage.js';

/** Passages of prose are cut at headings. */
export function isProse(path: string): boolean {
  return /\.(md|mdx|markdown|rst|txt|adoc|org)$/i.test(path);
}

/**
 * Cuts a file into passages of at most 40 lines and 4,000 characters: prose at headings, code at its functions and classes
 * when its grammar was loaded (`loadGrammarFor`) and it can be parsed, otherwise where a block seems to start.
 * A comment stays with what it is about. Every line that says something is in exactly one passage.
 * A generator, so that whoever indexes a large file can let others run in between.
 */
export function* cutPassages(path: string, lines: readonly string[]): Generator<Passage> {
  if (isProse(path)) {
    yield* cutProse(lines);
    return;
  }
  const outline = outlineOf(path, lines);
  if (outline === null || outline.length === 0) yield* cutBlocks(lines, 0, lines.length);
  else yield* cutDefinitions(lines, outline);
}
