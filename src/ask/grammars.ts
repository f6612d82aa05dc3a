import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Language, Parser, Tree } from 'web-tree-sitter';

/** By ending of the file name: the grammar's `.wasm`, as its package ships it. */
const GRAMMARS: readonly (readonly [endings: string, wasm: string])[] = [
  ['js mjs cjs jsx', 'tree-sitter-javascript/tree-sitter-javascript.wasm'],
  ['ts mts cts', 'tree-sitter-typescript/tree-sitter-typescript.wasm'],
  ['tsx', 'tree-sitter-typescript/tree-sitter-tsx.wasm'],
  ['py pyi', 'tree-sitter-python/tree-sitter-python.wasm'],
  ['go', 'tree-sitter-go/tree-sitter-go.wasm'],
  ['rs', 'tree-sitter-rust/tree-sitter-rust.wasm'],
  ['java', 'tree-sitter-java/tree-sitter-java.wasm'],
  ['c h', 'tree-sitter-c/tree-sitter-c.wasm'],
  ['cc cpp cxx hh hpp hxx', 'tree-sitter-cpp/tree-sitter-cpp.wasm'],
  ['rb rake gemspec', 'tree-sitter-ruby/tree-sitter-ruby.wasm'],
  ['php', 'tree-sitter-php/tree-sitter-php.wasm'],
  ['cs', 'tree-sitter-c-sharp/tree-sitter-c_sharp.wasm'],
  ['sh bash', 'tree-sitter-bash/tree-sitter-bash.wasm'],
];

const wasmOf = new Map(GRAMMARS.flatMap(([endings, wasm]) => endings.split(' ').map((ending) => [ending, wasm])));

/** A file that takes longer is cut without its structure. */
const MAX_PARSE_MS = 1000;
/** Larger ones are data or generated, and a tree takes some 30 times its text. */
const MAX_PARSED_CHARACTERS = 600_000;
const MAX_PARSED_LINE_CHARACTERS = 10_000;

type Module = typeof import('web-tree-sitter');

let started: Promise<Module> | null = null;
let parser: Parser | null = null;
const languages = new Map<string, Language | null>();
const loading = new Map<string, Promise<void>>();

/**
 * Loads what is needed to cut a file by its structure, once a language. Never rejects: a grammar that cannot be loaded
 * leaves its files to the cutter that knows no language.
 */
export async function loadGrammarFor(path: string): Promise<void> {
  const wasm = wasmFor(path);
  if (wasm === undefined || languages.has(wasm)) return;
  let load = loading.get(wasm);
  if (load === undefined) {
    load = loadLanguage(wasm).then(
      (language) => void languages.set(wasm, language),
      () => void languages.set(wasm, null),
    );
    loading.set(wasm, load);
  }
  await load;
}

/**
 * Calls `read` with the tree of a source text and frees it afterwards. `null` when there is no grammar for it, it was not
 * loaded, or the text is beyond what is worth parsing.
 */
export function withTree<T>(path: string, lines: readonly string[], read: (tree: Tree) => T): T | null {
  const language = languages.get(wasmFor(path) ?? '');
  if (language == null || parser === null || !isWorthParsing(lines)) return null;
  const startedAt = performance.now();
  let tree: Tree | null = null;
  try {
    parser.setLanguage(language);
    tree = parser.parse(lines.join('\n'), null, {
      progressCallback: () => performance.now() - startedAt > MAX_PARSE_MS,
    });
    if (tree === null) {
      // What was begun must not be gone on with for the next text.
      parser.reset();
      return null;
    }
    return read(tree);
  } catch {
    parser.reset();
    return null;
  } finally {
    tree?.delete();
  }
}

function wasmFor(path: string): string | undefined {
  return wasmOf.get(path.slice(path.lastIndexOf('.') + 1).toLowerCase());
}

function isWorthParsing(lines: readonly string[]): boolean {
  let characters = 0;
  for (const line of lines) {
    characters += line.length + 1;
    if (line.length > MAX_PARSED_LINE_CHARACTERS || characters > MAX_PARSED_CHARACTERS) return false;
  }
  return true;
}

async function loadLanguage(wasm: string): Promise<Language> {
  started ??= start();
  const module = await started;
  return module.Language.load(await bytesOf(wasm));
}

async function start(): Promise<Module> {
  const module = await import('web-tree-sitter');
  await module.Parser.init({ wasmBinary: await bytesOf('web-tree-sitter/web-tree-sitter.wasm') });
  parser = new module.Parser();
  return module;
}

/** Beside the built program in `grammars/`; run from source, in the packages themselves. */
async function bytesOf(wasm: string): Promise<Uint8Array> {
  const name = wasm.slice(wasm.indexOf('/') + 1);
  for (const folder of ['./grammars/', '../grammars/']) {
    try {
      return await readFile(new URL(folder + name, import.meta.url));
    } catch {
      // The next place.
    }
  }
  return readFile(createRequire(import.meta.url).resolve(wasm));
}
