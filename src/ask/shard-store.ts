import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describeError, type Logger } from '../kernel/logger.js';
import { decodeFile, decodeShard, encodeFile, encodeShard, pathOfRecord, type StoredFile } from './shard-codec.js';

/** So many files, or bytes of them, share a shard: small enough that rewriting one for a saved file takes milliseconds. */
const MAX_FILES_PER_SHARD = 64;
const MAX_RECORD_BYTES_PER_SHARD = 256 * 1024;
/** What is waiting to be written beyond this is written before the build goes on. */
const MAX_WAITING_BYTES = 1024 * 1024;
const SHARD_NAME = /^([0-9a-z]{1,8})\.shard$/;

/**
 * The index of one workspace on disk: what was read from each file, in shards of some 64 files. It is a copy that can
 * be made again at any time: a shard that is damaged, of another version or lost only means that its files are read
 * again. So nothing is flushed to the platter; a rename and a checksum are enough.
 *
 * Nothing here follows what a shard says: its paths are only compared with those that a walk has found.
 */
export class ShardStore {
  readonly #folder: string;
  readonly #log: Logger;
  /** By shard: what is in it. */
  readonly #shards = new Map<number, { files: number; recordBytes: number; bytes: number }>();
  readonly #shardOf = new Map<string, number>();
  /** What the disk does not know yet; `null`: the file is gone. */
  readonly #waiting = new Map<string, Buffer | null>();
  #waitingBytes = 0;
  #newest = 0;
  /** Why nothing is written any more. */
  #fault: string | null = null;

  constructor(folder: string, log: Logger) {
    this.#folder = folder;
    this.#log = log;
  }

