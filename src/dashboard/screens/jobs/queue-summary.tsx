import { Group, Text } from '@mantine/core';
import { useSession } from '../../api/session.js';
import { useRoute } from '../../api/use-route.js';
import { Sparkline } from '../../parts/sparkline.js';
import { durationMsOf, durationWords, median } from './durations.js';
import { t } from './words.js';

/** How long the queue is and how long jobs take, in a sentence and a line. */
export function QueueSummary({ refetchEveryMs }: { refetchEveryMs: number | false }) {
  const { organizationId } = useSession();
  const newest = useRoute('listJobs', { query: { organizationId, limit: 200 } }, { refetchEveryMs });
  const jobs = newest.data?.data ?? [];
  if (jobs.length === 0) return null;
  const count = (status: string) => jobs.filter((job) => job.status === status).length;
  const durations = jobs
    .filter(({ status }) => status === 'completed')
    .flatMap((job) => durationMsOf(job) ?? [])
    .reverse();
  const usual = median(durations);
  const sentence = [
    t('queueSentence', { queued: count('queued'), running: count('running') }),
    ...(usual === null ? [] : [t('durationSentence', { count: durations.length, usual: durationWords(usual) })]),
  ].join(' ');
  return (
    <Group gap="md">
      <Text size="sm">{sentence}</Text>
      {durations.length > 2 && Math.max(...durations) > 0 && (
        <Sparkline values={durations.slice(-50)} sentence={t('durations')} width={140} />
      )}
    </Group>
  );
}
