import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** One file of the log and how many of its bytes are ours and on disk. */
export interface Part {
  readonly name: string;
  bytes: number;
}

/**
 * The part after `current` at time `nowMs`: the month's first file, or its next number once `current` is full.
 * `2026-11.jsonl`, then `2026-11.part0002.jsonl`: plain sorting, as by `ls` and `cat *.jsonl`, gives the order written.
 * A clock that goes back never opens an earlier month: lines stay where the chain is.
 */
export function nextPartName(current: string | null, nowMs: number, full: boolean): string {
  const month = new Date(nowMs).toISOString().slice(0, 7);
  const place = current === null ? null : parseName(current);
  if (place === null || current === null || month > place.month) return `${month}.jsonl`;
  return full ? `${place.month}.part${String(place.number + 1).padStart(4, '0')}.jsonl` : current;
}

/** The parts in `folder` with their sizes, oldest first; [] when the folder is not there. */
export async function listParts(folder: string): Promise<Part[]> {
  const names = (await readdirOrNone(folder)).filter((name) => parseName(name) !== null).sort(byAge);
  return await Promise.all(names.map(async (name) => ({ name, bytes: (await stat(join(folder, name))).size })));
}

/** Sorts part names, oldest first. */
export function byAge(left: string, right: string): number {
  const a = parseName(left);
  const b = parseName(right);
  if (a === null || b === null || a.month !== b.month) return left < right ? -1 : 1;
  return a.number - b.number;
}

const NAME = /^(\d{4}-\d{2})(?:\.part(\d{4,}))?\.jsonl$/;

function parseName(name: string): { month: string; number: number } | null {
  const [, month, number] = NAME.exec(name) ?? [];
  return month === undefined ? null : { month, number: Number(number ?? 1) };
}

async function readdirOrNone(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
