import { Card } from '@mantine/core';
import { useMemo } from 'react';
import type { AuditSummary } from '../../../contract/audit.js';
import { Bars } from '../../parts/bars.js';
import { language, number } from '../../words/words.js';
import { t } from './words.js';

const COLORS = { ok: 'gate.6', refused: 'orange.6', failed: 'red.7' } as const;
const OUTCOMES = ['failed', 'refused', 'ok'] as const;

/** How much happened on each of the last days. */
export function Days({ summary: { days, countedSince } }: { summary: AuditSummary }) {
  const series = useMemo(
    () => OUTCOMES.map((one) => ({ label: t(one), color: COLORS[one], values: days.map((day) => day[one]) })),
    [days],
  );
  const sum = (of: 'ok' | 'refused' | 'failed') => days.reduce((all, day) => all + day[of], 0);
  const total = sum('ok') + sum('refused') + sum('failed');
  const size = (day: (typeof days)[number]) => day.ok + day.refused + day.failed;
  const busiest = days.reduce((most, day) => (size(day) > size(most) ? day : most), days[0] ?? NO_DAY);
  const sentence =
    total === 0
      ? t('daysNone', { count: days.length })
      : t('daysSentence', {
          count: days.length,
          ok: number(sum('ok')),
          refused: number(sum('refused')),
          failed: number(sum('failed')),
          busiest: dayName(busiest.day),
        });
  return (
    <Card withBorder>
      <Bars
        sentence={countedSince === null ? sentence : `${sentence} ${t('countedSince', { day: dayName(countedSince) })}`}
        header={t('day')}
        labels={days.map(({ day }) => dayName(day))}
        series={series}
      />
    </Card>
  );
}

const NO_DAY = { day: '2000-01-01', ok: 0, refused: 0, failed: 0 };

/** Days are counted in UTC, and named so. */
const dayName = (day: string) =>
  new Intl.DateTimeFormat(language(), { day: 'numeric', month: 'short', timeZone: 'UTC' }).format(new Date(day));
