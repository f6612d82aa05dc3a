import { join } from 'node:path';
import type { AuditVerification } from '../contract/audit.js';
import type { FirstKept } from './head.js';
import { type ChainPoint, type DecodedLine, decodeLine, isLinked } from './line.js';
import type { Part } from './parts.js';
import { linesForward } from './read-lines.js';

export type Fault = NonNullable<AuditVerification['fault']>;

/** How far a check of the chain has come, and what it has counted. */
export interface Walk {
  /** What the next line has to be; `before` null: not known, so its hash cannot be checked. */
  expected: FirstKept;
  /** The last line that is ours. */
  readonly endSeq: number;
  /** Hashes of saved points that have not been met yet, by line. */
  readonly heads: Map<number, string>;
  /** Whether an `audit.broken` line, which a start wrote about what it found, is a fault itself. */
  readonly reportsBroken: boolean;
  lines: number;
  unkeyed: number;
  /** Unkeyed lines that no keyed line has followed yet. */
  uncovered: number;
  unchecked: number;
  firstAt: string | null;
  lastAt: string | null;
}

export function beginWalk(
  first: FirstKept,
  end: ChainPoint,
  options: { heads: readonly ChainPoint[]; reportsBroken: boolean },
): Walk {
  const heads = options.heads.filter(({ seq }) => seq >= first.seq).map(({ seq, hash }) => [seq, hash] as const);
  const counts = { lines: 0, unkeyed: 0, uncovered: 0, unchecked: 0, firstAt: null, lastAt: null };
  return { expected: first, endSeq: end.seq, heads: new Map(heads), reportsBroken: options.reportsBroken, ...counts };
}

/** Checks every line of one part and moves `walk` on; stops at the first fault. */
export async function walkPart(folder: string, part: Part, key: Buffer | null, walk: Walk): Promise<Fault | null> {
  let line = 0;
  for await (const { bytes, whole } of linesForward(join(folder, part.name), part.bytes)) {
    line += 1;
    const decoded = whole ? decodeLine(bytes) : null;
    const reason = decoded === null ? 'this is not a whole audit line' : checkLine(decoded, key, walk);
    if (reason !== null) return { file: part.name, line, reason };
  }
  return null;
}

/** What is wrong with the line at this place; null: nothing, and the walk has gone past it. */
function checkLine(decoded: DecodedLine, key: Buffer | null, walk: Walk): string | null {
  const { line } = decoded;
  const { seq, before } = walk.expected;
  if (seq > walk.endSeq) return 'it was put in behind the end of the log';
  if (line.seq !== seq) return orderReason(line.seq, seq);
  const linked = before === null ? null : isLinked(decoded, before, key);
  if (linked === false) return 'its hash does not fit: this line was changed, or the ones before it were';
  if ((walk.heads.get(seq) ?? line.hash) !== line.hash) return 'it differs from the line that the saved head names';
  if (walk.reportsBroken && line.action === 'audit.broken') {
    return `a start found the log changed: ${String(line.detail['reason'])}`;
  }
  walk.heads.delete(seq);
  walk.expected = { seq: seq + 1, before: line.hash };
  walk.lines += 1;
  walk.unchecked += linked === null ? 1 : 0;
  walk.unkeyed += line.chain === 'sha256' ? 1 : 0;
  walk.uncovered = line.chain === 'sha256' ? walk.uncovered + 1 : 0;
  walk.firstAt ??= line.at;
  walk.lastAt = line.at;
  return null;
}

function orderReason(found: number, expected: number): string {
  if (found < expected) return `line ${found} stands where line ${expected} belongs: inserted, repeated or moved`;
  const range = found - 1 === expected ? `line ${expected} is` : `lines ${expected} to ${found - 1} are`;
  return `${range} missing before this one, which is line ${found}`;
}
