import type { FoundPassage } from '../../contract/ask.js';

const MAX_PASSAGES = 8;
/** "And for members?" finds little by itself; further back than to the last question that finds something helps nobody. */
const MAX_FRUITFUL = 2;

/** What a question finds and, in a conversation, what the question before it found: in turn, best first, each once. */
export async function findFor(
  searches: readonly string[],
  find: (text: string) => Promise<readonly FoundPassage[]>,
): Promise<FoundPassage[]> {
  const fruitful: (readonly FoundPassage[])[] = [];
  for (const text of searches) {
    const found = await find(text);
    if (found.length > 0) fruitful.push(found);
    if (fruitful.length === MAX_FRUITFUL) break;
  }
  const [first = [], second] = fruitful;
  if (second === undefined) return [...first];
  const mixed: FoundPassage[] = [];
  for (let at = 0; at < Math.max(first.length, second.length); at += 1)
    for (const passage of [first[at], second[at]])
      if (passage !== undefined && !mixed.some((other) => overlap(other, passage))) mixed.push(passage);
  return mixed.slice(0, MAX_PASSAGES);
}

function overlap(a: FoundPassage, b: FoundPassage): boolean {
  return a.path === b.path && a.startLine <= b.endLine && b.startLine <= a.endLine;
}
