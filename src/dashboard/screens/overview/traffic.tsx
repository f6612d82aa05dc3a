import { Card, Progress, SimpleGrid, Stack, Table, Text, Title } from '@mantine/core';
import { useMemo } from 'react';
import type { Answer } from '../../api/call.js';
import { ORIGIN } from '../../api/place.js';
import { useSession } from '../../api/session.js';
import { useRoute } from '../../api/use-route.js';
import { Chart } from '../../parts/chart.js';
import { CodeBlock } from '../../parts/copy.js';
import { EmptyState, Loaded } from '../../parts/notice.js';
import { Section } from '../../parts/page.js';
import { language, number } from '../../words/words.js';
import { latencySeries, outcomeSeries } from '../usage/outcomes.js';
import { t as usage } from '../usage/words.js';
import { t } from './words.js';

type Report = Answer<'showUsage'>;

/** What came in a day, hour by hour; for somebody who has had no request yet, how to send one. */
export function Traffic({ quiet }: { quiet: boolean }) {
  const { organizationId } = useSession();
  const usage = useRoute('showUsage', { query: { organizationId } }, { refetchEveryMs: 60_000 });
  return (
    <Section title={t('traffic')}>
      <Loaded from={usage}>{(report) => (quiet ? <Quiet /> : <Drawn report={report} />)}</Loaded>
    </Section>
  );
}

function Quiet() {
  // Answered on every instance, whatever else is set up.
  const command = `curl -H "x-api-key: $GATEHOUSE_KEY" ${ORIGIN}/api/auth/whoami`;
  return (
    <Card withBorder>
      <EmptyState title={t('quietTitle')}>{t('quietText')}</EmptyState>
      <CodeBlock text={command} what={t('quietCommand')} />
    </Card>
  );
}

function Drawn({ report }: { report: Report }) {
  const { totals, series, keys } = report;
  const times = useMemo(() => series.map(({ at }) => at), [series]);
  const outcomes = useMemo(() => outcomeSeries(series), [series]);
  const latencies = useMemo(() => latencySeries(series), [series]);
  const busiest = series.reduce(
    (most, one) => (one.requests > most.requests ? one : most),
    series[0] ?? { at: report.from, requests: 0 },
  );
  const most = Math.max(1, ...keys.map(({ requests }) => requests));
  const hour = new Intl.DateTimeFormat(language(), { timeStyle: 'short' }).format(new Date(busiest.at));
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }}>
      <Card withBorder>
        <Chart
          kind="stacked"
          sentence={t('trafficSentence', {
            allowed: number(totals.allowed),
            denied: number(totals.requests - totals.allowed),
            busiest: hour,
          })}
          times={times}
          series={outcomes}
        />
      </Card>
      <Card withBorder>
        {totals.latency === null ? (
          <Text c="dimmed">–</Text>
        ) : (
          <Chart
            sentence={t('latencySentence', { p50: number(totals.latency.p50Ms), p95: number(totals.latency.p95Ms) })}
            times={times}
            series={latencies}
            unit=" ms"
            scale="magnitudes"
          />
        )}
      </Card>
      {keys.length > 0 && (
        <Card withBorder style={{ gridColumn: '1 / -1' }}>
          <Stack gap="xs">
            <Title order={3} fz="md">
              {t('topKeys')}
            </Title>
            <Table aria-label={t('topKeys')}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('caller')}</Table.Th>
                  <Table.Th ta="end">{t('requests')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {keys.slice(0, 5).map(({ id, name, kind, requests }) => (
                  <Table.Tr key={kind + id}>
                    <Table.Td style={{ overflowWrap: 'anywhere' }}>
                      {name ?? usage(kind)}
                      <Progress value={(100 * requests) / most} size={6} mt={4} aria-hidden />
                    </Table.Td>
                    <Table.Td ta="right">{number(requests)}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Stack>
        </Card>
      )}
    </SimpleGrid>
  );
}
