import type { Series } from '../../parts/chart.js';
import { t } from './words.js';

interface Slot {
  readonly requests: number;
  readonly allowed: number;
  readonly byOutcome: Readonly<Record<string, number>>;
}

const COLORS = ['red.6', 'orange.5', 'grape.6', 'blue.6'];

/** What was let in, the usual refusals one by one, and the rest together. */
export function outcomeSeries(series: readonly Slot[]): Series[] {
  const totals = new Map<string, number>();
  for (const { byOutcome } of series)
    for (const [code, count] of Object.entries(byOutcome))
      if (code !== 'ALLOWED') totals.set(code, (totals.get(code) ?? 0) + count);
  const codes = [...totals].sort(([, a], [, b]) => b - a).map(([code]) => code);
  const [shown, rest] = [codes.slice(0, COLORS.length), codes.slice(COLORS.length)];
  return [
    { label: t('allowed'), values: series.map(({ allowed }) => allowed), color: 'teal.6' },
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
  ];
}
