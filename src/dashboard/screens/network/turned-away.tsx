import { Card, Text } from '@mantine/core';
import { useMemo } from 'react';
import type { UsageReport } from '../../../contract/usage.js';
import { useRoute } from '../../api/use-route.js';
import { Chart } from '../../parts/chart.js';
import { Loaded } from '../../parts/notice.js';
import { Section } from '../../parts/page.js';
import { number } from '../../words/words.js';
import { t } from './words.js';

/** What the lists of addresses let in and turned away in the last day, hour by hour. */
export function TurnedAway() {
  const usage = useRoute('showUsage', {}, { refetchEveryMs: 60_000 });
  return (
    <Section title={t('turnedAway')} about={t('turnedAwayAbout')}>
      <Loaded from={usage}>{(report) => <Drawn report={report} />}</Loaded>
    </Section>
  );
}

const byAddress = ({ byOutcome }: Pick<UsageReport['totals'], 'byOutcome'>) => byOutcome['IP_NOT_ALLOWED'] ?? 0;

function Drawn({ report: { totals, series } }: { report: UsageReport }) {
  const times = useMemo(() => series.map(({ at }) => at), [series]);
  const lines = useMemo(
    () => [
      { label: t('keptOut'), values: series.map(byAddress), color: 'orange.6' },
      { label: t('passed'), values: series.map((hour) => hour.requests - byAddress(hour)), color: 'gate.6' },
    ],
    [series],
  );
  if (totals.requests === 0) return <Text c="dimmed">{t('turnedAwayNone')}</Text>;
  const out = byAddress(totals);
  return (
    <Card withBorder>
      <Chart
        kind="stacked"
        sentence={t('turnedAwaySentence', { count: out, out: number(out), passed: number(totals.requests - out) })}
        times={times}
        series={lines}
      />
    </Card>
  );
}
