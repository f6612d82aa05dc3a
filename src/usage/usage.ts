import * as z from 'zod';
import type { Outcome } from '../contract/codes.js';
import type { Clock } from '../kernel/clock.js';
import { describeError, type Logger } from '../kernel/logger.js';
import type { Principal } from '../kernel/principal.js';
import { type Collection, openCollection } from '../store/collection.js';
import type { DataFolder } from '../store/data-folder.js';
import { AddressTally } from './addresses.js';
import { type AnsweredAs, RecentRequests } from './recent.js';
import { Traffic } from './traffic.js';

/** When and from where a secret was used last. */
export interface LastUse {
  atMs: number;
  address: string;
}

/** One client's window of counted requests. Changed in place by whoever counts. */
export interface Window {
  startMs: number;
  count: number;
  readonly lengthMs: number;
}

const Entry = z.discriminatedUnion('kind', [
  z.strictObject({ id: z.string(), kind: z.literal('used'), atMs: z.number(), address: z.string() }),
  z.strictObject({
    id: z.string(),
    kind: z.literal('window'),
    startMs: z.number(),
    count: z.int(),
    lengthMs: z.number(),
  }),
]);
type Entry = z.infer<typeof Entry>;

/** Counters of at most so many clients; the oldest goes first. Bounds memory when many addresses call once. */
const MAX_WINDOWS = 100_000;

export interface UsageOptions {
  readonly folder: DataFolder;
  readonly clock: Clock;
  readonly log: Logger;
  /** Default 10,000. A kill loses at most this much counting, and no key. */
  readonly flushEveryMs?: number;
}

/**
 * Last uses, rate windows and counts of requests: in memory, and in `.gatehouse/usage.json` and its siblings at most
 * every 10 s and at stop.
 */
export class Usage {
  readonly traffic: Traffic;
  readonly recent = new RecentRequests();
  /** Called when a secret is used that was never used before. */
  onFirstUse: (secret: string) => void = () => {};
  readonly #addresses = new AddressTally();
  readonly #entries: Collection<Entry>;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #uses = new Map<string, LastUse>();
  readonly #windows = new Map<string, Window>();
  readonly #dirtyUses = new Set<string>();
  #savedAtMs = Number.POSITIVE_INFINITY;
  readonly #timer: NodeJS.Timeout;

  static async open(options: UsageOptions): Promise<Usage> {
    const entries = await openCollection<Entry>({
      folder: options.folder,
      file: '.gatehouse/usage.json',
      member: 'entries',
      schemaVersion: 1,
      parse: (record) => Entry.parse(record),
      clock: options.clock,
      log: options.log,
    });
    try {
      return new Usage(entries, await Traffic.open(options), options);
    } catch (error) {
      await entries.close();
      throw error;
    }
  }

  private constructor(
    entries: Collection<Entry>,
    traffic: Traffic,
    { clock, log, flushEveryMs = 10_000 }: UsageOptions,
  ) {
    this.#entries = entries;
    this.traffic = traffic;
    this.#clock = clock;
    this.#log = log;
    for (const entry of entries.values()) {
      if (entry.kind === 'used') this.#uses.set(entry.id, { atMs: entry.atMs, address: entry.address });
      else this.#windows.set(entry.id, { startMs: entry.startMs, count: entry.count, lengthMs: entry.lengthMs });
    }
    this.#timer = setInterval(() => void this.flush(), flushEveryMs);
    this.#timer.unref();
  }

  /**
   * Counts one request that a door has answered. Costs a few look-ups in memory; never throws.
   * @param principal - who it was taken for; `null`: nobody that is known
   * @param route - the id of its policy or route, never a URL
   * @param outcome - `ALLOWED`, or the code of the problem it was answered with
   */
  record(principal: Principal | null, route: string, outcome: Outcome, durationMs: number, as: AnsweredAs): void {
    this.traffic.record(principal, route, outcome, durationMs);
    const nowMs = this.#clock.nowMs();
    this.recent.record(principal, route, outcome, durationMs, as, nowMs);
    if (as.address !== null && outcome === 'ALLOWED' && principal !== null && principal.kind !== 'local')
      this.#addresses.count(as.address, nowMs);
  }

