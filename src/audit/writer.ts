import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { toIso } from '../kernel/clock.js';
import { GatehouseError } from '../kernel/errors.js';
import { describeError } from '../kernel/logger.js';
import { appendDurably, LeftoverError, syncFolder } from './append-file.js';
import { type AuditEvent, type DraftLine, draftLine, encodeLine } from './line.js';
import { type LogOptions, type LogSnapshot, type LogState, openLog } from './open-log.js';
import { listParts, nextPartName } from './parts.js';
import { lastLook, planTrim } from './trim.js';

/**
 * The one that writes: lines wait in a queue, all that wait share the next write and fdatasync. A failed write leaves
 * the files and the chain as they were; the next line tries anew, from opening the folder on if it never opened.
 */
export class AuditWriter {
  writable = false;
  readonly #options: WriterOptions;
  #waiting: { draft: DraftLine; resolve: () => void; reject: (error: unknown) => void }[] = [];
  #turn: Promise<unknown> = Promise.resolve();
  #state: LogState | null = null;
  /** What the log has to say about itself before the next line. */
  #notes: DraftLine[] = [];
  #leftover = false;
  /** Said once, not for every line of an outage. */
  #failed = false;
  #readers = 0;
  #headTimer: NodeJS.Timeout | null = null;
  #trimNoted: string | null = null;
  #closed = false;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /** Lines that wait for the disk. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Opens the folder and writes what opening found. A failure is logged and tried again with the next line. */
  async start(): Promise<void> {
    await this.#alone(() => this.#flush([])).catch(() => undefined);
  }

  /** @throws GatehouseError `AUDIT_UNAVAILABLE` */
  append(draft: DraftLine): Promise<void> {
    if (this.#closed) return Promise.reject(unavailable('the audit log is closed'));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ draft, resolve, reject });
      if (this.#waiting.length === 1) void this.#alone(() => this.#drain());
    });
  }

