import { type Clock, toIso } from '../kernel/clock.js';
import { type AuditEvent, type DraftLine, draftLine } from './line.js';

/** A request that the guard turned away. */
export interface Refusal {
  /** The error code that was answered. */
  code: string;
  /** What was wrong, as a fixed phrase: refusals are counted by address and reason. */
  reason: string;
  actor: string;
  organizationId?: string | null;
  address: string;
  requestId: string;
  method: string;
  route: string;
  /** The first visible characters of a presented key of ours; never more. */
  keyStart?: string;
}

export interface RefusalLogOptions {
  readonly clock: Clock;
  readonly append: (draft: DraftLine) => Promise<void>;
  /** Lines that wait for the disk already. */
  readonly waiting: () => number;
}

/**
 * Turns refusals into lines without ever making the caller wait. In a minute, counted from its first refusal, the first
 * 10 of one address and reason are lines, the rest one line with a count when the minute ends. Under an attack from
 * many addresses (over 500 lines or 1,000 pairs in the minute, or a slow disk) what is left is counted in one line over
 * all: else whoever asks without a key could push the record of changes out of a log that is bounded in size.
 */
export class RefusalLog {
  readonly #options: RefusalLogOptions;
  #startMs = Number.NEGATIVE_INFINITY;
  #pairs = new Map<string, Pair>();
  #lines = 0;
  #others = 0;
  /** Refusals whose line did not reach the disk; told as soon as one does. */
  #unwritten = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: RefusalLogOptions) {
    this.#options = options;
  }

  add(refusal: Refusal): void {
    const nowMs = this.#options.clock.nowMs();
    if (nowMs >= this.#startMs + MINUTE_MS || nowMs < this.#startMs) this.#begin(nowMs);
    const pair = this.#pairOf(refusal);
    if (pair === null) {
      this.#others += 1;
    } else if (
      pair.lines >= LINES_A_PAIR ||
      this.#lines >= LINES_A_MINUTE ||
      this.#options.waiting() >= MAX_WAITING_LINES
    ) {
      pair.more += 1;
    } else {
      pair.lines += 1;
      this.#lines += 1;
      this.#write(toEvent(refusal), 1);
    }
  }

  /** Writes the counts of the minute so far, without waiting for the disk. */
  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const over = [...this.#pairs.values()].filter(({ more }) => more > 0).sort((a, b) => b.more - a.more);
    const nowMs = this.#options.clock.nowMs();
    const since = { from: toIso(Number.isFinite(this.#startMs) ? this.#startMs : nowMs) };
    for (const { code, reason, address, more } of over.slice(0, MAX_SUMMARIES)) {
      this.#write({ ...SUMMARY, address, detail: { code, reason, count: more, ...since } }, more);
    }
    const others = over.slice(MAX_SUMMARIES).reduce((sum, { more }) => sum + more, this.#others);
    const unwritten = this.#unwritten;
    this.#unwritten = 0;
    if (others + unwritten > 0) {
      const detail = { reason: 'many addresses', count: others, unwritten, ...since };
      this.#write({ ...SUMMARY, detail }, others + unwritten);
    }
    this.#pairs = new Map();
    this.#lines = 0;
    this.#others = 0;
    this.#startMs = Number.NEGATIVE_INFINITY;
  }

  #begin(nowMs: number): void {
    this.flush();
    this.#startMs = nowMs;
    // So that the count appears even when nobody is refused any more.
    this.#timer = setTimeout(() => this.flush(), MINUTE_MS).unref();
  }

  #pairOf({ address, reason, code }: Refusal): Pair | null {
    const name = `${address}\n${reason}`;
    const known = this.#pairs.get(name);
    if (known !== undefined) return known;
    if (this.#pairs.size >= MAX_PAIRS) return null;
    const pair = { code, reason, address, lines: 0, more: 0 };
    this.#pairs.set(name, pair);
    return pair;
  }

  #write(event: AuditEvent, stands: number): void {
    this.#options.append(draftLine(event, toIso(this.#options.clock.nowMs()))).catch(() => {
      this.#unwritten += stands;
    });
  }
}

/** What one address was refused for, in the running minute. */
interface Pair {
  readonly code: string;
  readonly reason: string;
  readonly address: string;
  lines: number;
  more: number;
}

const MINUTE_MS = 60_000;
const LINES_A_PAIR = 10;
const LINES_A_MINUTE = 500;
const MAX_PAIRS = 1_000;
const MAX_SUMMARIES = 50;
const MAX_WAITING_LINES = 2_000;
const SUMMARY = { action: 'request.refusals', outcome: 'refused', actor: 'gatehouse' } as const;

function toEvent({ code, reason, method, route, keyStart, ...who }: Refusal): AuditEvent {
  const detail = { code, reason, method, route, ...(keyStart === undefined ? {} : { keyStart }) };
  return { action: 'request.refused', outcome: 'refused', ...who, detail };
}
