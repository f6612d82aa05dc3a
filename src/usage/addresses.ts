const HOUR_MS = 3_600_000;
const HOURS = 24;
/** Addresses told apart; the one that was quiet longest goes first. */
const MAX_ADDRESSES = 2000;

interface Hours {
  lastMs: number;
  /** The hour that was counted in last, since 1970. */
  hour: number;
  /** By hour of the day. */
  readonly counts: Uint32Array;
}

/** How many requests each address made in the last 24 hours, in memory: what a new list of addresses is held against. */
export class AddressTally {
  readonly #known = new Map<string, Hours>();
  #last = '';
  #lastHours: Hours | null = null;

  count(address: string, nowMs: number): void {
    const hours = address === this.#last ? (this.#lastHours as Hours) : this.#hoursOf(address);
    const hour = Math.floor(nowMs / HOUR_MS);
    if (hour !== hours.hour) turn(hours, hour);
    hours.counts[hour % HOURS] = (hours.counts[hour % HOURS] as number) + 1;
    hours.lastMs = nowMs;
  }

  /** By address: when it was seen last, and how often in the last 24 hours. */
  *since(
    sinceMs: number,
    nowMs: number,
  ): Iterable<readonly [string, { readonly atMs: number; readonly requests: number }]> {
    const hour = Math.floor(nowMs / HOUR_MS);
    for (const [address, hours] of this.#known) {
      if (hours.lastMs < sinceMs) continue;
      turn(hours, hour);
      yield [address, { atMs: hours.lastMs, requests: hours.counts.reduce((sum, count) => sum + count, 0) }];
    }
  }

  #hoursOf(address: string): Hours {
    let hours = this.#known.get(address);
    if (hours === undefined) {
      if (this.#known.size >= MAX_ADDRESSES) this.#makeRoom();
      hours = { lastMs: 0.5, hour: 0, counts: new Uint32Array(HOURS) };
      this.#known.set(address, hours);
    }
    this.#last = address;
    this.#lastHours = hours;
    return hours;
  }

  /** A tenth at once, so that a flood from many addresses sorts seldom. */
  #makeRoom(): void {
    const quietFirst = [...this.#known].sort(([, left], [, right]) => left.lastMs - right.lastMs);
    for (const [address] of quietFirst.slice(0, MAX_ADDRESSES / 10)) this.#known.delete(address);
  }
}

/** Forgets the hours that are a day old by now. */
function turn(hours: Hours, hour: number): void {
  const passed = Math.min(HOURS, Math.abs(hour - hours.hour));
  for (let back = 0; back < passed; back += 1) hours.counts[(((hour - back) % HOURS) + HOURS) % HOURS] = 0;
  hours.hour = hour;
}
