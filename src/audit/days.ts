import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { AuditDay, AuditLine } from '../contract/audit.js';
import type { Clock } from '../kernel/clock.js';
import { describeError, type Logger } from '../kernel/logger.js';
import type { DataFolder } from '../store/data-folder.js';
import { openStateFile, type StateFile } from '../store/state-file.js';
import type { DraftLine } from './line.js';
import type { LogSnapshot } from './open-log.js';
import { linesBackward } from './read-lines.js';

/** How far back days are counted. */
export const MAX_DAYS = 90;

/**
 * How much happened on each day (UTC), by organization and outcome. It is counted while lines are written and kept in
 * `days.json`, so that nobody reads the log for a picture. What was removed from the log stays counted. It proves
 * nothing: the lines do.
 */
export class DayCounts {
  readonly #o: DayCountsOptions;
  #file: StateFile<DaysState> | null = null;
  #counts = new Map<string, Counts>();
  #since: string | null = null;
  #lastSeq = 0;
  /** Lines that were written while those on disk are being counted; `null`: they are. */
  #early: { seq: number; draft: DraftLine }[] | null = [];
  #filling: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: DayCountsOptions) {
    this.#o = options;
  }

  /** Counts what is on disk and not in `days.json` yet: a minute at most after a crash, all of it where there is no file. */
  fill(): Promise<void> {
    this.#filling ??= this.#fill().catch((error: unknown) => {
      this.#filling = null;
      this.#o.log.warn('the days of the audit log could not be counted', describeError(error));
    });
    return this.#filling;
  }

  /** Called after `drafts` are on disk, the first of them as line `firstSeq`. */
  add(drafts: readonly DraftLine[], firstSeq: number): void {
    for (const [index, draft] of drafts.entries()) {
      const seq = firstSeq + index;
      if (this.#early === null) this.#count(draft, seq);
      else if (this.#filling !== null) this.#early.push({ seq, draft });
    }
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      void this.#save();
    }, SAVE_EVERY_MS).unref();
  }

  /** Every one of the last `days` days, the oldest first. @param organizationId - left out: all lines */
  async list(days: number, organizationId: string | undefined): Promise<{ days: AuditDay[]; since: string | null }> {
    await this.fill();
    const names = Array.from({ length: days }, (_, ago) => this.#dayAgo(ago)).reverse();
    const all = new Map(names.map((day) => [day, { day, ok: 0, refused: 0, failed: 0 }]));
    for (const counts of this.#counts.values()) {
      const sum = all.get(counts.day);
      if (sum === undefined || (organizationId !== undefined && counts.organizationId !== organizationId)) continue;
      for (const outcome of OUTCOMES) sum[outcome] += counts[outcome];
    }
    const since = this.#since !== null && this.#since > (names[0] ?? '') ? this.#since : null;
    return { days: [...all.values()], since };
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#filling;
    await this.#save();
  }

  async #fill(): Promise<void> {
    this.#file ??= await this.#open();
    const saved = this.#file?.value ?? NONE;
    await this.#o.reading(async (log) => {
      const isOurs = saved.seq <= log.last.seq;
      this.#counts = new Map((isOurs ? saved.counts : []).map((counts) => [nameOf(counts), { ...counts }]));
      this.#since = isOurs ? saved.since : null;
      const firstSeq = isOurs ? saved.seq + 1 : 1;
      if (firstSeq <= log.last.seq) await this.#read(log, firstSeq);
      this.#lastSeq = log.last.seq;
    });
    const early = this.#early ?? [];
    this.#early = null;
    for (const { seq, draft } of early) if (seq > this.#lastSeq) this.#count(draft, seq);
  }

  /** Counts from the end back to line `firstSeq`, and no further than anybody is shown or can be read in a moment. */
  async #read({ parts, first }: LogSnapshot, firstSeq: number): Promise<void> {
    const oldest = this.#dayAgo(MAX_DAYS);
    let budget = READ_BYTES;
    let reached: string | null = null;
    for (const part of parts.toReversed()) {
      for await (const { bytes } of linesBackward(join(this.#o.path, part.name), part.bytes)) {
        const line = factsOf(bytes);
        if (line === null) continue;
        reached = line.at.slice(0, 10);
        if (line.seq < firstSeq || reached < oldest) return;
        this.#count(line, line.seq);
        budget -= bytes.length;
        if (budget <= 0) break;
      }
      if (budget <= 0) break;
    }
    // The day that was reached is counted in part only.
    if (reached !== null && (budget <= 0 || first.seq > firstSeq)) this.#since = dayAfter(reached);
  }

  #count({ at, outcome, organizationId, action, detail }: DraftLine, seq: number): void {
    const key = { day: at.slice(0, 10), organizationId: organizationId ?? null };
    const counts = this.#counts.get(nameOf(key)) ?? { ...key, ok: 0, refused: 0, failed: 0 };
    // One line stands for the many of a minute.
    const many = action === 'request.refusals' ? detail['count'] : 1;
    counts[outcome] += typeof many === 'number' && many > 0 ? many : 1;
    this.#counts.set(nameOf(key), counts);
    this.#lastSeq = Math.max(this.#lastSeq, seq);
  }

  async #save(): Promise<void> {
    if (this.#file === null || this.#early !== null || this.#lastSeq === this.#file.value.seq) return;
    const oldest = this.#dayAgo(MAX_DAYS);
    for (const [name, { day }] of this.#counts) if (day < oldest) this.#counts.delete(name);
    const state = { schemaVersion: 1 as const, seq: this.#lastSeq, since: this.#since };
    // A failure is in the log already; what is missing is counted anew from the lines at the next start.
    await this.#file.save({ ...state, counts: [...this.#counts.values()] }).catch(() => {});
  }

  /** Whatever is wrong with the file, it is made anew. */
  async #open(): Promise<StateFile<DaysState> | null> {
    const { folder, log } = this.#o;
    const open = () =>
      openStateFile({ folder, file: FILE, parse: (value) => DaysState.parse(value), initial: () => NONE, log });
    try {
      return await open();
    } catch (error) {
      log.warn('days.json of the audit log cannot be read and is made anew', describeError(error));
    }
    return rm(join(folder.path, FILE), { force: true })
      .then(open)
      .catch(() => null);
  }

  #dayAgo(days: number): string {
    return new Date(this.#o.clock.nowMs() - days * DAY_MS).toISOString().slice(0, 10);
  }
}

