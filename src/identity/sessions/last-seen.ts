import { toIso } from '../../kernel/clock.js';
import { describeError, type Logger } from '../../kernel/logger.js';
import type { Collection } from '../../store/collection.js';
import type { SessionRecord } from './record.js';

interface Seen {
  readonly atMs: number;
  readonly address: string;
}

const FLUSH_EVERY_MS = 10_000;
/** A session that is used all the time is written once in so long: what idles for days is not measured in seconds. */
const NEWS_AFTER_MS = 60_000;

/** When and from where sessions were used: in memory, and in their file at most every 10 s and at stop. */
export class LastSeen {
  readonly #records: Collection<SessionRecord>;
  readonly #log: Logger;
  readonly #seen = new Map<string, Seen>();
  readonly #timer: NodeJS.Timeout;

  constructor({ records, log }: { records: Collection<SessionRecord>; log: Logger }) {
    this.#records = records;
    this.#log = log;
    records.subscribe((changes) => {
      for (const { id, after } of changes) if (after === undefined) this.#seen.delete(id);
    });
    this.#timer = setInterval(() => void this.#flush(NEWS_AFTER_MS), FLUSH_EVERY_MS);
    this.#timer.unref();
  }

  touch(sessionId: string, nowMs: number, address: string): void {
    this.#seen.set(sessionId, { atMs: nowMs, address });
  }

  of(record: Pick<SessionRecord, 'id' | 'lastSeenAt' | 'address'>): Seen {
    const saved = Date.parse(record.lastSeenAt);
    const seen = this.#seen.get(record.id);
    return seen !== undefined && seen.atMs >= saved ? seen : { atMs: saved, address: record.address };
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#flush(0);
  }

  async #flush(newsAfterMs: number): Promise<void> {
    const isNews = (id: string, { atMs, address }: Seen): boolean => {
      const record = this.#records.get(id);
      if (record === undefined) return false;
      const aheadMs = atMs - Date.parse(record.lastSeenAt);
      return aheadMs > newsAfterMs || (aheadMs >= 0 && address !== record.address);
    };
    const news = [...this.#seen].filter(([id, seen]) => isNews(id, seen));
    if (news.length === 0) return;
    try {
      await this.#records.change((draft) => {
        for (const [id, { atMs, address }] of news) {
          const record = draft.get(id);
          if (record !== undefined) draft.put({ ...record, lastSeenAt: toIso(atMs), address });
        }
      });
    } catch (error) {
      this.#log.warn('when sessions were used was not saved; it will be tried again', describeError(error));
    }
  }
}
