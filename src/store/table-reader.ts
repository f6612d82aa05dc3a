import { describeFaults } from '../kernel/schema-faults.js';
import { Damage, newerVersion } from './damage.js';
import {
  BYTE,
  checkBeginning,
  decodeSlice,
  endOfValue,
  holdsProto,
  isObject,
  lineStarts,
  mayHoldProto,
  parseSlice,
  skipSpace,
} from './json-bytes.js';
import type { Pace } from './pace.js';
import { CHUNK_BYTES, type Chunk, pack, type Table } from './table.js';

/** What a file of records has to look like. */
export interface TableSchema<T> {
  /** Name of the one member that holds the records. */
  readonly member: string;
  readonly schemaVersion: number;
  /** From version n to n+1, a record at a time. */
  readonly migrations: Readonly<Record<number, (record: unknown) => unknown>>;
  /** Throws on a bad record; the message names the field and quotes no secret. */
  readonly parse: (record: unknown) => T;
}

/**
 * Reads `{"schemaVersion":1,"<member>":[…]}`, however it is laid out.
 * @param previous - what an earlier reading made; chunks whose bytes are still the same are taken over unparsed
 * @throws Damage with the place of the first fault
 */
export async function readTable<T extends { readonly id: string }>(
  bytes: Buffer,
  schema: TableSchema<T>,
  previous: Table<T>,
  pace: Pace,
): Promise<Table<T>> {
  checkBeginning(bytes);
  const layout = findMembers(bytes, schema.member);
  // In a file we wrote the records are the last member, so what is behind them is only found by reading them.
  const version = layout.version ?? findMembers(bytes, schema.member, true).version;
  checkVersion(version, schema, layout.recordsAt);
  const reader = new RecordReader(bytes, schema, version, previous, pace);
  const end = await reader.read(layout.recordsAt);
  checkEnding(bytes, end, schema.member);
  return reader.table;
}

interface Layout {
  version: number | undefined;
  recordsAt: number;
}

/** Walks the top level up to the records; with `toTheEnd` past them, for a file whose members were re-ordered by hand. */
function findMembers(bytes: Buffer, member: string, toTheEnd = false): Layout {
  let at = skipSpace(bytes, 0);
  if (bytes[at] !== BYTE.OPEN_OBJECT) throw new Damage(`expected an object with the member "${member}"`, at);
  const layout: Layout = { version: undefined, recordsAt: -1 };
  at = skipSpace(bytes, at + 1);
  while (at < bytes.length && bytes[at] !== BYTE.CLOSE_OBJECT) {
    const { name, valueAt } = readName(bytes, at);
    if (name === member) {
      if (layout.recordsAt !== -1) throw new Damage(`the member "${member}" is there twice`, at);
      if (bytes[valueAt] !== BYTE.OPEN_LIST) throw new Damage(`the member "${member}" is not an array`, valueAt);
      layout.recordsAt = valueAt;
      if (!toTheEnd) return layout;
    } else if (name === 'schemaVersion') {
      if (layout.version !== undefined) throw new Damage('the member "schemaVersion" is there twice', at);
      layout.version = readVersion(bytes, valueAt);
    } else throw new Damage(`unknown member ${JSON.stringify(name)} beside "${member}"`, at);
    at = skipSpace(bytes, endOfValue(bytes, valueAt));
    if (bytes[at] === BYTE.COMMA) at = skipSpace(bytes, at + 1);
    else if (bytes[at] !== BYTE.CLOSE_OBJECT) throw new Damage('expected "," or "}"', at);
  }
  if (layout.recordsAt === -1) throw new Damage(`the member "${member}" is missing`, at);
  return layout;
}

function readName(bytes: Buffer, at: number): { name: string; valueAt: number } {
  const end = endOfValue(bytes, at);
  const name = parseSlice(bytes, at, end);
  const colon = skipSpace(bytes, end);
  if (typeof name !== 'string' || bytes[colon] !== BYTE.COLON) throw new Damage('expected a member name and ":"', at);
  return { name, valueAt: skipSpace(bytes, colon + 1) };
}

function readVersion(bytes: Buffer, at: number): number {
  const version = parseSlice(bytes, at, endOfValue(bytes, at));
  if (Number.isSafeInteger(version) && (version as number) >= 1) return version as number;
  throw new Damage('"schemaVersion" is not a whole number from 1 on', at);
}

