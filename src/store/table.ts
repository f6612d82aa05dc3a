import type { Edit } from './draft.js';
import type { Pace } from './pace.js';

/** A run of records with the bytes they are on disk: one record a line, `,\n` between, nothing before or behind. */
export interface Chunk<T> {
  readonly records: readonly T[];
  readonly bytes: Buffer;
}

/** All records, in the order of the file. Chunks are never changed, only replaced; `index` follows them. */
export interface Table<T> {
  readonly chunks: readonly Chunk<T>[];
  readonly index: Map<string, T>;
}

/** Small enough that serialising one chunk does not hold the event loop, large enough that 100,000 records are a few hundred. */
export const CHUNK_BYTES = 128 * 1024;

export function emptyTable<T>(): Table<T> {
  return { chunks: [], index: new Map() };
}

export function* recordsOf<T>(table: Table<T>): Iterable<T> {
  for (const chunk of table.chunks) yield* chunk.records;
}

/** In reverse order, beginning in front of `before`; nothing when that one is not there. */
export function* recordsBackward<T>({ chunks }: Table<T>, before?: T): Iterable<T> {
  let searching = before !== undefined;
  for (let at = chunks.length - 1; at >= 0; at -= 1) {
    const records = (chunks[at] as Chunk<T>).records;
    let position = records.length;
    if (searching) {
      position = records.lastIndexOf(before as T);
      if (position === -1) continue;
      searching = false;
    }
    while (position > 0) {
      position -= 1;
      yield records[position] as T;
    }
  }
}

/** The chunks after `edits`; untouched ones are the same objects. The table itself stays as it is. */
export async function applyEdits<T>(
  table: Table<T>,
  edits: ReadonlyMap<string, Edit<T>>,
  pace: Pace,
): Promise<readonly Chunk<T>[]> {
  const inPlace = new Map<T, T | undefined>();
  const added: T[] = [];
  for (const [id, edit] of edits) {
    const before = table.index.get(id);
    if (before !== undefined) inPlace.set(before, edit.moved ? undefined : edit.record);
    if (edit.record !== undefined && (before === undefined || edit.moved)) added.push(edit.record);
  }
  const chunks: Chunk<T>[] = [];
  for (const chunk of table.chunks) {
    await pace();
    if (inPlace.size === 0 || !chunk.records.some((record) => inPlace.has(record))) chunks.push(chunk);
    else await repack(replaceRecords(chunk.records, inPlace), chunks, pace);
  }
  if (added.length > 0) {
    const last = chunks.at(-1);
    const open = last !== undefined && last.bytes.length < CHUNK_BYTES ? chunks.pop() : undefined;
    await pack([...(open?.records ?? []), ...added], chunks, pace);
  }
  return chunks;
}

/** Brings the index in step with chunks that `applyEdits` made. */
export function settleIndex<T>(index: Map<string, T>, edits: ReadonlyMap<string, Edit<T>>): void {
  for (const [id, { record }] of edits) {
    if (record === undefined) index.delete(id);
    else index.set(id, record);
  }
}

/** Adds records to `chunks`, serialised, in chunks that end once they have `CHUNK_BYTES`. */
export async function pack<T>(records: readonly T[], chunks: Chunk<T>[], pace: Pace): Promise<void> {
  let lines: string[] = [];
  let from = 0;
  let characters = 0;
  for (const [position, record] of records.entries()) {
    const line = JSON.stringify(record);
    lines.push(line);
    characters += line.length;
    if (characters >= CHUNK_BYTES || position === records.length - 1) {
      chunks.push({ records: records.slice(from, position + 1), bytes: ownBytes(lines.join(',\n')) });
      from = position + 1;
      lines = [];
      characters = 0;
      await pace();
    }
  }
}

/** A changed chunk stays one up to twice the size: split at once, each change of a full chunk would leave a crumb. */
async function repack<T>(records: readonly T[], chunks: Chunk<T>[], pace: Pace): Promise<void> {
  if (records.length === 0) return;
  const bytes = ownBytes(records.map((record) => JSON.stringify(record)).join(',\n'));
  if (bytes.length <= 2 * CHUNK_BYTES) chunks.push({ records, bytes });
  else await pack(records, chunks, pace);
}

/** Bytes that share their memory with nothing else. */
function ownBytes(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}

function replaceRecords<T>(records: readonly T[], inPlace: ReadonlyMap<T, T | undefined>): T[] {
  const kept: T[] = [];
  for (const record of records) {
    const after = inPlace.has(record) ? inPlace.get(record) : record;
    if (after !== undefined) kept.push(after);
  }
  return kept;
}