export interface DayCountsOptions {
  readonly folder: DataFolder;
  /** `<state>/audit` */
  readonly path: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly reading: <T>(read: (log: LogSnapshot) => Promise<T>) => Promise<T>;
}

const Counts = z.strictObject({
  day: z.iso.date(),
  organizationId: z.string().nullable(),
  ok: z.int(),
  refused: z.int(),
  failed: z.int(),
});
type Counts = z.infer<typeof Counts>;

const DaysState = z.strictObject({
  schemaVersion: z.literal(1),
  /** The last line that is counted. */
  seq: z.int(),
  /** The first day that is counted whole; `null`: all are. */
  since: z.iso.date().nullable(),
  counts: z.array(Counts),
});
type DaysState = z.infer<typeof DaysState>;

const FILE = '.gatehouse/audit/days.json';
const NONE: DaysState = { schemaVersion: 1, seq: 0, since: null, counts: [] };
const OUTCOMES = ['ok', 'refused', 'failed'] as const;
const DAY_MS = 86_400_000;
const SAVE_EVERY_MS = 60_000;
const READ_BYTES = 64 * 1024 * 1024;

const nameOf = ({ day, organizationId }: Pick<Counts, 'day' | 'organizationId'>) => `${day} ${organizationId ?? ''}`;

const dayAfter = (day: string) => new Date(Date.parse(day) + DAY_MS).toISOString().slice(0, 10);

/** What is counted of a line; `null`: it is none. It is not checked as `decodeLine` does, which takes ten times as long. */
function factsOf(bytes: Buffer): AuditLine | null {
  try {
    const line = JSON.parse(bytes.toString('utf8')) as AuditLine;
    return Number.isInteger(line.seq) && typeof line.at === 'string' && OUTCOMES.includes(line.outcome) ? line : null;
  } catch {
    return null;
  }
}