function checkVersion<T>(version: number | undefined, schema: TableSchema<T>, at: number): asserts version is number {
  if (version === undefined) throw new Damage('the member "schemaVersion" is missing', at);
  if (version > schema.schemaVersion) {
    throw new Damage(newerVersion(version, schema.schemaVersion), at);
  }
  for (let step = version; step < schema.schemaVersion; step += 1) {
    if (schema.migrations[step] === undefined) throw new Damage(`nothing reads schemaVersion ${version} any more`, at);
  }
}

/** Behind the records: nothing but a "schemaVersion" that stands last, the closing brace and white space. */
function checkEnding(bytes: Buffer, from: number, member: string): void {
  let at = skipSpace(bytes, from);
  if (bytes[at] === BYTE.COMMA) {
    findMembers(bytes, member, true);
    const { valueAt } = readName(bytes, skipSpace(bytes, at + 1));
    at = skipSpace(bytes, endOfValue(bytes, valueAt));
  }
  if (bytes[at] !== BYTE.CLOSE_OBJECT) throw new Damage('the file is cut off, or a "}" is missing', at);
  const rest = skipSpace(bytes, at + 1);
  if (rest < bytes.length) throw new Damage('there is something behind the end of the document', rest);
}

const KEY_BYTES = 64;

class RecordReader<T extends { readonly id: string }> {
  readonly #chunks: Chunk<T>[] = [];
  readonly #index = new Map<string, T>();
  readonly #bytes: Buffer;
  readonly #schema: TableSchema<T>;
  readonly #version: number;
  readonly #pace: Pace;
  /** Earlier chunks by their first bytes, so that one is found again wherever lines before it came or went. */
  readonly #known = new Map<string, Chunk<T>>();

  constructor(bytes: Buffer, schema: TableSchema<T>, version: number, previous: Table<T>, pace: Pace) {
    this.#bytes = bytes;
    this.#schema = schema;
    this.#version = version;
    this.#pace = pace;
    if (version !== schema.schemaVersion) return;
    for (const chunk of previous.chunks) this.#known.set(chunk.bytes.toString('latin1', 0, KEY_BYTES), chunk);
  }

