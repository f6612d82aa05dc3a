import type { Outcome } from '../contract/codes.js';
import { type CallerKind, DAYS_KEPT, HOURS_KEPT } from '../contract/usage.js';
import { type Clock, toIso } from '../kernel/clock.js';
import { describeError, type Logger } from '../kernel/logger.js';
import type { Principal } from '../kernel/principal.js';
import { type Collection, openCollection } from '../store/collection.js';
import type { DataFolder } from '../store/data-folder.js';
import { BOUNDS_MS } from './histogram.js';
import { OUTCOME_INDEX, type Period, parsePeriod } from './period.js';
import { merged, Tally } from './tally.js';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

export interface TrafficOptions {
  readonly folder: DataFolder;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Requests by caller, route, outcome and hour: the running hour in memory, and with those before it in
 * `.gatehouse/usage-hours.json`; hours older than three days are folded into days (UTC) in `.gatehouse/usage-days.json`.
 * A request touches memory alone.
 */
export class Traffic {
  readonly #hours: Collection<Period>;
  readonly #days: Collection<Period>;
  readonly #clock: Clock;
  readonly #log: Logger;
  /** What this process has counted in the running hour. */
  #live = new Tally();
  /** What was known of that hour before. */
  #base: Period | undefined;
  #hourMs = 0;
  #news = false;
  /** Hours that ended and are not saved yet. */
  readonly #ended = new Map<string, Period>();
  /** What this process counted in hours before, by kind of caller, for counters that only grow. */
  readonly #before = new Tally();

  static async open(options: TrafficOptions): Promise<Traffic> {
    const shared = { ...options, schemaVersion: 1, parse: parsePeriod };
    const hours = await openCollection<Period>({ ...shared, file: '.gatehouse/usage-hours.json', member: 'hours' });
    try {
      const days = await openCollection<Period>({ ...shared, file: '.gatehouse/usage-days.json', member: 'days' });
      return new Traffic(hours, days, options);
    } catch (error) {
      await hours.close();
      throw error;
    }
  }

  private constructor(hours: Collection<Period>, days: Collection<Period>, { clock, log }: TrafficOptions) {
    this.#hours = hours;
    this.#days = days;
    this.#clock = clock;
    this.#log = log;
    this.#hourMs = startOf(clock.nowMs(), HOUR_MS);
    this.#base = hours.get(toIso(this.#hourMs));
  }

  /** Counts one request that was answered. Never throws, waits for nothing. @see Usage.record */
  record(principal: Principal | null, route: string, outcome: Outcome, durationMs: number): void {
    const nowMs = this.#clock.nowMs();
    if (nowMs - this.#hourMs >= HOUR_MS || nowMs < this.#hourMs) this.#turn(nowMs);
    const kind: CallerKind = principal === null ? 'unknown' : principal.kind;
    // People are counted together: what each of them does is nobody's to chart.
    const id = principal === null ? 'unknown' : principal.kind === 'user' ? 'users' : principal.id;
    this.#live.count(
      principal?.organizationId ?? '',
      id,
      kind,
      route,
      OUTCOME_INDEX.get(outcome) as number,
      durationMs,
    );
    this.#news = true;
  }

  /** Upper ends of the classes of durations, in milliseconds. */
  readonly boundsMs = BOUNDS_MS;

  /** What is known of each hour, the running one included. */
  *hours(): Iterable<Period> {
    const running = toIso(this.#hourMs);
    for (const hour of this.#hours.values()) if (!this.#ended.has(hour.id) && hour.id !== running) yield hour;
    for (const hour of this.#ended.values()) if (hour.id !== running) yield hour;
    yield this.#running();
  }

  /** What is known of each day that hours were folded into. */
  days(): Iterable<Period> {
    return this.#days.values();
  }

  /** Everything that this process has counted, by kind of caller. It only grows. */
  sinceStart(): Period {
    const id = toIso(this.#hourMs);
    return merged(id, [this.#before.toPeriod(id), byKind(this.#live.toPeriod(id))]);
  }

  /** Saves what changed and folds what is old. A failure is logged and tried again at the next turn. */
  async flush(): Promise<void> {
    const nowMs = this.#clock.nowMs();
    if (nowMs - this.#hourMs >= HOUR_MS || nowMs < this.#hourMs) this.#turn(nowMs);
    try {
      if (this.#news || this.#ended.size > 0) await this.#save();
      await this.#fold(nowMs);
    } catch (error) {
      this.#log.warn('counts of requests were not saved; it will be tried again', describeError(error));
    }
  }

  async close(): Promise<void> {
    await this.flush();
    await Promise.all([this.#hours.close(), this.#days.close()]);
  }

  async #save(): Promise<void> {
    const running = this.#running();
    const ended = [...this.#ended.values()];
    this.#news = false;
    try {
      await this.#hours.change((draft) => {
        for (const hour of ended) draft.put(hour);
        if (running.counts.length > 0) draft.put(running);
      });
    } catch (error) {
      this.#news = true;
      throw error;
    }
    // One that was opened again meanwhile, by a clock that was set back, is another by now.
    for (const hour of ended) if (this.#ended.get(hour.id) === hour) this.#ended.delete(hour.id);
  }

  async #fold(nowMs: number): Promise<void> {
    const from = toIso(startOf(nowMs, HOUR_MS) - HOURS_KEPT * HOUR_MS);
    const old = [...this.#hours.values()].filter(({ id }) => id < from).sort((a, b) => (a.id < b.id ? -1 : 1));
    if (old.length === 0) return;
    const days = new Map<string, Period[]>();
    for (const hour of old) {
      const day = toIso(startOf(Date.parse(hour.id), DAY_MS));
      days.set(day, [...(days.get(day) ?? []), hour]);
    }
    await this.#days.change((draft) => {
      for (const [id, hours] of days) {
        const known = draft.get(id);
        // Killed between the two files, what was folded already is met again.
        const news = hours.filter((hour) => hour.id > (known?.through ?? ''));
        const through = news.at(-1)?.id;
        if (through !== undefined) draft.put(merged(id, known === undefined ? news : [known, ...news], through));
      }
      // By number and not by age: a clock that runs ahead for a moment must not cost what was counted.
      const ids = [...draft.values()].map(({ id }) => id).sort();
      for (const id of ids.slice(0, -DAYS_KEPT)) draft.remove(id);
    });
    await this.#hours.change((draft) => {
      for (const { id } of old) draft.remove(id);
    });
  }

  /** Another hour has begun; with a clock that was set back, one that was counted in before. */
  #turn(nowMs: number): void {
    const ended = this.#running();
    if (ended.counts.length > 0) this.#ended.set(ended.id, ended);
    this.#before.add(byKind(this.#live.toPeriod(ended.id)));
    this.#live = new Tally();
    this.#hourMs = startOf(nowMs, HOUR_MS);
    const id = toIso(this.#hourMs);
    this.#base = this.#ended.get(id) ?? this.#hours.get(id);
  }

  #running(): Period {
    const id = toIso(this.#hourMs);
    const live = this.#live.toPeriod(id);
    return this.#base === undefined ? live : merged(id, [this.#base, live]);
  }
}

export function startOf(atMs: number, lengthMs: number): number {
  return Math.floor(atMs / lengthMs) * lengthMs;
}

/** The same counts without organizations, and with one caller a kind. */
function byKind(period: Period): Period {
  return {
    ...period,
    callers: period.callers.map(([, , kind]) => ['', kind, kind]),
    latency: period.latency.map(([, ...rest]) => ['', ...rest]),
  };
}
