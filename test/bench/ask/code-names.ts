import { readFileSync } from 'node:fs';
import path from 'node:path';
import { loadGrammarFor } from '../../../src/ask/grammars.js';
import { type Definition, outlineOf } from '../../../src/ask/outline.js';
import type { Text } from './systems.js';

export const MARKDOWN = /\.(md|markdown)$/i;
export const QUALIFIES = /\.|::|#|\//;
/** Files that repeat the names of the code without being it. */
const BESIDE = /(^|\/)(tests?|specs?|__tests__|examples?|bench(marks?)?|docs?)\/|[._-](test|spec)\.\w+$|\.d\.[cm]?ts$/i;

/** The files of a code base that are no tests, examples, declarations or documents, and what they define. */
export class Code {
  readonly #defining = new Map<string, Set<string>>();
  readonly #having = new Map<string, Set<string>>();

  readonly #own: string;
  readonly #files: readonly Text[];

  private constructor(own: string, files: readonly Text[]) {
    this.#own = own;
    this.#files = files;
  }

  static async read(folder: string, texts: readonly Text[]): Promise<Code> {
    const files = texts.filter(({ path: file }) => !BESIDE.test(file));
    const parsed: Text[] = [];
    const code = new Code(nameOfPackage(folder), parsed);
    for (const one of files) {
      await loadGrammarFor(one.path);
      const outline = MARKDOWN.test(one.path) ? null : outlineOf(one.path, one.text.split('\n'));
      if (outline === null) continue;
      parsed.push(one);
      for (const name of flat(outline)) note(code.#defining, name.split(/[.:]/).at(-1) ?? name, one.path);
      for (const word of new Set(one.text.match(/--[a-z][\w-]+|[\w$]{4,}/g))) note(code.#having, word, one.path);
    }
    return code;
  }

  lines(file: string): number {
    return this.#files.find(({ path: name }) => name === file)?.text.split('\n').length ?? 0;
  }

  /** What a document is about as a whole: the only code file of its name, or the only one in its folder. */
  fileOf(document: string): { file: string; names: string[] } | null {
    const { name, dir } = path.posix.parse(document);
    const named = only(this.#paths().filter((file) => path.posix.parse(file).name === name));
    if (named !== null) return { file: named, names: [name] };
    const beside = dir === '' ? null : only(this.#paths().filter((file) => path.posix.dirname(file) === dir));
    return beside === null ? null : { file: beside, names: [path.posix.basename(dir)] };
  }

  followPath(name: string): string | null {
    const within = name.replace(/^(\.{1,2}\/)+/, '').replace(`${this.#own}/`, '');
    const ending = `/${within.replace(/\.\w+$/, '')}`;
    return only(this.#paths().filter((file) => `/${file}`.replace(/\.\w+$/, '').endsWith(ending)));
  }

  /** The file named like what qualifies the name (or like the document), the only one that defines it, or that has it. */
  followName(name: string, document: string, marked: boolean): string | null {
    const parts = name.split(QUALIFIES);
    const last = parts.at(-1) ?? name;
    const qualifier = plainName(parts.at(-2) ?? document);
    const defining = [...(this.#defining.get(last) ?? [])];
    const fitting = defining.filter((file) => plainName(path.posix.basename(file).replace(/\.\w+$/, '')) === qualifier);
    if (fitting.length > 0) return only(fitting);
    if (!/^--|[a-z][A-Z]|\w_\w/.test(last)) return null;
    return only(defining.length > 0 ? defining : (marked && this.#having.get(last)) || []);
  }

  #paths(): string[] {
    return this.#files.map(({ path: file }) => file);
  }
}

function note(map: Map<string, Set<string>>, name: string, file: string): void {
  map.set(name, (map.get(name) ?? new Set()).add(file));
}

function only(files: Iterable<string>): string | null {
  const [first, second] = files;
  return second === undefined ? (first ?? null) : null;
}

function plainName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

function nameOfPackage(folder: string): string {
  try {
    return (JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as { name: string }).name;
  } catch {
    return path.basename(folder);
  }
}

function flat(definitions: readonly Definition[]): string[] {
  return definitions.flatMap(({ name, inner }) => [name, ...flat(inner)]);
}
