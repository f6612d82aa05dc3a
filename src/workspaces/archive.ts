import { Readable, Transform, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { filePathFault } from '../contract/file-path.js';
import { GatehouseError, isGatehouseError } from '../kernel/errors.js';

export interface ArchiveLimits {
  readonly fileBytes: number;
  /** Of the archive once it is unpacked. */
  readonly uploadBytes: number;
  readonly uploadFiles: number;
}

/** What is used of tar-stream's entries. */
interface Entry extends AsyncIterable<Buffer> {
  readonly header: { readonly name: string; readonly type: string | null; readonly size: number };
  resume(): unknown;
}

export interface ArchiveReader {
  /** Takes one file; has to read its content to the end. */
  take(path: string, content: AsyncIterable<Buffer>): Promise<void>;
  /** Why an entry is not taken, by its path alone; `null`: it is. */
  leavesOut(path: string): string | null;
  leftOut(path: string, reason: string): void;
}

/** Text packs ten times smaller, seldom thirty; beyond this somebody is making room for nothing. */
const MAX_RATIO = 150;
const RATIO_FROM_BYTES = 10_000_000;
/** Besides its files an archive has folders, and what is left out. */
const ENTRIES_PER_FILE = 2;
/** Two blocks of zeros end every archive; without them it was cut off between two files, which nothing else tells. */
const END_BYTES = 1024;

/**
 * Reads a tar archive, plain or with gzip, one file after the other, never whole. Names are checked before anything is
 * taken; links, devices and pipes are refused.
 * @throws GatehouseError `BAD_REQUEST` naming the entry at fault, or saying that it is no archive or not whole;
 *   `PAYLOAD_TOO_LARGE`; what `take` and `source` throw
 */
export async function readArchive(source: Readable, limits: ArchiveLimits, reader: ArchiveReader): Promise<void> {
  const entries = extract() as unknown as Writable & AsyncIterable<Entry>;
  const { stream, packed } = await unzipped(source);
  const meter = new Meter(limits.uploadBytes, packed);
  const feeding = pipeline(stream, meter, entries);
  const reading = readEntries(entries, limits, reader);
  // Whichever fails ends the other, which then only says that it was ended.
  const outcomes = await Promise.allSettled([reading, feeding]);
  const faults = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
  const fault = faults.find(isGatehouseError) ?? faults.find((error) => !wasEnded(error)) ?? faults[0];
  if (fault !== undefined) throw translate(fault);
  if (meter.bytes === 0) throw new GatehouseError('BAD_REQUEST', 'The body is empty: send a tar archive.');
  if (meter.zerosAtEnd < END_BYTES) throw notWhole();
}

async function readEntries(entries: AsyncIterable<Entry>, limits: ArchiveLimits, reader: ArchiveReader): Promise<void> {
  const seen = new Set<string>();
  const folders = new Set<string>();
  let count = 0;
  for await (const entry of entries) {
    count += 1;
    if (count > limits.uploadFiles * ENTRIES_PER_FILE) throw tooMany(limits.uploadFiles);
    const path = pathOf(entry.header);
    const reason = path === null ? null : reader.leavesOut(path);
    if (path === null || reason !== null) {
      if (path !== null && reason !== null) reader.leftOut(path, reason);
      entry.resume();
      continue;
    }
    if (seen.has(path)) throw refused(path, 'is there twice');
    if (folders.has(path)) throw refused(path, 'is a file and a folder');
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
      const folder = path.slice(0, at);
      if (seen.has(folder)) throw refused(folder, 'is a file and a folder');
      if (folders.has(folder)) break;
      folders.add(folder);
    }
    seen.add(path);
    if (seen.size > limits.uploadFiles) throw tooMany(limits.uploadFiles);
    if (entry.header.size > limits.fileBytes)
      throw new GatehouseError('PAYLOAD_TOO_LARGE', `${path} is larger than ${limits.fileBytes / 1_000_000} MB.`);
    await reader.take(path, entry);
  }
}

/** The path of a file, in composed characters; `null`: a folder, which is made when a file needs it. */
function pathOf({ name, type }: Entry['header']): string | null {
  const kind = KINDS[type ?? ''];
  const words = kind === undefined ? 'is of a kind that is not taken' : kind;
  if (words !== 'file' && words !== 'folder') throw refused(name, words);
  const path = name.replace(/^(?:\.\/)+/, '').normalize('NFC');
  const bare = words === 'folder' ? path.replace(/\/$/, '') : path;
  if (words === 'folder' && (bare === '' || bare === '.')) return null;
  const fault = filePathFault(bare);
  if (fault !== null) throw refused(name, `cannot be a path here: ${fault}`);
  return words === 'folder' ? null : bare;
}

