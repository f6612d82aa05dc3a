import type { SearchedIndex } from './searched-index.js';
import type { PassageRef } from './workspace-index.js';

/** The beginnings of the files a newcomer should open first, best first: for "how does this code work?". */
export function overviewPassages(index: SearchedIndex): (PassageRef & { readonly score: number })[] {
  return index
    .paths()
    .map((path) => ({ path, promise: promiseOf(path) }))
    .filter((file) => file.promise > 0)
    .sort((a, b) => b.promise - a.promise || (a.path < b.path ? -1 : 1))
    .slice(0, MAX_FILES)
    .flatMap(({ path, promise }) =>
      index
        .passagesOf(path)
        .slice(0, PASSAGES_EACH)
        // A little less for each further one keeps a file's passages together and in order.
        .map((ref, at) => ({ ...ref, score: promise * (1 - 0.001 * at) })),
    )
    .sort((a, b) => b.score - a.score || (a.path < b.path ? -1 : 1));
}

const MAX_FILES = 12;
const PASSAGES_EACH = 3;

/** How likely a file explains the whole, from its name and how deep it lies; 0 is not at all. */
function promiseOf(path: string): number {
  const depth = path.split('/').length - 1;
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  const kind = KINDS.find(({ pattern }) => pattern.test(name));
  return kind === undefined ? 0 : kind.weight / (1 + 0.3 * depth);
}

const KINDS = [
  { pattern: /^readme(\.|$)/, weight: 10 },
  { pattern: /^(architecture|overview|design|how-it-works|introduction|getting-started)\b/, weight: 9 },
  { pattern: /^(main|index|app|server|cli|__main__|mod|lib)\.[a-z]+$/, weight: 5 },
  {
    pattern: /^(package\.json|pyproject\.toml|cargo\.toml|go\.mod|pom\.xml|composer\.json|makefile|compose\.ya?ml)$/,
    weight: 3,
  },
];
