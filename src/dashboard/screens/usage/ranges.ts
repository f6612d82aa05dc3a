const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** How far back one looks, and in which steps: hours are kept for three days, days for ninety. */
export const RANGES = {
  '24h': { groupBy: 'hour', lengthMs: 24 * HOUR_MS, label: 'range24h' },
  '72h': { groupBy: 'hour', lengthMs: 72 * HOUR_MS, label: 'range72h' },
  '30d': { groupBy: 'day', lengthMs: 30 * DAY_MS, label: 'range30d' },
  '90d': { groupBy: 'day', lengthMs: 90 * DAY_MS, label: 'range90d' },
} as const;
export type Range = keyof typeof RANGES;

export const rangeOf = (name: string | null): Range => (name !== null && name in RANGES ? (name as Range) : '24h');

/** The beginning, on a full hour or day, so that asking again a moment later asks the same. */
export function fromOf(range: Range, nowMs = Date.now()): string {
  const { groupBy, lengthMs } = RANGES[range];
  const stepMs = groupBy === 'hour' ? HOUR_MS : DAY_MS;
  return new Date(Math.floor(nowMs / stepMs) * stepMs + stepMs - lengthMs).toISOString();
}