  /** Bytes on disk, or `null` when the disk cannot be used and the index is in memory only. */
  get bytes(): number | null {
    if (this.#fault !== null) return null;
    let bytes = 0;
    for (const shard of this.#shards.values()) bytes += shard.bytes;
    return bytes;
  }

  get fault(): string | null {
    return this.#fault;
  }

  get isBehind(): boolean {
    return this.#waitingBytes > MAX_WAITING_BYTES;
  }

  /** Bytes of memory that the list of what is where takes, about. */
  get memoryBytes(): number {
    return this.#waitingBytes + this.#shardOf.size * 48;
  }

  /** Every file that is kept, shard after shard. Whatever cannot be read is thrown away. */
  async *read(): AsyncGenerator<StoredFile> {
    this.#shards.clear();
    this.#shardOf.clear();
    for (const name of await this.#list()) {
      const number = Number.parseInt(SHARD_NAME.exec(name)?.[1] ?? '', 36);
      const records = Number.isNaN(number) ? null : await this.#readShard(number);
      if (records === null) {
        await rm(path.join(this.#folder, name), { recursive: true, force: true }).catch(() => {});
        continue;
      }
      this.#newest = Math.max(this.#newest, number);
      for (const record of records) {
        const file = decodeFile(record);
        // Twice only after a crash between two shards; the one that is found first stands.
        if (this.#shardOf.has(file.path)) continue;
        this.#shardOf.set(file.path, number);
        yield file;
      }
    }
  }

  put(file: StoredFile): void {
    if (this.#fault !== null) return;
    this.#wait(file.path, encodeFile(file));
  }

  remove(filePath: string): void {
    if (this.#fault !== null) return;
    if (this.#shardOf.has(filePath)) this.#wait(filePath, null);
    else this.#unwait(filePath);
  }

  /** Writes what waits. A disk that refuses is told of once; the index then lives in memory alone. */
  async flush(): Promise<void> {
    if (this.#waiting.size === 0 || this.#fault !== null) return;
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      for (const [shard, changes] of this.#byShard()) await this.#rewrite(shard, changes);
      this.#waiting.clear();
      this.#waitingBytes = 0;
    } catch (error) {
      this.#fault = (error as NodeJS.ErrnoException).code ?? 'unknown';
      this.#waiting.clear();
      this.#waitingBytes = 0;
      this.#log.warn('ask: the index cannot be kept on disk and stays in memory', describeError(error));
    }
  }

  /** Takes everything off the disk. */
  async clear(): Promise<void> {
    this.#shards.clear();
    this.#shardOf.clear();
    this.#waiting.clear();
    this.#waitingBytes = 0;
    await rm(this.#folder, { recursive: true, force: true }).catch(() => {});
  }

  async #list(): Promise<string[]> {
    try {
      return (await readdir(this.#folder)).sort();
    } catch {
      return [];
    }
  }

  async #readShard(number: number): Promise<Buffer[] | null> {
    try {
      const bytes = await readFile(this.#fileOf(number));
      const records = decodeShard(bytes);
      if (records === null) {
        this.#log.info('ask: a stored part of an index was thrown away; its files are read again', { shard: number });
        return null;
      }
      const recordBytes = records.reduce((sum, record) => sum + record.length, 0);
      this.#shards.set(number, { files: records.length, recordBytes, bytes: bytes.length });
      return records;
    } catch (error) {
      this.#log.warn('ask: a stored part of an index cannot be read', describeError(error));
      return null;
    }
  }

  #wait(filePath: string, record: Buffer | null): void {
    this.#unwait(filePath);
    this.#waiting.set(filePath, record);
    this.#waitingBytes += (record?.length ?? 0) + 64;
  }

  #unwait(filePath: string): void {
    const before = this.#waiting.get(filePath);
    if (before === undefined) return;
    this.#waiting.delete(filePath);
    this.#waitingBytes -= (before?.length ?? 0) + 64;
  }

  /** Which shard each change goes to: a known file stays in its own, a new one joins the newest with room. */
  #byShard(): Map<number, Map<string, Buffer | null>> {
    const changes = new Map<number, Map<string, Buffer | null>>();
    let { files, recordBytes } = this.#shards.get(this.#newest) ?? { files: 0, recordBytes: 0 };
    for (const [filePath, record] of this.#waiting) {
      let shard = this.#shardOf.get(filePath);
      if (shard === undefined) {
        const size = record?.length ?? 0;
        if (files > 0 && (files >= MAX_FILES_PER_SHARD || recordBytes + size > MAX_RECORD_BYTES_PER_SHARD)) {
          this.#newest++;
          files = 0;
          recordBytes = 0;
        }
        files++;
        recordBytes += size;
        shard = this.#newest;
      }
      const ofShard = changes.get(shard) ?? new Map<string, Buffer | null>();
      changes.set(shard, ofShard.set(filePath, record));
    }
    return changes;
  }

  async #rewrite(shard: number, changes: ReadonlyMap<string, Buffer | null>): Promise<void> {
    const before = this.#shards.has(shard) ? ((await this.#readShard(shard)) ?? []) : [];
    const records = new Map(before.map((record) => [pathOfRecord(record), record]));
    for (const [filePath, record] of changes) {
      if (record === null) records.delete(filePath);
      else records.set(filePath, record);
    }
    if (records.size === 0) {
      await rm(this.#fileOf(shard), { force: true });
      this.#shards.delete(shard);
    } else {
      const bytes = encodeShard([...records.values()]);
      const temporary = path.join(this.#folder, `${randomBytes(6).toString('hex')}.tmp`);
      try {
        await writeFile(temporary, bytes, { flag: 'wx', mode: 0o600 });
        await rename(temporary, this.#fileOf(shard));
      } catch (error) {
        await rm(temporary, { force: true }).catch(() => {});
        throw error;
      }
      let recordBytes = 0;
      for (const record of records.values()) recordBytes += record.length;
      this.#shards.set(shard, { files: records.size, recordBytes, bytes: bytes.length });
    }
    for (const [filePath, record] of changes) {
      if (record === null) this.#shardOf.delete(filePath);
      else this.#shardOf.set(filePath, shard);
    }
  }

  #fileOf(shard: number): string {
    return path.join(this.#folder, `${shard.toString(36)}.shard`);
  }
}
