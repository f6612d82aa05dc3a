import { Card, SimpleGrid, Text } from '@mantine/core';
import { useMemo } from 'react';
import { useSession } from '../../api/session.js';
import { useRoute } from '../../api/use-route.js';
import { Bars } from '../../parts/bars.js';
import { Chart } from '../../parts/chart.js';
import { depthOf, durationMsOf, durationWords, histogramOf, median } from './durations.js';
import { t } from './words.js';

/** A picture of few things says nothing that their list does not. */
const LEAST_FOR_PICTURES = 3;

/** How long the queue was and is, and how long jobs take; of the newest ones. */
export function QueueSummary({ refetchEveryMs }: { refetchEveryMs: number | false }) {
  const { organizationId } = useSession();
  const newest = useRoute('listJobs', { query: { organizationId, limit: 200 } }, { refetchEveryMs });
  const jobs = newest.data?.data;
  const depth = useMemo(() => depthOf(jobs ?? []), [jobs]);
  const queue = useMemo(
    () => [
      { label: t('status.queued'), values: depth.waiting, color: 'orange.6' },
      { label: t('status.running'), values: depth.running, color: 'gate.6' },
    ],
    [depth],
  );
  if (jobs === undefined || jobs.length === 0) return null;
  const count = (status: string) => jobs.filter((job) => job.status === status).length;
  const now = t('queueSentence', { queued: count('queued'), running: count('running') });
  const durations = jobs.filter(({ status }) => status === 'completed').flatMap((job) => durationMsOf(job) ?? []);
  const usual = median(durations);
  const usually = usual === null ? '' : t('durationSentence', { count: durations.length, usual: durationWords(usual) });
  if (jobs.length < LEAST_FOR_PICTURES) return <Text size="sm">{`${now} ${usually}`.trim()}</Text>;
  const { labels, counts } = histogramOf(durations);
  const most = Math.max(...depth.waiting);
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }}>
      <Card withBorder>
        <Chart
          kind="steps"
          sentence={`${now} ${t('queueMost', { count: jobs.length, most })}`}
          times={depth.times}
          series={queue}
        />
      </Card>
      {durations.length > 0 && (
        <Card withBorder>
          <Bars
            sentence={usually}
            header={t('took')}
            labels={labels}
            series={[{ label: t('title'), values: counts, color: 'gate.6' }]}
          />
        </Card>
      )}
    </SimpleGrid>
  );
}
