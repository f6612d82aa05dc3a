import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FirstKept, Head } from './head.js';
import { type ChainPoint, decodeLine, GENESIS } from './line.js';
import type { Part } from './parts.js';
import { linesForward } from './read-lines.js';
import { newestLine } from './tail.js';
import { beginWalk, type Fault, walkPart } from './walk.js';

/** The oldest parts that have to go so that the rest is within `maxBytes`; never the one that is written to. */
export function planTrim(parts: readonly Part[], maxBytes: number): readonly Part[] {
  let total = parts.reduce((sum, part) => sum + part.bytes, 0);
  let count = 0;
  for (const part of parts.slice(0, -1)) {
    if (total <= maxBytes) break;
    total -= part.bytes;
    count += 1;
  }
  return parts.slice(0, count);
}

/** Where the chain begins once `old` is gone, and the fault in it if there is one: it must not vanish with the lines. */
export async function lastLook(
  folder: string,
  old: readonly Part[],
  log: { readonly first: FirstKept; readonly last: ChainPoint },
  chainKey: Buffer | null,
): Promise<{ first: FirstKept; fault: Fault | null }> {
  // A fault that an earlier start wrote down is not repeated, or it would outlive every removal.
  const walk = beginWalk(log.first, log.last, { heads: [], reportsBroken: false });
  let fault: Fault | null = null;
  for (const part of old) fault ??= await walkPart(folder, part, chainKey, walk);
  const end = fault === null ? null : await newestLine(folder, old);
  return { first: end === null ? walk.expected : { seq: end.line.seq + 1, before: end.line.hash }, fault };
}

/** Removes parts that a crash left between saving the head and removing them: all their lines are before `firstSeq`. */
export async function finishTrim(folder: string, parts: Part[], firstSeq: number): Promise<void> {
  for (;;) {
    const [oldest, next] = parts;
    if (oldest === undefined || next === undefined) return;
    const begin = await firstSeqOf(join(folder, next.name), next.bytes);
    if (begin === null || begin > firstSeq) return;
    // A part that another hand put in front is not ours to remove: `verify` names it.
    const own = await firstSeqOf(join(folder, oldest.name), oldest.bytes);
    if (own === null || own >= firstSeq) return;
    await rm(join(folder, oldest.name), { force: true });
    parts.shift();
  }
}

/** Where the kept chain begins: as the head says, or, without a head to believe, at the first line that is there. */
export async function firstKept(folder: string, parts: readonly Part[], head: Head): Promise<FirstKept> {
  const { firstSeq, before } = head.state.current;
  const [oldest] = parts;
  if ((head.existed && head.fault === null) || oldest === undefined) return { seq: firstSeq, before };
  const seq = (await firstSeqOf(join(folder, oldest.name), oldest.bytes)) ?? 1;
  return { seq, before: seq === 1 ? GENESIS.hash : null };
}

async function firstSeqOf(path: string, bytes: number): Promise<number | null> {
  for await (const line of linesForward(path, bytes)) return decodeLine(line.bytes)?.line.seq ?? null;
  return null;
}