  touch(secret: string, nowMs: number, address: string): void {
    const use = this.#uses.get(secret);
    if (use === undefined) this.#uses.set(secret, { atMs: nowMs, address });
    // Who was seen since the last saving is among the changed already.
    if (use === undefined || use.atMs <= this.#savedAtMs) this.#dirtyUses.add(secret);
    if (use === undefined) {
      this.onFirstUse(secret);
      return;
    }
    use.atMs = nowMs;
    use.address = address;
  }

  lastUse(secret: string): LastUse | undefined {
    return this.#uses.get(secret);
  }

  /**
   * When each address was last seen with a credential, for those seen since: those that secrets were used from last, also
   * before this start, and every one that was let in since.
   */
  addressesSince(sinceMs: number): Map<string, { readonly atMs: number; readonly requests: number }> {
    const seen = new Map(this.#addresses.since(sinceMs, this.#clock.nowMs()));
    for (const { atMs, address } of this.#uses.values()) {
      const known = seen.get(address);
      if (atMs >= sinceMs && atMs > (known?.atMs ?? Number.NEGATIVE_INFINITY))
        seen.set(address, { atMs, requests: known?.requests ?? 0 });
    }
    return seen;
  }

  window(counter: string, lengthMs: number, nowMs: number): Window {
    let window = this.#windows.get(counter);
    if (window === undefined || window.lengthMs !== lengthMs) {
      if (this.#windows.size >= MAX_WINDOWS) this.#makeRoom(nowMs);
      // A changed limit keeps what was counted: changing a key must not hand out a fresh allowance.
      window = { startMs: window?.startMs ?? nowMs, count: window?.count ?? 0, lengthMs };
      this.#windows.set(counter, window);
    }
    return window;
  }

  /** How many clients are counted now. */
  get windowCount(): number {
    return this.#windows.size;
  }

  peek(counter: string): Window | undefined {
    return this.#windows.get(counter);
  }

  /** Drops what is known of secrets that are gone for good. */
  forget(secrets: Iterable<string>): void {
    for (const secret of secrets) {
      if (this.#uses.delete(secret)) this.#dirtyUses.add(secret);
    }
  }

  /** Saves what changed. A failure is logged and tried again at the next turn: usage never stops the gate. */
  async flush(): Promise<void> {
    await Promise.all([this.#flushEntries(), this.traffic.flush()]);
  }

  async #flushEntries(): Promise<void> {
    const nowMs = this.#clock.nowMs();
    const dirty = [...this.#dirtyUses];
    this.#savedAtMs = nowMs;
    this.#dirtyUses.clear();
    this.#dropEnded(nowMs);
    const counters = [...this.#windows].filter(([id, window]) => isNews(this.#entries.get(id), window));
    const gone = [...this.#entries.values()].filter((entry) => entry.kind === 'window' && !this.#windows.has(entry.id));
    if (dirty.length + counters.length + gone.length === 0) return;
    try {
      await this.#entries.change((draft) => {
        for (const id of dirty) {
          const use = this.#uses.get(id);
          if (use === undefined) draft.remove(id);
          else draft.put({ id, kind: 'used', atMs: use.atMs, address: use.address });
        }
        for (const [id, { startMs, count, lengthMs }] of counters)
          draft.put({ id, kind: 'window', startMs, count, lengthMs });
        for (const { id } of gone) draft.remove(id);
      });
    } catch (error) {
      for (const id of dirty) this.#dirtyUses.add(id);
      this.#log.warn('usage was not saved; it will be tried again', describeError(error));
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
    await Promise.all([this.#entries.close(), this.traffic.close()]);
  }

  #dropEnded(nowMs: number): void {
    for (const [id, window] of this.#windows) if (nowMs - window.startMs >= window.lengthMs) this.#windows.delete(id);
  }

  /** Addresses go before keys and people: a flood from many addresses must not hand one a fresh allowance. */
  #makeRoom(nowMs: number): void {
    this.#dropEnded(nowMs);
    const ids = [...this.#windows.keys()];
    for (const id of [...ids.filter((id) => !isOfKey(id)), ...ids.filter(isOfKey)]) {
      if (this.#windows.size < MAX_WINDOWS * 0.9) return;
      this.#windows.delete(id);
    }
  }
}

/** Counters are named by whoever counts: `c:key_…`, `c:env:…`, `c:usr_…` and the same behind `r:` are somebody's, the rest addresses'. */
function isOfKey(counter: string): boolean {
  return /^[cr]:(key_|env:|usr_)/.test(counter);
}

function isNews(saved: Entry | undefined, window: Window): boolean {
  return saved?.kind !== 'window' || saved.count !== window.count || saved.startMs !== window.startMs;
}
