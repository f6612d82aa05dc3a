import type { IndexView } from '../contract/workspaces.js';

/** What an index holds, or held when it was let go. */
export interface Counts {
  readonly filesDone: number;
  readonly bytesDone: number;
  readonly passages: number;
  readonly leftOut: ReadonlyMap<string, number>;
}

/** What the last walk found. */
export interface Walked {
  readonly skipped: ReadonlyMap<string, number>;
  readonly bytes: number;
  readonly total: number;
}

const IN_MEMORY_ONLY = 'The index cannot be kept on disk, so every start builds it again. The log has the reason.';
export const NOTHING: Counts = { filesDone: 0, bytesDone: 0, passages: 0, leftOut: new Map<string, number>() };

/** An index as the contract shows it. */
export function viewOf(
  index: Pick<IndexView, 'state' | 'detail' | 'memoryBytes' | 'storedBytes' | 'builtAt'> & {
    counts: Counts;
    walk: Walked;
  },
): IndexView {
  const { state, detail, counts, walk, memoryBytes, storedBytes, builtAt } = index;
  const skipped: Record<string, number> = Object.fromEntries(walk.skipped);
  for (const [reason, count] of counts.leftOut) skipped[reason] = (skipped[reason] ?? 0) + count;
  return {
    state,
    detail: detail ?? (storedBytes === null && state === 'ready' ? IN_MEMORY_ONLY : null),
    filesDone: Math.min(counts.filesDone, walk.total),
    filesTotal: walk.total,
    bytesDone: Math.min(counts.bytesDone, walk.bytes),
    bytesTotal: walk.bytes,
    passages: counts.passages,
    memoryBytes,
    storedBytes,
    skipped,
    builtAt,
  };
}
