import type { Edit } from './draft.js';
import type { Pace } from './pace.js';
import { recordsOf, type Table } from './table.js';

/** What became of one record. `before` is missing for a new one, `after` for one that is gone. */
export interface Change<T> {
  readonly id: string;
  readonly before: T | undefined;
  readonly after: T | undefined;
}

/** The edits of a commit as changes against the index from before it. */
export function changesOf<T>(index: ReadonlyMap<string, T>, edits: ReadonlyMap<string, Edit<T>>): Change<T>[] {
  return [...edits].map(([id, { record }]) => ({ id, before: index.get(id), after: record }));
}

/** What differs between two readings of a file; chunks that both share are passed over. */
export async function differences<T extends { readonly id: string }>(
  before: Table<T>,
  after: Table<T>,
  pace: Pace,
): Promise<Change<T>[]> {
  const kept = new Set(before.chunks);
  const changes: Change<T>[] = [];
  for (const chunk of after.chunks) {
    if (kept.delete(chunk)) continue;
    for (const record of chunk.records) {
      const old = before.index.get(record.id);
      if (old === undefined || JSON.stringify(old) !== JSON.stringify(record)) {
        changes.push({ id: record.id, before: old, after: record });
      }
    }
    await pace();
  }
  const dropped: Table<T> = { chunks: [...kept], index: before.index };
  for (const { id } of recordsOf(dropped)) {
    if (!after.index.has(id)) changes.push({ id, before: before.index.get(id), after: undefined });
  }
  return changes;
}
