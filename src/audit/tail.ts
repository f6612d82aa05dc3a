import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Head, HeadPoint } from './head.js';
import { type ChainPoint, type DecodedLine, decodeLine, GENESIS, isLinked } from './line.js';
import type { Part } from './parts.js';
import { linesBackward } from './read-lines.js';

/** What the end of the log says when it is opened. */
export interface Tail {
  /** The line that the next one follows. */
  readonly last: ChainPoint;
  /** Whether that line was chained without the key. */
  readonly unkeyed: boolean;
  /** Why the log does not continue what was saved; null when it does. */
  readonly broken: string | null;
}

/**
 * Cuts what a crash left of a line that was never acknowledged: everything behind the last line break of `part`.
 * @returns the number of bytes cut; `part.bytes` is brought in line
 */
export async function cutTornEnd(folder: string, part: Part): Promise<number> {
  for await (const { bytes, offset, whole } of linesBackward(join(folder, part.name), part.bytes)) {
    if (whole || bytes.length === 0) return 0;
    const torn = part.bytes - offset;
    const handle = await open(join(folder, part.name), 'r+');
    try {
      await handle.truncate(offset);
      await handle.datasync();
    } finally {
      await handle.close();
    }
    part.bytes = offset;
    return torn;
  }
  return 0;
}

/**
 * Walks back from the end to the lines that `head.json` vouches for. It is a few lines at most starts; after a locked
 * time it reaches back to the last keyed head. Whatever is wrong further back, `verify` finds.
 * After a break the next line follows the highest line known, so the gap stays in the chain for good.
 */
export async function examineTail(
  folder: string,
  parts: readonly Part[],
  head: Head,
  chainKey: Buffer | null,
): Promise<Tail> {
  const { current, keyed } = head.state;
  const newest = await newestLine(folder, parts);
  const end: ChainPoint | null = newest === null ? null : pointOf(newest);
  const last = end === null || current.seq > end.seq ? { seq: current.seq, hash: current.hash } : end;
  const broken =
    head.fault ??
    (head.existed ? await brokenSince(folder, parts, [current, keyed], chainKey) : newest && 'head.json is missing');
  return { last, unkeyed: newest?.line.chain === 'sha256', broken };
}

/** The last line that can be read in these parts; null when there is none. */
export async function newestLine(folder: string, parts: readonly Part[]): Promise<DecodedLine | null> {
  for await (const decoded of decodedBackward(folder, parts)) {
    if (decoded !== null) return decoded;
  }
  return null;
}

async function brokenSince(
  folder: string,
  parts: readonly Part[],
  points: readonly (HeadPoint | null)[],
  chainKey: Buffer | null,
): Promise<string | null> {
  const [current, keyed] = points;
  if (!current) return null;
  const wanted = new Map([current, keyed].flatMap((p) => (p && p.seq >= current.firstSeq ? [[p.seq, p.hash]] : [])));
  // Never saved with a key: then no keyed line may stand before the saved point. A forged head would claim that.
  const neverKeyed = chainKey !== null && !keyed;
  let next: DecodedLine | null = null;
  for await (const decoded of decodedBackward(folder, parts)) {
    if (decoded === null) return 'a line is damaged';
    const { seq, hash, chain } = decoded.line;
    if (next !== null && (next.line.seq !== seq + 1 || isLinked(next, hash, chainKey) === false)) {
      return 'a line does not follow the one before it';
    }
    // Asked here, one line behind the last saved point: only now that point's own bytes are checked too.
    if (wanted.size === 0 && next !== null && !neverKeyed) return null;
    if (seq <= current.seq && neverKeyed && chain === 'hmac') return 'head.json was changed by another hand';
    const expected = wanted.get(seq);
    if (expected !== undefined && expected !== hash) return 'a line differs from the saved head';
    wanted.delete(seq);
    if ([...wanted.keys()].some((missing) => missing > seq)) return 'the end was cut';
    next = decoded;
  }
  const begin = current.firstSeq === 1 ? GENESIS.hash : current.before;
  if (next !== null && begin !== null && isLinked(next, begin, chainKey) === false) return 'the beginning was changed';
  return wanted.size === 0 || current.seq === 0 ? null : 'the end was cut';
}

async function* decodedBackward(folder: string, parts: readonly Part[]): AsyncGenerator<DecodedLine | null> {
  for (const part of parts.toReversed()) {
    for await (const { bytes } of linesBackward(join(folder, part.name), part.bytes)) yield decodeLine(bytes);
  }
}

function pointOf({ line }: DecodedLine): ChainPoint {
  return { seq: line.seq, hash: line.hash };
}
