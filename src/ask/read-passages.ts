import type { Breather } from './breather.js';
import { loadGrammarFor } from './grammars.js';
import { termsOfPassage } from './passage-terms.js';
import { cutPassages } from './passages.js';
import type { StoredPassage } from './shard-codec.js';

/** The passages of a file, and what each is found by. Pauses in between, for a large file takes longer than a slice. */
export async function readPassages(path: string, text: string, breather: Breather): Promise<StoredPassage[]> {
  await loadGrammarFor(path);
  const lines = text.split('\n');
  const passages: StoredPassage[] = [];
  for (const passage of cutPassages(path, lines)) {
    if (breather.due) await breather.pause();
    const { weights, length } = termsOfPassage(path, lines, passage);
    passages.push({ startLine: passage.startLine, endLine: passage.endLine, length, weights });
  }
  return passages;
}
