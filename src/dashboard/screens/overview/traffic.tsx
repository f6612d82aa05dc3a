import { Card, SimpleGrid, Stack, Table, Text, Title } from '@mantine/core';
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
  const command = `curl -X POST ${ORIGIN}/api/ask \\\n  -H "x-api-key: $GATEHOUSE_KEY" -H "Content-Type: application/json" \\\n  -d '{"workspaceId": "example", "question": "How does this code work?"}'`;
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
  const outcomes = useMemo(
    () => [
      { label: t('denied'), values: series.map(({ requests, allowed }) => requests - allowed), color: 'orange.6' },
      { label: t('allowed'), values: series.map(({ allowed }) => allowed), color: 'gate.6' },
    ],
    [series],
  );
  const latencies = useMemo(
    () => [
      { label: t('p50'), values: series.map(({ latency }) => latency?.p50Ms ?? null), color: 'gate.6' },
      { label: t('p95'), values: series.map(({ latency }) => latency?.p95Ms ?? null), color: 'indigo.6' },
    ],
    [series],
  );
  const busiest = series.reduce(
    (most, one) => (one.requests > most.requests ? one : most),
    series[0] ?? { at: report.from, requests: 0 },
  );
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
          />
        )}
      </Card>
      {keys.length > 0 && (
        <Card withBorder>
          <Stack gap="xs">
            <Title order={3} fz="md">
              {t('topKeys')}
            </Title>
            <Table aria-label={t('topKeys')}>
              <Table.Tbody>
                {keys.slice(0, 5).map(({ id, name, kind, requests }) => (
                  <Table.Tr key={id}>
                    <Table.Td>{name ?? kind}</Table.Td>
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
