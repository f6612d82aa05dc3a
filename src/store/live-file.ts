import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GatehouseError } from '../kernel/errors.js';
import { jsonFaultAt } from '../kernel/json-fault.js';
import type { Logger } from '../kernel/logger.js';
import { describeFaults } from '../kernel/schema-faults.js';
import { Damage, damagedAtStart, describeDamage } from './damage.js';
import type { DataFolder } from './data-folder.js';
import {
  ABSENT,
  ChangedMeanwhile,
  errnoOf,
  type FileIdentity,
  type Files,
  identityAt,
  nodeFiles,
  replaceFile,
  UNKNOWN,
  WriteFault,
} from './durable-file.js';
import { checkBeginning, decodeSlice, holdsProto } from './json-bytes.js';
import { readWholeFile } from './read-file.js';

/** One document that people edit by hand while the server runs. */
export interface LiveFile<T> {
  /** As the file was when it could be read last; `null`: there is no file. */
  readonly value: T | null;
  /** What is wrong with the file as it is now, naming file and place; `null`: nothing. The last good value stays. */
  readonly fault: string | null;
  /**
   * Resolves once the new value is on disk. One change at a time; `mutate` runs again when the file was edited meanwhile.
   * @throws GatehouseError `STORE_UNAVAILABLE` when the file cannot be read now (an edit nobody has read is never
   *   overwritten) or cannot be written; whatever `mutate` throws
   */
  change(mutate: (current: T | null) => T): Promise<T>;
  /** Called after each new value, by change or by hand. */
  subscribe(listener: () => void): void;
  close(): Promise<void>;
}

export interface LiveFileOptions<T> {
  readonly folder: DataFolder;
  /** Relative to the folder. */
  readonly file: string;
  /** Throws on a bad document; the message names the field and quotes no secret. */
  readonly parse: (value: unknown) => T;
  /** How it is written down; default: JSON with an indent of two. */
  readonly format?: (value: T) => string;
  readonly log: Logger;
  /** How often the file is looked at for edits by hand; default 500 ms. */
  readonly pollMs?: number;
  readonly files?: Files;
}

const DEFAULT_POLL_MS = 500;
const MAX_TRIES = 10;

/** @throws GatehouseError `STORE_UNAVAILABLE` when the file is there and cannot be used: names file, place, remedy */
export async function openLiveFile<T>(options: LiveFileOptions<T>): Promise<LiveFile<T>> {
  const file = new WatchedFile(options);
  await file.open();
  return file;
}

class WatchedFile<T> implements LiveFile<T> {
  readonly #o: LiveFileOptions<T>;
  readonly #files: Files;
  readonly #path: string;
  readonly #listeners: (() => void)[] = [];
  #value: T | null = null;
  #fault: string | null = null;
  #identity: FileIdentity = UNKNOWN;
  /** Set once a sync failed: the kernel may have dropped pages, so no later write is believed. */
  #broken = false;
  #turn: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: LiveFileOptions<T>) {
    this.#o = options;
    this.#files = options.files ?? nodeFiles;
    this.#path = join(options.folder.path, options.file);
  }

  get value(): T | null {
    return this.#value;
  }

  get fault(): string | null {
    return this.#fault;
  }

  subscribe(listener: () => void): void {
    this.#listeners.push(listener);
  }

  async open(): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
    await this.#refresh();
    if (this.#fault !== null) throw damagedAtStart(this.#fault);
    this.#timer = setInterval(() => void this.#inTurn(() => this.#refresh()), this.#o.pollMs ?? DEFAULT_POLL_MS);
    this.#timer.unref();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#turn;
  }

  change(mutate: (current: T | null) => T): Promise<T> {
    return this.#inTurn(async () => {
      for (let tryCount = 1; tryCount <= MAX_TRIES; tryCount += 1) {
        await this.#refresh();
        if (this.#fault !== null || this.#closed || this.#broken) throw notSaved(this.#fault ?? 'closed or broken');
        const value = this.#o.parse(mutate(this.#value));
        if (await this.#write(value)) return value;
      }
      throw notSaved(`${this.#path} is edited faster than it can be read`);
    });
  }

  /** @returns false when the file was edited meanwhile, and nothing was written */
  async #write(value: T): Promise<boolean> {
    const text = (this.#o.format ?? ((plain) => `${JSON.stringify(plain, null, 2)}\n`))(value);
    try {
      this.#identity = await replaceFile(this.#files, this.#path, [Buffer.from(text)], {
        expected: this.#identity,
        assertOwned: () => this.#o.folder.assertOwned(),
      });
    } catch (error) {
      if (error instanceof ChangedMeanwhile) return false;
      if (error instanceof WriteFault) {
        this.#broken ||= error.stage !== 'before';
        // In place; only its survival of a power cut is in doubt.
        if (error.stage === 'after') this.#identity = UNKNOWN;
      }
      const cause = error instanceof WriteFault ? error.cause : error;
      this.#o.log.error('not saved', { file: this.#o.file, errno: errnoOf(cause), untilRestart: this.#broken });
      throw error instanceof GatehouseError ? error : notSaved('the write failed', cause);
    }
    this.#take(value);
    return true;
  }

  /** Takes over what was edited by hand. What cannot be read sets a fault and leaves the value as it is. */
  async #refresh(): Promise<void> {
    const { file, log } = this.#o;
    let bytes: Buffer | undefined;
    try {
      const identity = await identityAt(this.#files, this.#path);
      if (identity === this.#identity && identity !== UNKNOWN) return;
      const isFirst = this.#identity === UNKNOWN && this.#value === null;
      const content = await readWholeFile(this.#files, this.#path);
      this.#identity = content?.identity ?? ABSENT;
      bytes = content?.bytes;
      const value = bytes === undefined ? null : this.#read(bytes);
      this.#setFault(null);
      if (value === null && this.#value === null) return;
      if (!isFirst)
        log[value === null ? 'error' : 'info'](value === null ? 'removed by hand' : 'edited by hand', { file });
      this.#take(value);
    } catch (error) {
      this.#setFault(
        error instanceof Damage
          ? describeDamage(this.#path, error, bytes)
          : `${this.#path} cannot be read (${errnoOf(error) ?? 'error'})`,
      );
    }
  }

  #read(bytes: Buffer): T {
    checkBeginning(bytes);
    const text = decodeSlice(bytes, 0, bytes.length);
    let document: unknown;
    try {
      document = JSON.parse(text);
    } catch {
      throw new Damage('not valid JSON from here on', Buffer.byteLength(text.slice(0, jsonFaultAt(text))));
    }
    if (holdsProto(document)) throw new Damage('it has a member "__proto__"');
    try {
      return this.#o.parse(document);
    } catch (error) {
      throw new Damage(describeFaults(error));
    }
  }

  #take(value: T | null): void {
    this.#value = value;
    for (const listener of this.#listeners) listener();
  }

  #setFault(fault: string | null): void {
    if (fault === this.#fault) return;
    this.#fault = fault;
    const { file, log } = this.#o;
    if (fault === null) log.info('readable again', { file });
    else log.error('an edit cannot be used; what was read before goes on', { file, fault });
  }

  #inTurn<R>(work: () => Promise<R>): Promise<R> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => {});
    return result;
  }
}

/** The caller is told that, not why: the reason names files of the server. It is in the log and the cause. */
function notSaved(reason: string, cause?: unknown): GatehouseError {
  return new GatehouseError('STORE_UNAVAILABLE', 'The change was not saved. The log of the server says why.', {
    cause: new Error(reason, { cause }),
  });
}
