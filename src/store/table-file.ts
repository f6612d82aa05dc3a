import { setTimeout as sleep } from 'node:timers/promises';
import type { Adapter } from 'lowdb';
import { Damage, describeDamage } from './damage.js';
import { ABSENT, type FileIdentity, type Files, identityAt, replaceFile, UNKNOWN } from './durable-file.js';
import { createPace } from './pace.js';
import { readWholeFile } from './read-file.js';
import type { Table } from './table.js';
import { readTable, type TableSchema } from './table-reader.js';

/** How long a writer that was met in the middle of saving has, before its half-written file counts as damaged. */
const SETTLE_MS = 100;

/** What `read` throws: the file is there and cannot be used. The message is for operators: it has path and place. */
export class UnreadableFile extends Error {}

/**
 * lowdb's adapter for one file of records, in place of its own: that one keeps no file mode, syncs nothing to disk,
 * writes through planted links and takes `null` for an empty file.
 */
export class TableFile<T extends { readonly id: string }> implements Adapter<Table<T>> {
  readonly #files: Files;
  readonly #path: string;
  readonly #schema: TableSchema<T>;
  readonly #assertOwned: () => Promise<void>;
  readonly #previous: () => Table<T>;
  #seen: FileIdentity = UNKNOWN;
  /** A file that was there once and is gone never counts as an empty one. */
  #existed = false;

  /** @param previous - the last good state, whose unchanged parts a reading takes over */
  constructor(options: {
    files: Files;
    path: string;
    schema: TableSchema<T>;
    assertOwned: () => Promise<void>;
    previous: () => Table<T>;
  }) {
    this.#files = options.files;
    this.#path = options.path;
    this.#schema = options.schema;
    this.#assertOwned = options.assertOwned;
    this.#previous = options.previous;
  }

  /** Whether the file is another than the one last read or written. @throws system errors; it then counts as changed */
  async hasChanged(): Promise<boolean> {
    const seen = this.#seen;
    this.#seen = UNKNOWN;
    const found = await identityAt(this.#files, this.#path);
    this.#seen = seen;
    return found !== seen;
  }

  /**
   * @returns `null` when there is no file and never was one
   * @throws UnreadableFile, also when a file that was there is gone; system errors as they come
   */
  async read(): Promise<Table<T> | null> {
    let fault = await this.#tryRead();
    if (fault instanceof UnreadableFile) {
      await sleep(SETTLE_MS);
      if (await this.hasChanged()) fault = await this.#tryRead();
    }
    if (fault instanceof UnreadableFile) throw fault;
    return fault;
  }

  /** @throws ChangedMeanwhile, WriteFault, or what `assertOwned` throws */
  async write(table: Table<T>): Promise<void> {
    this.#seen = await replaceFile(this.#files, this.#path, this.#partsOf(table), {
      expected: this.#seen,
      assertOwned: this.#assertOwned,
    });
    this.#existed = true;
  }

  async #tryRead(): Promise<Table<T> | null | UnreadableFile> {
    // Until the reading is through, no state counts as seen: a system error in it is then met again, not forgotten.
    this.#seen = UNKNOWN;
    let bytes: Buffer | undefined;
    try {
      const content = await readWholeFile(this.#files, this.#path);
      if (content === null) {
        this.#seen = ABSENT;
        return this.#existed ? new UnreadableFile(`${this.#path}: the file is gone. ${GONE_REMEDY}`) : null;
      }
      this.#existed = true;
      bytes = content.bytes;
      this.#seen = content.identity;
      return await readTable(bytes, this.#schema, this.#previous(), createPace());
    } catch (error) {
      if (!(error instanceof Damage)) throw error;
      if (error.identity !== undefined) this.#seen = error.identity;
      return new UnreadableFile(describeDamage(this.#path, error, bytes));
    } finally {
      if (bytes !== undefined) free(bytes);
    }
  }

  #partsOf(table: Table<T>): Buffer[] {
    const { member, schemaVersion } = this.#schema;
    const parts: Buffer[] = [Buffer.from(`{"schemaVersion":${schemaVersion},${JSON.stringify(member)}:[\n`)];
    for (const [position, chunk] of table.chunks.entries()) {
      parts.push(chunk.bytes, position === table.chunks.length - 1 ? LAST_BREAK : BREAK);
    }
    parts.push(END);
    return parts;
  }
}

const GONE_REMEDY = 'Put it back and changes go on; restart Gatehouse to begin with an empty one';
const BREAK = Buffer.from(',\n');
const LAST_BREAK = Buffer.from('\n');
const END = Buffer.from(']}\n');

/**
 * Gives the memory of a large buffer back now. The collector sees only a small object, so a file of 50 MB would stay
 * in memory beside its records for as long as the server is idle. Sent to a closed port, it is dropped at once.
 */
function free(bytes: Buffer): void {
  if (bytes.length < 2 ** 20) return;
  const { port1 } = new MessageChannel();
  port1.close();
  port1.postMessage(null, [bytes.buffer as ArrayBuffer]);
}
