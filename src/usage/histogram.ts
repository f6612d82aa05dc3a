/** Upper ends of the classes that durations are counted in, in milliseconds; one more class takes what is longer. */
export const BOUNDS_MS: readonly number[] = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000];

/** Durations of one route. Changed in place: counting must not allocate. */
export interface Histogram {
  /** One count a class. */
  readonly counts: number[];
  sumMicroseconds: number;
}

export function emptyHistogram(): Histogram {
  return { counts: new Array<number>(BOUNDS_MS.length + 1).fill(0), sumMicroseconds: 0 };
}

export function observe(histogram: Histogram, durationMs: number): void {
  let index = 0;
  while (index < BOUNDS_MS.length && durationMs > (BOUNDS_MS[index] as number)) index += 1;
  histogram.counts[index] = (histogram.counts[index] as number) + 1;
  histogram.sumMicroseconds += Math.round(durationMs * 1000);
}

export function addHistogram(to: Histogram, counts: readonly number[], sumMicroseconds: number): void {
  for (const [index, count] of counts.entries()) to.counts[index] = (to.counts[index] ?? 0) + count;
  to.sumMicroseconds += sumMicroseconds;
}

/**
 * The duration that `share` (0 to 1) of the requests did not exceed, in milliseconds, interpolated within its class;
 * what is beyond the last class reads as its end. `null`: nothing was counted.
 */
export function quantile(counts: readonly number[], share: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let left = share * total;
  for (const [index, count] of counts.entries()) {
    if (count > 0 && left <= count) {
      const low = index === 0 ? 0 : (BOUNDS_MS[index - 1] as number);
      const high = BOUNDS_MS[index] ?? low;
      return Math.round((low + (high - low) * (left / count)) * 100) / 100;
    }
    left -= count;
  }
  return BOUNDS_MS[BOUNDS_MS.length - 1] as number;
}
