import { rmSync } from 'node:fs';
import path from 'node:path';
import { Code, MARKDOWN, QUALIFIES } from './code-names.js';
import { copyOf, type Source } from './corpora.js';
import { type SelfAsked, spread } from './derived.js';
import type { Asked } from './questions.js';
import { entriesOf, type Section, sectionsOf } from './sections.js';
import type { Text } from './systems.js';

const MAX_OF_A_SET = 60;
const MAX_OF_A_FILE = 5;
const CODE_PATH = /(?:[\w@.-]+\/)*[\w.-]+\.(?:[cm]?[jt]sx?|py|go|rs|rb|php)\b/g;
/** What changed between versions, and translations. */
const NOT_ASKED = /(^|\/)((changelog|history|changes|migration)[^/]*$|[a-z]{2}(_[a-z]{2})?\/)/i;

/**
 * Sections and list entries of the Markdown files that lead to one file of the code. Asked is the heading and the first
 * sentence without the names that lead there, in a copy without the Markdown files.
 */
export async function askedByReadme(source: Source, folder: string, texts: readonly Text[]): Promise<SelfAsked | null> {
  const documents = texts.filter(({ path: file }) => MARKDOWN.test(file)).sort((a, b) => (a.path < b.path ? -1 : 1));
  if (documents.length === 0) return null;
  const code = await Code.read(folder, texts);
  const questions = new Map<string, Asked>();
  const times = new Map<string, number>();
  for (const { path: document, text } of spread(documents.filter(({ path: file }) => !NOT_ASKED.test(file)))) {
    for (const [at, section] of [...sectionsOf(text), ...entriesOf(text)].entries()) {
      const led = leads(section, code, document, at === 0);
      const known = times.get(led?.file ?? '') ?? 0;
      if (led === null || known >= MAX_OF_A_FILE || questions.size >= MAX_OF_A_SET) continue;
      const question = withoutNames(section, led.names);
      if (question === null || questions.has(question)) continue;
      times.set(led.file, known + 1);
      const answer = { path: led.file, startLine: 1, endLine: code.lines(led.file) };
      questions.set(question, { corpus: source.name, half: 'held out', question, answers: [answer] });
    }
  }
  if (questions.size < 10) return null;
  const copy = copyOf(folder, source.name);
  for (const { path: file } of documents) rmSync(path.join(copy, file));
  return { set: 'section of a README, taken out', folder: copy, questions: [...questions.values()] };
}

/** By the name that the heading is, by a path or an import of the package itself below it, or by lying beside one file. */
function leads(
  section: Section,
  code: Code,
  document: string,
  first: boolean,
): { file: string; names: string[] } | null {
  const own = first ? code.fileOf(document) : null;
  if (own !== null) return own;
  const subject = subjectOf(section.heading);
  if (subject !== null) {
    const marked = /[`(]/.test(section.heading);
    const file = code.followName(subject, path.posix.basename(document).replace(MARKDOWN, ''), marked);
    return file === null ? null : { file, names: [subject, subject.split(QUALIFIES).at(-1) ?? subject] };
  }
  const places = pathsIn(section.body).flatMap((name) => code.followPath(name) ?? []);
  const [file, other] = new Set(places);
  return file === undefined || other !== undefined ? null : { file, names: [file, path.posix.basename(file)] };
}

/** `reply.send(payload)`, `Class: Pool`, `bodyLimit` (number): a heading that is a name, with or without what it takes. */
function subjectOf(heading: string): string | null {
  const bare = heading.replace(/`/g, '').replace(/^(new|static|class:|event:)\s+/i, '');
  return /^[.#]?((?:--)?[\w$]+(?:(?:\.|::|#|-|\/)[\w$]+)*)\s*(\(.*)?$/.exec(bare.trim())?.[1] ?? null;
}

function pathsIn(body: string): string[] {
  const prose = body.replace(/^\s*(```|~~~)[\s\S]*?^\s*\1/gm, '');
  const imported = [...body.matchAll(/(?:\bfrom|\brequire\(|\bimport\()\s*['"](@?\w[\w@./-]*\/[\w./-]+)['"]/g)];
  return [...(prose.match(CODE_PATH) ?? []), ...imported.map(([, name = '']) => name)].filter((name) =>
    /\//.test(name),
  );
}

/** `null` when too little is left to ask. */
function withoutNames({ heading, sentence }: Section, names: readonly string[]): string | null {
  const given = names.map((name) => name.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')).join('|');
  const whole = `(?<![\\w$])(?:${given})(?![\\w$])`;
  const asked = subjectOf(heading) === null ? `${heading}: ${sentence}` : sentence;
  const left = asked
    .replace(/`([^`]+)`/g, (_, span: string) => (new RegExp(whole, 'i').test(span) ? '' : span))
    .replace(new RegExp(whole, 'gi'), '')
    .replace(/\s+/g, ' ')
    .replace(/ ([.,:])(?=\s|$)/g, '$1')
    .replace(/^[\s:.,()#]+|[:\s]+$/g, '');
  return (left.match(/\w{3,}/g)?.length ?? 0) >= 5 ? left : null;
}
