import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Definition, outlineOf } from '../../../src/ask/outline.js';
import { copyOf, type Source } from './corpora.js';
import type { Asked } from './questions.js';
import type { Text } from './systems.js';

export interface SelfAsked {
  readonly set: string;
  /** Where it is asked: for doc comments a copy without them. */
  readonly folder: string;
  readonly questions: readonly Asked[];
}

const MAX_OF_A_SET = 60;
const COMMENT = /^\s*(\/\/|\/\*|\*|#(?!!|\[))/;

/**
 * Questions that a code base contains itself: a doc comment asks for the function it was taken from, a test's name for the
 * file of the same name without `test`.
 */
export function selfAsked(source: Source, folder: string, texts: readonly Text[]): SelfAsked[] {
  const removed = new Map<string, string[]>();
  const questions: Asked[] = [];
  for (const { path: file, text } of spread(texts.filter(({ path: name }) => !isTest(name)))) {
    if (questions.length >= MAX_OF_A_SET) break;
    const lines = text.split('\n');
    for (const definition of flat(outlineOf(file, lines) ?? []).slice(0, 40)) {
      const end = endOfComment(lines, definition);
      const words = lines
        .slice(definition.start, end)
        .map((line) => line.replace(/^\s*(\/\/[/!]?|\/\*\*?|\*\/?|#+)\s?/, '').replace(/\*\/\s*$/, ''))
        .filter((line) => !line.startsWith('@'))
        .join(' ');
      const sentence = /^.{30,300}?[.](\s|$)/.exec(words.trim())?.[0].trim();
      if (sentence === undefined || definition.end - end < 3) continue;
      const kept = removed.get(file) ?? [...lines];
      // Emptied, not taken out: the lines keep their numbers.
      for (let at = definition.start; at < end; at++) kept[at] = '';
      removed.set(file, kept);
      const answer = { path: file, startLine: end + 1, endLine: definition.end };
      questions.push({ corpus: source.name, half: 'held out', question: sentence, answers: [answer] });
      break;
    }
  }
  const sets: SelfAsked[] = [];
  if (questions.length >= 10) {
    const copy = copyOf(folder, source.name);
    for (const [file, lines] of removed) writeFileSync(path.join(copy, file), lines.join('\n'));
    sets.push({ set: 'doc comment, taken out', folder: copy, questions });
  }
  const tests = testNames(source, texts);
  if (tests.length >= 10) sets.push({ set: 'test name', folder, questions: tests });
  return sets;
}

/** The first test of each test file whose subject is a file of the same name. */
function testNames(source: Source, texts: readonly Text[]): Asked[] {
  const named = new Map(texts.filter(({ path: name }) => !isTest(name)).map((text) => [subjectOf(text.path), text]));
  const questions: Asked[] = [];
  for (const { path: file, text } of texts.filter(({ path: name }) => isTest(name))) {
    const subject = named.get(subjectOf(file));
    const name = /\b(?:test|it)\(\s*['"`](.{20,200}?)['"`]|fn (\w{15,}?)\(|func Test(\w{15,}?)\(/.exec(text);
    const words = (name?.[1] ?? name?.[2] ?? name?.[3])?.replace(/_/g, ' ').replace(/([a-z])([A-Z])/g, '$1 $2');
    if (subject === undefined || words === undefined || questions.length >= MAX_OF_A_SET) continue;
    const answer = { path: subject.path, startLine: 1, endLine: subject.text.split('\n').length };
    questions.push({ corpus: source.name, half: 'held out', question: words, answers: [answer] });
  }
  return questions;
}

function subjectOf(file: string): string {
  const name = file.slice(file.lastIndexOf('/') + 1).replace(/\.[a-z.]+$/i, '');
  return name.replace(/^test_|[._-](test|spec)s?$/i, '').toLowerCase();
}

function isTest(file: string): boolean {
  return /(^|\/)(tests?|specs?|__tests__)\/|[._-](test|spec)s?\.[a-z]+$|(^|\/)test_/i.test(file);
}

function flat(definitions: readonly Definition[]): Definition[] {
  return definitions.flatMap((definition) => [definition, ...flat(definition.inner)]);
}

function endOfComment(lines: readonly string[], { start, end }: Definition): number {
  let at = start;
  while (at < end && COMMENT.test(lines[at] ?? '')) at++;
  return at;
}

/** In an order that has nothing to do with folders, and is the same every time. */
export function spread(texts: readonly Text[]): Text[] {
  const key = (name: string) => [...name].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) % 1009, 7);
  return [...texts].sort((a, b) => key(a.path) - key(b.path));
}
