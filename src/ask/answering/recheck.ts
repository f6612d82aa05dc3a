import type { Citation } from '../../contract/ask.js';
import { readTextFile } from '../text-file.js';

/**
 * The passage as its file says it now: a model writes for a minute, and files change meanwhile. Lines that moved get
 * their new numbers.
 * @returns `null`: the file, or these lines of it, are not there any more
 */
export async function recheck(root: string, passage: Citation): Promise<Citation | null> {
  const read = await readTextFile(root, passage.path);
  if (read.kind !== 'text') return null;
  const lines = read.text.split('\n');
  const wanted = passage.text.split('\n');
  const isAt = (first: number) =>
    wanted.length === 1
      ? // One that is too long to show was cut.
        lines[first]?.startsWith(passage.text) === true
      : wanted.every((line, at) => lines[first + at] === line);
  if (isAt(passage.startLine - 1)) return passage;
  const moved = lines.findIndex((_, first) => isAt(first));
  if (moved < 0) return null;
  return { ...passage, startLine: moved + 1, endLine: moved + wanted.length };
}