  /**
   * Hands `read` the state between two writes; meanwhile no part is removed.
   * @throws GatehouseError `AUDIT_UNAVAILABLE` when the folder does not open
   */
  async reading<T>(read: (state: LogSnapshot) => Promise<T>): Promise<T> {
    const snapshot = await this.#alone(async () => {
      const state = await this.#opened();
      const onDisk = await listParts(this.#options.path);
      const current = state.parts.at(-1);
      this.#readers += 1;
      return {
        ...state,
        parts: state.parts.map((part) => ({ ...part })),
        onDisk: onDisk.map((part) => (this.#leftover && part.name === current?.name ? { ...current } : part)),
      };
    }).catch((cause: unknown) => {
      throw new GatehouseError('AUDIT_UNAVAILABLE', 'The audit log cannot be opened: the server log says why.', {
        cause,
      });
    });
    try {
      return await read(snapshot);
    } finally {
      this.#readers -= 1;
    }
  }

  /** Writes what waits, saves the head, and takes no more lines. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#headTimer !== null) clearTimeout(this.#headTimer);
    await this.#alone(() => this.#saveHead());
  }

  /** Runs one task at a time, in the order asked. */
  #alone<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(task);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting.slice(0, MAX_GROUP_LINES);
      const failure = await this.#flush(group.map(({ draft }) => draft)).then(
        () => null,
        (error: unknown) => unavailable(error),
      );
      // Only now taken out: while a group is being written, newcomers must not start a second drain.
      this.#waiting = this.#waiting.slice(group.length);
      for (const { resolve, reject } of group) failure === null ? resolve() : reject(failure);
    }
  }

  /** Brings notes and drafts to disk. */
  async #flush(drafts: readonly DraftLine[]): Promise<void> {
    try {
      const state = await this.#opened();
      const notes = this.#notes;
      await this.#write(state, [...notes, ...drafts]);
      this.#notes = this.#notes.slice(notes.length);
      if (this.#failed) this.#options.log.info('the audit log can be written again');
      this.#failed = false;
      this.writable = true;
      await this.#trim(state).catch((error: unknown) => {
        this.#options.log.warn('old audit parts could not be removed', describeError(error));
      });
    } catch (error) {
      if (!this.#failed) this.#options.log.error('the audit log cannot be written', describeError(error));
      this.#failed = true;
      this.writable = false;
      throw error;
    }
  }

  async #write(state: LogState, drafts: readonly DraftLine[]): Promise<void> {
    if (drafts.length === 0) return;
    const { folder, path, chainKey, clock, log, maxBytes } = this.#options;
    await folder.assertOwned();
    let last = state.last;
    const texts = drafts.map((draft) => {
      const { text, point } = encodeLine(draft, last, chainKey);
      last = point;
      return text;
    });
    const bytes = Buffer.from(texts.join(''));
    const current = state.parts.at(-1) ?? null;
    // A part with leftovers is mended before the log goes on in another.
    const name =
      current !== null && this.#leftover
        ? current.name
        : nextPartName(current?.name ?? null, clock.nowMs(), (current?.bytes ?? 0) >= maxBytes / PARTS);
    const part = current?.name === name ? current : { name, bytes: 0 };
    try {
      const { sizeBefore } = await appendDurably(join(path, name), bytes, this.#leftover ? part.bytes : null);
      // Never repaired by us: the file may hold evidence. `verify` names the place.
      if (sizeBefore !== part.bytes) {
        log.error('an audit part was changed by another hand', { part: name, bytes: sizeBefore, expected: part.bytes });
      }
      part.bytes = sizeBefore + bytes.length;
    } catch (error) {
      this.#leftover ||= error instanceof LeftoverError;
      if (this.#leftover && part !== current) state.parts.push(part);
      throw error;
    }
    this.#leftover = false;
    if (part !== current) state.parts.push(part);
    this.#options.written(drafts, state.last.seq + 1);
    state.last = last;
    this.#saveHeadSoon();
  }

  async #opened(): Promise<LogState> {
    if (this.#state !== null) return this.#state;
    const { state, notes } = await openLog(this.#options);
    this.#notes.push(...notes);
    this.#state = state;
    return state;
  }

  /** Removes the oldest parts while all together are over the bound, and leaves a line and a mark in the head. */
  async #trim(state: LogState): Promise<void> {
    const { path, chainKey, clock, log, maxBytes } = this.#options;
    const old = planTrim(state.parts, maxBytes);
    const newestOld = old.at(-1);
    if (newestOld === undefined || this.#readers > 0) return;
    const { first, fault } = await lastLook(path, old, state, chainKey);
    const bytes = old.reduce((sum, part) => sum + part.bytes, 0);
    if (this.#trimNoted !== newestOld.name) {
      const detail = { parts: old.map(({ name }) => name), bytes, throughSeq: first.seq - 1 };
      const events: AuditEvent[] = [{ action: 'audit.trimmed', actor: 'gatehouse', detail }];
      if (fault !== null) {
        const reason = `removed part ${fault.file}, line ${fault.line}: ${fault.reason}`;
        log.error('an old audit part was changed by another hand', { reason });
        events.push({ action: 'audit.broken', outcome: 'failed', actor: 'gatehouse', detail: { reason } });
      }
      const at = toIso(clock.nowMs());
      await this.#write(
        state,
        events.map((event) => draftLine(event, at)),
      );
      this.#trimNoted = newestOld.name;
    }
    // The head first: a crash between leaves files too many, which the next start removes, never a gap.
    await state.head.save(state.last, first);
    state.first = first;
    for (const { name } of old) await rm(join(path, name), { force: true });
    state.parts.splice(0, old.length);
    await syncFolder(path);
    log.info('old audit parts were removed', { parts: old.length, bytes, throughSeq: first.seq - 1 });
  }

  #saveHeadSoon(): void {
    this.#headTimer ??= setTimeout(() => {
      this.#headTimer = null;
      void this.#alone(() => this.#saveHead());
    }, HEAD_DELAY_MS).unref();
  }

  async #saveHead(): Promise<void> {
    const state = this.#state;
    if (state === null) return;
    try {
      await state.head.save(state.last, state.first);
    } catch (error) {
      this.#options.log.warn('head.json of the audit log could not be saved', describeError(error));
    }
  }
}

interface WriterOptions extends LogOptions {
  /** Told of lines once they are on disk, and as what line the first of them. */
  readonly written: (drafts: readonly DraftLine[], firstSeq: number) => void;
}

/** Parts that `maxBytes` is cut into: what is removed at a time. */
const PARTS = 8;
const MAX_GROUP_LINES = 128;
/** How long a line may stand before the head covers it. */
const HEAD_DELAY_MS = 2_000;

function unavailable(cause: unknown): GatehouseError {
  return new GatehouseError(
    'AUDIT_UNAVAILABLE',
    'The change was not made, because it could not be recorded. Free space or mend the permissions of the data folder.',
    { cause },
  );
}
