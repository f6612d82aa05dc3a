import type { JobView } from '../../../contract/jobs.js';
import { number } from '../../words/words.js';
import { t } from './words.js';

/** How long a job ran; `null`: it did not, or still does. */
export function durationMsOf({ startedAt, finishedAt }: JobView): number | null {
  return startedAt === null || finishedAt === null ? null : Date.parse(finishedAt) - Date.parse(startedAt);
}

export function durationWords(ms: number | null): string {
  if (ms === null) return '–';
  if (ms < 1000) return t('milliseconds', { count: number(ms) });
  return ms < 60_000
    ? t('seconds', { count: number(ms / 1000, { maximumFractionDigits: 1 }) })
    : t('minutes', { count: number(ms / 60_000, { maximumFractionDigits: 1 }) });
}

export function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}

/** Up to how many milliseconds each bar of a histogram goes: seconds, then minutes. */
const LIMITS_MS = [500, 1000, 2000, 5000, 10_000, 20_000, 60_000, 120_000, 300_000] as const;

/** How many took how long; bars at either end that nothing falls into are left out. */
export function histogramOf(durationsMs: readonly number[]): { labels: string[]; counts: number[] } {
  const all = [...LIMITS_MS, Number.POSITIVE_INFINITY].map((limit, at) => ({
    label:
      at === LIMITS_MS.length
        ? t('longer', { than: durationWords(LIMITS_MS[at - 1] ?? 0) })
        : t('upTo', { most: durationWords(limit) }),
    count: durationsMs.filter((one) => one <= limit && one > (LIMITS_MS[at - 1] ?? -1)).length,
  }));
  const first = all.findIndex(({ count }) => count > 0);
  const last = all.findLastIndex(({ count }) => count > 0);
  const shown = first < 0 ? [] : all.slice(first, last + 1);
  return { labels: shown.map(({ label }) => label), counts: shown.map(({ count }) => count) };
}

/** How many waited and how many ran whenever that changed, the oldest first. */
export function depthOf(jobs: readonly JobView[]): { times: string[]; waiting: number[]; running: number[] } {
  const steps = jobs.flatMap(({ createdAt, startedAt, finishedAt }) => [
    { at: createdAt, waiting: 1, running: 0 },
    ...(startedAt === null ? [] : [{ at: startedAt, waiting: -1, running: 1 }]),
    // One that was cancelled in the queue never ran.
    ...(finishedAt === null
      ? []
      : [{ at: finishedAt, waiting: startedAt === null ? -1 : 0, running: startedAt === null ? 0 : -1 }]),
  ]);
  const depth = { times: [] as string[], waiting: [] as number[], running: [] as number[] };
  let waiting = 0;
  let running = 0;
  for (const step of steps.sort((a, b) => Date.parse(a.at) - Date.parse(b.at))) {
    waiting += step.waiting;
    running += step.running;
    if (depth.times.at(-1) !== step.at) depth.times.push(step.at);
    depth.waiting[depth.times.length - 1] = Math.max(0, waiting);
    depth.running[depth.times.length - 1] = Math.max(0, running);
  }
  return depth;
}