  get table(): Table<T> {
    return { chunks: this.#chunks, index: this.#index };
  }

  /** @returns the position behind the closing bracket */
  async read(listAt: number): Promise<number> {
    const bytes = this.#bytes;
    let at = skipSpace(bytes, listAt + 1);
    if (bytes[at] === BYTE.CLOSE_LIST) return at + 1;
    let starts: number[] = [];
    let plain = true;
    for (;;) {
      if (starts.length === 0 && this.#known.size === 0) at = await this.#takeLines(at);
      const known = this.#knownAt(at);
      if (known === undefined && bytes[at] !== BYTE.OPEN_OBJECT) {
        throw new Damage(`record ${this.#index.size + starts.length + 1} is not an object`, at);
      }
      if (known !== undefined) {
        await this.#take(starts, at, plain);
        starts = [];
        this.#reuse(known, at);
        await this.#pace();
      } else starts.push(at);
      const end = known === undefined ? endOfValue(bytes, at) : at + known.bytes.length;
      if (known === undefined && bytes.subarray(at, end).includes(BYTE.NEWLINE)) plain = false;
      const next = skipSpace(bytes, end);
      const last = bytes[next] === BYTE.CLOSE_LIST;
      if (!last && bytes[next] !== BYTE.COMMA) throw new Damage('expected "," or "]" behind this record', at);
      const first = starts[0];
      if (first !== undefined && (last || end - first >= CHUNK_BYTES)) {
        await this.#take(starts, end, plain);
        starts = [];
      }
      if (last) return next + 1;
      at = skipSpace(bytes, next + 1);
      if (starts.length === 0) plain = true;
      else if (next !== end || at !== next + 2 || bytes[next + 1] !== BYTE.NEWLINE) plain = false;
    }
  }

  /**
   * Takes chunks of whole lines while they are just that, as in every file we wrote: three times as fast as looking
   * for the end of each record. @returns where it did not go on, at the start of a record
   */
  async #takeLines(listAt: number): Promise<number> {
    for (let at = listAt; ; ) {
      const newline = this.#bytes.indexOf(BYTE.NEWLINE, at + CHUNK_BYTES);
      const comma = newline - 1;
      if (newline === -1 || this.#bytes[comma] !== BYTE.COMMA) return at;
      let values: unknown[];
      let text: string;
      try {
        text = decodeSlice(this.#bytes, at, comma);
        // Parsed as a list, so a line break that was inside of something fails here and is read the careful way.
        values = JSON.parse(`[${text}]`);
      } catch {
        return at;
      }
      const starts = lineStarts(this.#bytes, at, comma);
      if (starts.length !== values.length || !values.every(isObject)) return at;
      await this.#add(values, mayHoldProto(text), starts, comma);
      at = newline + 1;
    }
  }

  /** Makes a chunk of the records that begin at `starts`; `before` is behind the last of them. */
  async #take(starts: readonly number[], before: number, plain: boolean): Promise<void> {
    const from = starts[0];
    if (from === undefined) return;
    const to = this.#trimmed(from, before);
    const { values, suspicious } = this.#parse(starts, from, to);
    await this.#add(values, suspicious, starts, plain ? to : undefined);
  }

  /** Adds parsed values; with `plainTo` as a chunk of the bytes up to there, since a line stays as somebody wrote it until it changes. */
  async #add(
    values: readonly unknown[],
    suspicious: boolean,
    starts: readonly number[],
    plainTo: number | undefined,
  ): Promise<void> {
    const from = starts[0] ?? 0;
    const records = values.map((value, position) => {
      const record = this.#toRecord(value, suspicious, starts[position] ?? from);
      this.#index.set(record.id, record);
      return record;
    });
    if (plainTo === undefined || this.#version !== this.#schema.schemaVersion) {
      await pack(records, this.#chunks, this.#pace);
    } else {
      const bytes = Buffer.allocUnsafeSlow(plainTo - from);
      this.#bytes.copy(bytes, 0, from, plainTo);
      this.#chunks.push({ records, bytes });
    }
    await this.#pace();
  }

  /** All records of a chunk in one go; only when that fails, one by one to find the bad one. */
  #parse(starts: readonly number[], from: number, to: number): { values: unknown[]; suspicious: boolean } {
    try {
      const text = decodeSlice(this.#bytes, from, to);
      return { values: JSON.parse(`[${text}]`), suspicious: mayHoldProto(text) };
    } catch {
      for (const [position, start] of starts.entries()) {
        try {
          parseSlice(this.#bytes, start, endOfValue(this.#bytes, start));
        } catch (error) {
          const number = this.#index.size + position + 1;
          throw new Damage(`record ${number} is ${error instanceof Damage ? error.reason : 'unreadable'}`, start);
        }
      }
      throw new Damage('these records are not valid JSON', from);
    }
  }

  #toRecord(value: unknown, suspicious: boolean, at: number): T {
    const number = this.#index.size + 1;
    if (suspicious && holdsProto(value)) throw new Damage(`record ${number} has a member "__proto__"`, at);
    let record: T;
    try {
      let migrated = value;
      for (let step = this.#version; step < this.#schema.schemaVersion; step += 1) {
        migrated = this.#schema.migrations[step]?.(migrated);
      }
      record = this.#schema.parse(migrated);
    } catch (error) {
      throw new Damage(`record ${number}: ${describeFaults(error)}`, at);
    }
    if (typeof record.id !== 'string' || record.id === '') throw new Damage(`record ${number} has no id`, at);
    if (this.#index.has(record.id)) throw new Damage(`record ${number}: the id ${record.id} is there twice`, at);
    return record;
  }

  #knownAt(at: number): Chunk<T> | undefined {
    if (this.#known.size === 0) return undefined;
    const chunk = this.#known.get(this.#bytes.toString('latin1', at, at + KEY_BYTES));
    if (chunk === undefined || at + chunk.bytes.length > this.#bytes.length) return undefined;
    return this.#bytes.compare(chunk.bytes, 0, chunk.bytes.length, at, at + chunk.bytes.length) === 0
      ? chunk
      : undefined;
  }

  #reuse(chunk: Chunk<T>, at: number): void {
    for (const record of chunk.records) {
      if (this.#index.has(record.id)) throw new Damage(`the id ${record.id} is there twice`, at);
      this.#index.set(record.id, record);
    }
    this.#chunks.push(chunk);
  }

  /** Position behind the last record: without the comma and white space that lead to what comes next. */
  #trimmed(from: number, before: number): number {
    let to = before;
    while (to > from && this.#bytes[to - 1] !== BYTE.CLOSE_OBJECT) to -= 1;
    return to;
  }
}
