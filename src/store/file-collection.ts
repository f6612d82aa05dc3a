import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Low } from 'lowdb';
import { GatehouseError } from '../kernel/errors.js';
import { damagedAtStart } from './damage.js';
import { type Change, changesOf, differences } from './differences.js';
import { type Draft, Layer, type View } from './draft.js';
import { ChangedMeanwhile, errnoOf, type Files, nodeFiles, probeFolder, WriteFault } from './durable-file.js';
import { createPace } from './pace.js';
import type { Collection, CollectionOptions } from './port.js';
import { applyEdits, emptyTable, recordsBackward, recordsOf, settleIndex, type Table } from './table.js';
import { TableFile, UnreadableFile } from './table-file.js';

interface Waiting<T extends { readonly id: string }> {
  /** Runs the change on a layer over the batch. @returns how to answer it once the batch is on disk */
  run(batch: Layer<T>): (() => void) | null;
  reject(error: unknown): void;
}

const DEFAULT_POLL_MS = 500;
/** After a failed write, how often it is tried whether writing works again. */
const PROBE_EVERY_MS = 5000;
/** Tries of one batch whose file is edited by hand each time between reading and renaming. */
const MAX_TRIES = 10;

/** `Collection` on a lowdb document of our own adapter. */
export class FileCollection<T extends { readonly id: string }> implements Collection<T> {
  readonly #options: CollectionOptions<T>;
  readonly #files: Files;
  readonly #path: string;
  readonly #file: TableFile<T>;
  readonly #low: Low<Table<T>>;
  readonly #listeners = new Set<(changes: readonly Change<T>[]) => void>();
  #table: Table<T> = emptyTable();
  #waiting: Waiting<T>[] = [];
  /** Readings and writings of the file, one at a time. */
  #turn: Promise<void> = Promise.resolve();
  #busy = 0;
  #closed = false;
  #poll: NodeJS.Timeout | undefined;
  #probeAtMs = 0;
  #readFault: string | null = null;
  #writeFault: string | null = null;
  /** Set once a sync failed: the kernel may have dropped what it could not write, so nothing after it is believed. */
  #broken: string | null = null;

