import { execFileSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import MiniSearch from 'minisearch';
import { loadGrammarFor } from '../../../src/ask/grammars.js';
import { byPlace } from '../../../src/ask/index-content.js';
import { type Concept, InvertedIndex } from '../../../src/ask/inverted-index.js';
import { termsOfPassage } from '../../../src/ask/passage-terms.js';
import { cutPassages } from '../../../src/ask/passages.js';
import { retrieve } from '../../../src/ask/retrieve.js';
import type { SearchedIndex } from '../../../src/ask/searched-index.js';
import { type FileStamp, readTextFile } from '../../../src/ask/text-file.js';
import { walkWorkspace } from '../../../src/ask/walk.js';
import type { PassageRef } from '../../../src/ask/workspace-index.js';
import type { Place } from './questions.js';

export interface Text {
  readonly path: string;
  readonly text: string;
  readonly stamp: FileStamp;
}

/** Something that answers questions with passages, best first; an empty answer says that nothing fits. */
export interface System {
  readonly name: string;
  ask(question: string, limit: number): Promise<readonly Place[]>;
}

/** The texts that every system gets to see: those that Gatehouse would index. */
export async function readCorpus(folder: string): Promise<Text[]> {
  const root = realpathSync(folder);
  const { files } = await walkWorkspace(root);
  const texts: Text[] = [];
  for (const path of files.keys()) {
    const read = await readTextFile(root, path);
    if (read.kind === 'text') texts.push({ path, text: read.text, stamp: read.stamp });
  }
  return texts;
}

/** What the program does, without the program around it: the index of a workspace is built the same way. */
export async function ours(folder: string, texts: readonly Text[]): Promise<System & { readonly passages: number }> {
  const index = new InvertedIndex<PassageRef>(byPlace);
  const files = new Map<string, { readonly ids: number[]; readonly stamp: FileStamp }>();
  for (const { path, text, stamp } of texts) {
    const lines = text.split('\n');
    const ids: number[] = [];
    await loadGrammarFor(path);
    for (const passage of cutPassages(path, lines)) {
      const { weights, length } = termsOfPassage(path, lines, passage);
      ids.push(index.add({ path, startLine: passage.startLine, endLine: passage.endLine }, weights, length));
    }
    files.set(path, { ids, stamp });
  }
  const searched: SearchedIndex = {
    root: realpathSync(folder),
    search: (concepts: readonly Concept[], limit) => index.search(concepts, limit),
    paths: () => [...files.keys()],
    passagesOf: (path) =>
      (files.get(path)?.ids ?? []).map((id) => index.get(id)).filter((ref): ref is PassageRef => ref !== null),
    stampOf: (path) => files.get(path)?.stamp ?? null,
    reread: async () => {},
  };
  return { name: 'gatehouse', passages: index.size, ask: (question, limit) => retrieve(searched, question, limit) };
}

const WINDOW_LINES = 40;

/** minisearch as it comes, over windows of 40 lines. */
export function minisearch(texts: readonly Text[]): System {
  const search = new MiniSearch<Place & { id: number; text: string }>({
    fields: ['path', 'text'],
    storeFields: ['path', 'startLine', 'endLine'],
  });
  let id = 0;
  for (const { path, text } of texts) {
    const lines = text.split('\n');
    for (let from = 0; from < lines.length; from += WINDOW_LINES) {
      const part = lines.slice(from, from + WINDOW_LINES);
      search.add({ id: id++, path, startLine: from + 1, endLine: from + part.length, text: part.join('\n') });
    }
  }
  return {
    name: 'minisearch, defaults',
    ask: async (question, limit) => search.search(question).slice(0, limit) as unknown as Place[],
  };
}

/** What somebody would do by hand: ripgrep for every longer word of the question, windows of 40 lines by words found. */
export function ripgrep(folder: string, texts: readonly Text[]): System | null {
  try {
    execFileSync('rg', ['--version'], { stdio: 'ignore' });
  } catch {
    return null;
  }
  const known = new Set(texts.map(({ path }) => path));
  return {
    name: 'ripgrep by words',
    async ask(question, limit) {
      const words = new Set(question.toLowerCase().match(/[\p{L}\p{N}]{4,}/gu) ?? []);
      const windows = new Map<string, { place: Place; words: Set<string>; lines: number }>();
      for (const word of words) {
        if (COMMON.has(word)) continue;
        for (const line of linesWith(folder, word)) {
          const [, path = '', number = '0'] = /^\.?\/?(.*?):(\d+):/.exec(line) ?? [];
          if (!known.has(path)) continue;
          const from = Math.floor((Number(number) - 1) / WINDOW_LINES) * WINDOW_LINES;
          const key = `${path}:${from}`;
          const place = { path, startLine: from + 1, endLine: from + WINDOW_LINES };
          const window = windows.get(key) ?? { place, words: new Set(), lines: 0 };
          window.words.add(word);
          window.lines++;
          windows.set(key, window);
        }
      }
      return [...windows.values()]
        .sort((a, b) => b.words.size - a.words.size || b.lines - a.lines)
        .slice(0, limit)
        .map(({ place }) => place);
    },
  };
}

const COMMON = new Set(
  'what when where which whom whose that this those these there from with does have into how'.split(' '),
);

function linesWith(folder: string, word: string): string[] {
  try {
    const args = ['--no-config', '--no-ignore', '--line-number', '--ignore-case', '--fixed-strings', word, '.'];
    return execFileSync('rg', args, { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 30 }).split('\n');
  } catch {
    return [];
  }
}
