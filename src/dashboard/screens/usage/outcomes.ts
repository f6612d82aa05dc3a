import type { UsageReport } from '../../../contract/usage.js';
import type { Series } from '../../parts/chart.js';
import { t } from './words.js';

type Slot = UsageReport['series'][number];

const COLORS = ['red.6', 'orange.5', 'grape.6', 'blue.6'];

/** The usual refusals one by one, the rest of them together, and what was let in, which lies below them. */
export function outcomeSeries(series: readonly Slot[]): Series[] {
  const totals = new Map<string, number>();
  for (const { byOutcome } of series)
    for (const [code, count] of Object.entries(byOutcome))
      if (code !== 'ALLOWED') totals.set(code, (totals.get(code) ?? 0) + count);
  const codes = [...totals].sort(([, a], [, b]) => b - a).map(([code]) => code);
  const [shown, rest] = [codes.slice(0, COLORS.length), codes.slice(COLORS.length)];
  return [
    ...shown.map((code, index) => ({
      label: code,
      values: series.map(({ byOutcome }) => byOutcome[code] ?? 0),
      color: COLORS[index] ?? 'gray.6',
    })),
    ...(rest.length === 0
      ? []
      : [
          {
            label: t('otherRefusals'),
            values: series.map(({ byOutcome }) => rest.reduce((sum, code) => sum + (byOutcome[code] ?? 0), 0)),
            color: 'gray.6',
          },
        ]),
    { label: t('allowed'), values: series.map(({ allowed }) => allowed), color: 'teal.6' },
  ];
}

/** How long half of the answers took, and 95 of 100. */
export function latencySeries(series: readonly Pick<Slot, 'latency'>[]): Series[] {
  return [
    { label: t('p50'), values: series.map(({ latency }) => latency?.p50Ms ?? null), color: 'gate.6' },
    { label: t('p95'), values: series.map(({ latency }) => latency?.p95Ms ?? null), color: 'orange.6' },
  ];
}
