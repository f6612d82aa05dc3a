/** A single line may be longer; then it is a passage alone. */
export const MAX_PASSAGE_CHARACTERS = 4000;
export const MAX_PASSAGE_LINES = 40;

export function isBlank(line: string | undefined): boolean {
  return line === undefined || !/\S/.test(line);
}

/** Columns of indentation; a tab counts four. */
export function depthOf(line: string | undefined): number {
  let depth = 0;
  for (const character of line ?? '') {
    if (character === ' ') depth++;
    else if (character === '\t') depth += 4;
    else break;
  }
  return depth;
}

/** The line after the last that fits into one passage, by count and by characters; at least one line. */
export function hardEnd(lines: readonly string[], start: number, to: number): number {
  let characters = 0;
  let end = start;
  while (end < to && end - start < MAX_PASSAGE_LINES) {
    characters += (lines[end] as string).length + 1;
    if (characters > MAX_PASSAGE_CHARACTERS && end > start) break;
    end++;
  }
  return end;
}

/** The range without blank lines at its edges; `null` when nothing is left. */
export function trimmed(lines: readonly string[], from: number, to: number): { start: number; end: number } | null {
  let start = from;
  let end = to;
  while (start < end && isBlank(lines[start])) start++;
  while (end > start && isBlank(lines[end - 1])) end--;
  return start < end ? { start, end } : null;
}
