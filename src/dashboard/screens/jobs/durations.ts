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
