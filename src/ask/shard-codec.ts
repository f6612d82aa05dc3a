import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { INDEX_FORMAT } from './format.js';
import type { FileStamp } from './text-file.js';

/** A passage as it is kept: where it is, and what it is found by. Its text stays in the file. */
export interface StoredPassage {
  readonly startLine: number;
  readonly endLine: number;
  readonly length: number;
  readonly weights: ReadonlyMap<string, number>;
}

/** One file as it is kept. What was left out is kept as the reason alone. */
export interface StoredFile {
  readonly path: string;
  readonly stamp: FileStamp;
  readonly leftOut: string | null;
  readonly passages: readonly StoredPassage[];
}

/** Raised when the layout below changes, or the rules of what is read at all: older shards are then thrown away. */
const STORE_FORMAT = 1;
const MAGIC = 0x47_48_49_58;
const CHECKSUM_BYTES = 16;
const HEADER_BYTES = 4 + 2 + 2 + 4 + CHECKSUM_BYTES;
/** A shard holds far less; a number beyond this is damage, not data. */
const MAX_SHARD_BYTES = 64 * 1024 * 1024;
/** Level 3 against 6 on code: 2 % larger, twice as fast. */
const DEFLATE_LEVEL = 3;

/** Whole shard as bytes: header with checksum, then all records, compressed. */
export function encodeShard(records: readonly Buffer[]): Buffer {
  const parts: Buffer[] = [];
  for (const record of records) parts.push(varint(record.length), record);
  const raw = Buffer.concat(parts);
  const packed = deflateRawSync(raw, { level: DEFLATE_LEVEL });
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(MAGIC, 0);
  header.writeUInt16BE(STORE_FORMAT, 4);
  header.writeUInt16BE(INDEX_FORMAT, 6);
  header.writeUInt32BE(raw.length, 8);
  checksum(packed).copy(header, 12);
  return Buffer.concat([header, packed]);
}

/** The records of a shard; `null` when it is damaged, of another format, or not a shard at all. */
export function decodeShard(bytes: Buffer): Buffer[] | null {
  if (bytes.length < HEADER_BYTES || bytes.readUInt32BE(0) !== MAGIC) return null;
  if (bytes.readUInt16BE(4) !== STORE_FORMAT || bytes.readUInt16BE(6) !== INDEX_FORMAT) return null;
  const rawLength = bytes.readUInt32BE(8);
  const packed = bytes.subarray(HEADER_BYTES);
  if (rawLength > MAX_SHARD_BYTES || !checksum(packed).equals(bytes.subarray(12, HEADER_BYTES))) return null;
  const raw = inflateRawSync(packed, { maxOutputLength: Math.max(1, rawLength) });
  if (raw.length !== rawLength) return null;
  const reader = new Reader(raw);
  const records: Buffer[] = [];
  while (!reader.atEnd) records.push(reader.bytes(reader.varint()));
  return records;
}

function checksum(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest().subarray(0, CHECKSUM_BYTES);
}

/**
 * One file as bytes: path, stamp, then the reason it was left out for or its terms and passages. Terms are listed once
 * and named by their place in that list, which for most passages counts up, so that it compresses to little.
 */
export function encodeFile({ path, stamp, leftOut, passages }: StoredFile): Buffer {
  const terms = new Map<string, number>();
  const body = new Writer();
  body.varint(passages.length);
  for (const { startLine, endLine, length, weights } of passages) {
    body.varint(startLine);
    body.varint(endLine - startLine);
    body.varint(length);
    body.varint(weights.size);
    let before = -1;
    for (const [term, weight] of weights) {
      let at = terms.get(term);
      if (at === undefined) {
        at = terms.size;
        terms.set(term, at);
      }
      // Terms come in the order of the text: a step forward by one is the most common, and becomes 0.
      const step = at - before - 1;
      body.varint(step >= 0 ? step * 2 : -step * 2 - 1);
      body.varint(Math.min(255, Math.trunc(weight)));
      before = at;
    }
  }
  const head = new Writer();
  head.text(path);
  for (const number of [stamp.size, stamp.mtimeMs, stamp.ctimeMs, stamp.ino]) head.double(number);
  head.text(leftOut ?? '');
  head.text([...terms.keys()].join('\n'));
  return Buffer.concat([head.done(), body.done()]);
}

/** Only the path of a record, without reading on. */
export function pathOfRecord(record: Buffer): string {
  return new Reader(record).text();
}

/** @throws RangeError for bytes that are no record; a checksum has been checked before, so this is a fault of ours */
export function decodeFile(record: Buffer): StoredFile {
  const reader = new Reader(record);
  const path = reader.text();
  const stamp = { size: reader.double(), mtimeMs: reader.double(), ctimeMs: reader.double(), ino: reader.double() };
  const leftOut = reader.text();
  const terms = reader.text().split('\n');
  const passages: StoredPassage[] = [];
  for (let left = reader.varint(); left > 0; left--) {
    const startLine = reader.varint();
    const endLine = startLine + reader.varint();
    const length = reader.varint();
    const weights = new Map<string, number>();
    let at = -1;
    for (let more = reader.varint(); more > 0; more--) {
      const step = reader.varint();
      at += 1 + (step % 2 === 0 ? step / 2 : -(step + 1) / 2);
      weights.set(terms[at] as string, reader.varint());
    }
    passages.push({ startLine, endLine, length, weights });
  }
  return { path, stamp, leftOut: leftOut === '' ? null : leftOut, passages };
}

function varint(value: number): Buffer {
  const writer = new Writer(8);
  writer.varint(value);
  return writer.done();
}

class Writer {
  #buffer: Buffer;
  #at = 0;

  constructor(size = 1024) {
    this.#buffer = Buffer.allocUnsafe(size);
  }

  varint(value: number): void {
    this.#room(8);
    let left = value;
    while (left >= 0x80) {
      this.#buffer[this.#at++] = (left % 0x80) + 0x80;
      left = Math.floor(left / 0x80);
    }
    this.#buffer[this.#at++] = left;
  }

  double(value: number): void {
    this.#room(8);
    this.#at = this.#buffer.writeDoubleBE(value, this.#at);
  }

  text(value: string): void {
    const bytes = Buffer.from(value);
    this.varint(bytes.length);
    this.#room(bytes.length);
    this.#at += bytes.copy(this.#buffer, this.#at);
  }

  done(): Buffer {
    return this.#buffer.subarray(0, this.#at);
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#at + bytes));
    this.#buffer.copy(larger, 0, 0, this.#at);
    this.#buffer = larger;
  }
}

class Reader {
  readonly #buffer: Buffer;
  #at = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  get atEnd(): boolean {
    return this.#at >= this.#buffer.length;
  }

  varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 0x80) {
      const byte = this.#buffer[this.#at++];
      if (byte === undefined) throw new RangeError('The bytes end within a number.');
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }

  double(): number {
    this.#at += 8;
    return this.#buffer.readDoubleBE(this.#at - 8);
  }

  bytes(length: number): Buffer {
    if (this.#at + length > this.#buffer.length) throw new RangeError('The bytes end within a field.');
    this.#at += length;
    return this.#buffer.subarray(this.#at - length, this.#at);
  }

  text(): string {
    return this.bytes(this.varint()).toString();
  }
}
