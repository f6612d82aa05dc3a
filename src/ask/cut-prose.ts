import { headingLevel } from './definitions.js';
import { hardEnd, isBlank } from './lines.js';
import { type Passage, passageOf } from './passage.js';

const MIN_LINES = 8;
const MIN_SECTION_LINES = 3;

/** Sections of prose begin at their headings; long ones are cut between paragraphs. */
export function* cutProse(lines: readonly string[]): Generator<Passage> {
  const enclosing: { level: number; name: string }[] = [];
  let inFence = false;
  let start = 0;
  while (start < lines.length) {
    if (isBlank(lines[start])) {
      start++;
      continue;
    }
    const end = endOfSection(lines, start, inFence);
    const firstLevel = inFence ? 0 : headingLevel(lines[start] as string);
    const outer = enclosing.filter(({ level }) => firstLevel === 0 || level < firstLevel).map(({ name }) => name);
    const symbols: string[] = [];
    for (let at = start; at < end; at++) {
      const line = lines[at] as string;
      if (isFence(line)) inFence = !inFence;
      const level = inFence ? 0 : headingLevel(line);
      if (level === 0) continue;
      while ((enclosing.at(-1)?.level ?? 0) >= level) enclosing.pop();
      const name = line.replace(/^#+\s*/, '');
      enclosing.push({ level, name });
      symbols.push(name);
    }
    yield passageOf(lines, { start, end }, symbols, outer);
    start = end;
  }
}

function endOfSection(lines: readonly string[], start: number, startsInFence: boolean): number {
  const limit = hardEnd(lines, start, lines.length);
  let inFence = startsInFence;
  let lastGap = -1;
  for (let at = start; at < limit; at++) {
    const line = lines[at] as string;
    if (!inFence && at - start >= MIN_SECTION_LINES && headingLevel(line) > 0) return at;
    if (isFence(line)) inFence = !inFence;
    if (at - start >= MIN_LINES && !inFence && isBlank(line)) lastGap = at;
  }
  return limit === lines.length || lastGap === -1 ? limit : lastGap;
}

function isFence(line: string): boolean {
  return /^\s{0,3}(```|~~~)/.test(line);
}