  constructor(options: CollectionOptions<T>) {
    const { folder, file, member, schemaVersion, migrations = {}, parse } = options;
    this.#options = options;
    this.#files = options.files ?? nodeFiles;
    this.#path = join(folder.path, file);
    this.#file = new TableFile({
      files: this.#files,
      path: this.#path,
      schema: { member, schemaVersion, migrations, parse },
      assertOwned: () => folder.assertOwned(),
      previous: () => this.#table,
    });
    this.#low = new Low<Table<T>>(this.#file, emptyTable());
  }

  get size(): number {
    return this.#table.index.size;
  }

  get(id: string): T | undefined {
    return this.#table.index.get(id);
  }

  values(): Iterable<T> {
    return recordsOf(this.#table);
  }

  newestFirst(beforeId?: string): Iterable<T> {
    if (beforeId === undefined) return recordsBackward(this.#table);
    const before = this.get(beforeId);
    return before === undefined ? [] : recordsBackward(this.#table, before);
  }

  get fault(): string | null {
    if (this.#options.folder.lost) return `another process has taken ${this.#options.folder.path}; restart Gatehouse`;
    return this.#broken ?? this.#readFault ?? this.#writeFault;
  }

  async open(): Promise<void> {
    const { folder, file, pollMs = DEFAULT_POLL_MS } = this.#options;
    if (dirname(this.#path) !== folder.path) await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
    try {
      await this.#low.read();
    } catch (error) {
      if (error instanceof UnreadableFile) throw damagedAtStart(error.message);
      const reason = `${this.#path} cannot be read (${errnoOf(error) ?? 'error'})`;
      throw new GatehouseError('STORE_UNAVAILABLE', `${reason}. Mend that, then start again.`, { cause: error });
    }
    this.#table = this.#low.data;
    this.#poll = setInterval(() => this.#look(), pollMs).unref();
    this.#options.log.debug('collection opened', { file, records: this.size });
  }

  change<R>(mutate: (draft: Draft<T>) => R): Promise<R> {
    if (this.#closed) return Promise.reject(unavailable('the collection is closed'));
    return new Promise<R>((resolve, reject) => {
      this.#waiting.push({
        reject,
        run: (batch) => {
          const draft = new Layer<T>(batch, (record) => this.#asRead(record));
          try {
            const result = mutate(draft);
            batch.merge(draft);
            return () => resolve(result);
          } catch (error) {
            reject(error);
            return null;
          } finally {
            draft.close();
          }
        },
      });
      // The first change of a group opens a turn for it; those that come before it starts go along.
      if (this.#waiting.length === 1) void this.#inTurn(() => this.#commitWaiting());
    });
  }

  subscribe(listener: (changes: readonly Change<T>[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#poll);
    await this.#turn;
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#busy += 1;
    this.#turn = this.#turn
      .then(work)
      .catch((error) =>
        this.#options.log.error('collection failed', { file: this.#options.file, error: String(error) }),
      )
      .finally(() => {
        this.#busy -= 1;
      });
    return this.#turn;
  }

  async #commitWaiting(): Promise<void> {
    let group = this.#waiting;
    this.#waiting = [];
    for (let tryCount = 1; tryCount <= MAX_TRIES; tryCount += 1) {
      await this.#refresh();
      const refused = this.#options.folder.lost ? this.fault : (this.#broken ?? this.#readFault);
      if (refused !== null) return rejectAll(group, unavailable(refused));
      const batch = new Layer<T>(viewOf(this.#table), (record) => record);
      const answers: (() => void)[] = [];
      const alive: Waiting<T>[] = [];
      const pace = createPace();
      for (const waiting of group) {
        await pace();
        const answer = waiting.run(batch);
        if (answer === null) continue;
        answers.push(answer);
        alive.push(waiting);
      }
      group = alive;
      const outcome = batch.edits.size === 0 ? 'saved' : await this.#save(batch);
      if (outcome === 'edited') continue;
      if (outcome !== 'saved') return rejectAll(group, outcome);
      for (const answer of answers) answer();
      return;
    }
    rejectAll(group, unavailable(`${this.#path} is edited faster than it can be read`));
  }

  /** Puts the batch on disk and then in memory. */
  async #save({ edits }: Layer<T>): Promise<'saved' | 'edited' | GatehouseError> {
    const before = this.#table;
    const next: Table<T> = { chunks: await applyEdits(before, edits, createPace()), index: before.index };
    let failure: unknown;
    try {
      // lowdb takes the new state before it writes; memory, which answers reads, takes it after.
      this.#low.data = next;
      await this.#low.write();
    } catch (error) {
      failure = error;
    }
    if (failure === undefined || (failure instanceof WriteFault && failure.stage === 'after')) {
      const changes = changesOf(before.index, edits);
      settleIndex(before.index, edits);
      this.#table = next;
      if (failure === undefined) this.#setFault('write', null);
      this.#tell(changes);
    } else this.#low.data = before;
    if (failure instanceof ChangedMeanwhile) return 'edited';
    return failure === undefined ? 'saved' : this.#judge(failure);
  }

  #judge(failure: unknown): GatehouseError {
    if (!(failure instanceof WriteFault)) {
      return failure instanceof GatehouseError ? failure : unavailable('the change could not be written', failure);
    }
    const errno = errnoOf(failure.cause) ?? 'error';
    if (failure.stage === 'before') this.#setFault('write', `${this.#path} could not be written (${errno})`);
    else {
      this.#broken ??= `${this.#path} could not be synced to disk (${errno}); check the disk and restart Gatehouse`;
      this.#options.log.error('changes are refused until a restart', { file: this.#options.file, fault: this.#broken });
    }
    this.#probeAtMs = this.#options.clock.nowMs() + PROBE_EVERY_MS;
    return unavailable(this.fault ?? errno, failure.cause);
  }

  #look(): void {
    // A change that is under way looks by itself.
    if (this.#busy > 0) return;
    void this.#inTurn(async () => {
      await this.#refresh();
      if (this.#writeFault !== null && this.#options.clock.nowMs() >= this.#probeAtMs) await this.#probe();
    });
  }

  /** Takes over what was edited by hand. What cannot be read sets a fault and leaves memory as it is. */
  async #refresh(): Promise<void> {
    try {
      if (!(await this.#file.hasChanged())) return;
      const before = this.#table;
      await this.#low.read();
      this.#setFault('read', null);
      if (this.#low.data === before) return;
      const changes = await differences(before, this.#low.data, createPace());
      this.#table = this.#low.data;
      if (changes.length > 0) {
        this.#options.log.info('edited by hand', { file: this.#options.file, changes: changes.length });
      }
      this.#tell(changes);
    } catch (error) {
      const readable = `${this.#path} cannot be read (${errnoOf(error) ?? 'error'})`;
      this.#setFault('read', error instanceof UnreadableFile ? error.message : readable);
    }
  }

  /** Without it a store nobody may change any more would stay at fault after the disk has room again. */
  async #probe(): Promise<void> {
    this.#probeAtMs = this.#options.clock.nowMs() + PROBE_EVERY_MS;
    const works = await probeFolder(this.#files, dirname(this.#path)).then(
      () => true,
      () => false,
    );
    if (works) this.#setFault('write', null);
  }

  /** What a restart would read of a record: memory never holds what the file could not. */
  #asRead(record: T): T {
    const parsed = this.#options.parse(JSON.parse(JSON.stringify(record)));
    if (typeof parsed.id !== 'string' || parsed.id === '') throw new Error('A record needs an id.');
    return parsed;
  }

  #setFault(kind: 'read' | 'write', fault: string | null): void {
    const { log, file } = this.#options;
    const before = kind === 'read' ? this.#readFault : this.#writeFault;
    if (kind === 'read') this.#readFault = fault;
    else this.#writeFault = fault;
    if (fault === before) return;
    if (fault === null) log.info('changes are taken again', { file });
    else log.error('changes are refused', { file, fault });
  }

  #tell(changes: readonly Change<T>[]): void {
    if (changes.length === 0) return;
    for (const listener of this.#listeners) {
      try {
        listener(changes);
      } catch (error) {
        this.#options.log.error('a listener failed', { file: this.#options.file, error: (error as Error).name });
      }
    }
  }
}

function viewOf<T>(table: Table<T>): View<T> {
  return { size: table.index.size, get: (id) => table.index.get(id), values: () => recordsOf(table) };
}

function rejectAll(group: readonly { reject(error: unknown): void }[], error: GatehouseError): void {
  for (const waiting of group) waiting.reject(error);
}

/** The caller is told that, not why: the reason names files of the server. It is in `fault`, the log and the cause. */
function unavailable(reason: string, cause?: unknown): GatehouseError {
  return new GatehouseError('STORE_UNAVAILABLE', 'The change was not saved. The log of the server says why.', {
    cause: new Error(reason, { cause }),
  });
}
