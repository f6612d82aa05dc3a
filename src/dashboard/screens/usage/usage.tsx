import { Button, Grid, SegmentedControl, Select, Stack, Text } from '@mantine/core';
import { Link, useSearchParams } from 'react-router';
import type { UsageReport } from '../../../contract/usage.js';
import { useSession } from '../../api/session.js';
import { useRoute } from '../../api/use-route.js';
import { Chart } from '../../parts/chart.js';
import { CodeBlock } from '../../parts/copy.js';
import { EmptyState, Loaded } from '../../parts/notice.js';
import { Page, Section } from '../../parts/page.js';
import { number } from '../../words/words.js';
import { latencySeries, outcomeSeries } from './outcomes.js';
import { fromOf, RANGES, type Range, rangeOf } from './ranges.js';
import { TopCallers, TopRoutes } from './top.js';
import { t } from './words.js';

/** Who sent how much, what became of it, and how long it took. */
export default function Screen() {
  const { organizationId } = useSession();
  const [params, setParams] = useSearchParams();
  const range = rangeOf(params.get('range'));
  const { groupBy } = RANGES[range];
  const report = useRoute(
    'showUsage',
    { query: { groupBy, from: fromOf(range), organizationId } },
    { refetchEveryMs: 30_000 },
  );
  const ranges = (Object.keys(RANGES) as Range[]).map((value) => ({ value, label: t(RANGES[value].label) }));
  const setRange = (next: string | null) => setParams({ range: rangeOf(next) }, { replace: true });
  const choose = (
    <>
      <SegmentedControl
        aria-label={t('range')}
        value={range}
        onChange={setRange}
        data={ranges}
        size="xs"
        visibleFrom="xs"
      />
      <Select aria-label={t('range')} value={range} onChange={setRange} data={ranges} hiddenFrom="xs" />
    </>
  );
  return (
    <Page title={t('title')} about={t('about')} actions={choose}>
      <Loaded from={report}>{(data) => (data.totals.requests === 0 ? <Nothing /> : <Report report={data} />)}</Loaded>
    </Page>
  );
}

function Nothing() {
  return (
    <EmptyState
      title={t('empty')}
      action={
        <Button component={Link} to="/settings/api-keys/new">
          {t('emptyAction')}
        </Button>
      }
    >
      <Stack gap="md" align="center">
        <Text>{t('emptyText')}</Text>
        <CodeBlock
          text={`curl -H "x-api-key: $GATEHOUSE_API_KEY" ${location.origin}/api/auth/whoami`}
          what={t('command')}
        />
      </Stack>
    </EmptyState>
  );
}

function Report({ report }: { report: UsageReport }) {
  const { totals, series } = report;
  const times = series.map(({ at }) => at);
  const { latency } = totals;
  return (
    <Stack gap="xl">
      <Section title={t('outcomes')}>
        <Chart
          kind="stacked"
          sentence={t('outcomesSentence', {
            count: totals.requests,
            allowed: number(totals.allowed),
            refused: number(totals.requests - totals.allowed),
          })}
          times={times}
          series={outcomeSeries(series)}
        />
      </Section>
      <Section title={t('durations')}>
        {latency === null ? (
          <Text c="dimmed">{t('durationsNone')}</Text>
        ) : (
          <Chart
            sentence={t('durationsSentence', { p50: number(latency.p50Ms), p95: number(latency.p95Ms) })}
            times={times}
            unit=" ms"
            scale="magnitudes"
            series={latencySeries(series)}
          />
        )}
      </Section>
      <Grid gap="xl">
        <Grid.Col span={{ base: 12, lg: 6 }}>
          <TopCallers keys={report.keys} />
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 6 }}>
          <TopRoutes routes={report.routes} />
        </Grid.Col>
      </Grid>
    </Stack>
  );
}