const KINDS: Readonly<Record<string, string>> = {
  file: 'file',
  'contiguous-file': 'file',
  directory: 'folder',
  symlink: 'is a symbolic link, and links are not taken',
  link: 'is a hard link, and links are not taken',
  'character-device': 'is a device',
  'block-device': 'is a device',
  fifo: 'is a pipe',
};

function refused(name: string, what: string): GatehouseError {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is replaced
  const shown = name.slice(0, 200).replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '\ufffd');
  return new GatehouseError('BAD_REQUEST', `The entry ${JSON.stringify(shown)} ${what}. Nothing was written.`);
}

function tooMany(files: number): GatehouseError {
  const words = `The archive holds more than ${files} files. Leave out dependencies and what is built, or send it in parts.`;
  return new GatehouseError('PAYLOAD_TOO_LARGE', words);
}

function notWhole(): GatehouseError {
  return new GatehouseError('BAD_REQUEST', 'The archive is not whole. Nothing was written.');
}

/** Of a stream that was ended because another one failed. */
function wasEnded(error: unknown): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ABORT_ERR' || /premature|destroyed/i.test(message);
}

function translate(error: unknown): unknown {
  if (isGatehouseError(error)) return error;
  const { code = '', message = '' } = error as NodeJS.ErrnoException;
  if (code === 'Z_BUF_ERROR' || message === 'Unexpected end of data') return notWhole();
  if (code.startsWith('Z_')) return new GatehouseError('BAD_REQUEST', 'The gzip around the archive is damaged.');
  if (/tar header|Invalid header|pax|Header exceeds/i.test(message))
    return new GatehouseError('BAD_REQUEST', 'This is no tar archive, or a damaged one. Nothing was written.');
  return error;
}

/** Takes gzip off, by its first two bytes: what an archive is called says little. */
async function unzipped(source: Readable): Promise<{ stream: Readable; packed: () => number }> {
  const chunks = source[Symbol.asyncIterator]();
  let bytes = 0;
  let head = Buffer.alloc(0);
  while (head.length < 2) {
    const { value, done } = await chunks.next();
    if (done) break;
    head = Buffer.concat([head, value as Buffer]);
  }
  async function* all(): AsyncIterable<Buffer> {
    bytes += head.length;
    yield head;
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
      bytes += (next.value as Buffer).length;
      yield next.value as Buffer;
    }
  }
  const stream = Readable.from(all(), { objectMode: false });
  const isZipped = head[0] === 0x1f && head[1] === 0x8b;
  if (!isZipped) return { stream, packed: () => Number.POSITIVE_INFINITY };
  const gunzip = createGunzip();
  // Its error ends the gunzip too, and is told by whoever reads that.
  pipeline(stream, gunzip).catch(() => {});
  stream.once('error', (error) => gunzip.destroy(error));
  return { stream: gunzip, packed: () => bytes };
}

/** Counts what is unpacked, and ends what grows beyond reason. */
class Meter extends Transform {
  bytes = 0;
  zerosAtEnd = 0;
  readonly #maxBytes: number;
  readonly #packed: () => number;

  constructor(maxBytes: number, packed: () => number) {
    super();
    this.#maxBytes = maxBytes;
    this.#packed = packed;
  }

  override _transform(chunk: Buffer, _encoding: string, done: (error: Error | null, chunk?: Buffer) => void): void {
    this.bytes += chunk.length;
    let zeros = 0;
    while (zeros < chunk.length && chunk[chunk.length - 1 - zeros] === 0) zeros += 1;
    this.zerosAtEnd = zeros === chunk.length ? this.zerosAtEnd + zeros : zeros;
    const isBomb = this.bytes > RATIO_FROM_BYTES && this.bytes > this.#packed() * MAX_RATIO;
    if (isBomb) done(new GatehouseError('PAYLOAD_TOO_LARGE', 'The archive unpacks to far more than it is.'));
    else if (this.bytes > this.#maxBytes)
      done(new GatehouseError('PAYLOAD_TOO_LARGE', `It unpacks to more than ${this.#maxBytes / 1_000_000} MB.`));
    else done(null, chunk);
  }
}
