/** Entries of a list that is written one a line, or with commas. */
export const entriesOf = (text: string) =>
  text
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** In which line the entry of this place stands: blank lines are not sent, and counted by those who read. */
export function lineOf(text: string, index: number): number {
  const lines = text.split('\n');
  let left = index;
  for (const [at, line] of lines.entries()) {
    const entries = entriesOf(line).length;
    if (left < entries) return at + 1;
    left -= entries;
  }
  return lines.length;
}

/**
 * Whether a list of addresses and ranges holds an address, as far as a page can tell: a hint before the server judges.
 * `null`: something in it is not understood.
 */
export function listHolds(entries: readonly string[], address: string): boolean | null {
  const wanted = bitsOf(address);
  if (wanted === null) return null;
  let isClear = true;
  for (const entry of entries) {
    const [text = '', prefix] = entry.split('/');
    const bits = bitsOf(text);
    const length = prefix === undefined ? bits?.length : Number(prefix);
    if (bits === null || length === undefined || !(length >= 0 && length <= bits.length)) isClear = false;
    else if (bits.length === wanted.length && bits.slice(0, length) === wanted.slice(0, length)) return true;
  }
  return isClear ? false : null;
}

/** An address as 32 or 128 binary digits; IPv4 written as IPv6 is IPv4. */
function bitsOf(text: string): string | null {
  if (!text.includes(':')) {
    const parts = text.split('.').map(Number);
    if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part <= 255))) return null;
    return parts.map((part) => part.toString(2).padStart(8, '0')).join('');
  }
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(text);
  if (mapped !== null) return bitsOf(mapped[1] ?? '');
  const [before = '', after] = text.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const [head, tail] = [groups(before), groups(after ?? '')];
  const missing = after === undefined ? 0 : 8 - head.length - tail.length;
  if (missing < 0) return null;
  const all = [...head, ...Array.from({ length: missing }, () => '0'), ...tail];
  if (all.length !== 8 || all.some((group) => !/^[0-9a-f]{1,4}$/i.test(group))) return null;
  return all.map((group) => Number.parseInt(group, 16).toString(2).padStart(16, '0')).join('');
}
