import { Group, Stack, Text } from '@mantine/core';
import type { JobView } from '../../../contract/jobs.js';
import { useSession } from '../../api/session.js';
import { useRoute } from '../../api/use-route.js';
import { useActors } from '../../parts/use-actors.js';
import { absolute } from '../../parts/when.js';
import { t } from './words.js';

interface Entry {
  readonly at: string;
  readonly words: string;
}

/** What happened to a job, in order; who cancelled it or began it once more is in the audit log. */
export function JobLog({ job }: { job: JobView }) {
  const { isOperator, organizationId, may } = useSession();
  const where = isOperator ? {} : { organizationId };
  const acts = useRoute(
    'listAudit',
    { query: { ...where, target: job.id, limit: 50 } },
    { enabled: may('audit:read') },
  );
  const nameOf = useActors([job.createdBy, ...(acts.data?.data.map(({ actor }) => actor) ?? [])]);
  const said = acts.data?.data.flatMap(({ at, action, actor, outcome }): Entry[] => {
    if (outcome !== 'ok') return [];
    if (action === 'job.retry') return [{ at, words: t('logRetry', { by: nameOf(actor) }) }];
    return action === 'job.cancel' ? [{ at, words: t('logCancel', { by: nameOf(actor) }) }] : [];
  });
  const error = job.error === null ? '' : ` (${job.error.code}: ${job.error.detail})`;
  const entries: Entry[] = [
    { at: job.createdAt, words: t('logAsked', { by: nameOf(job.createdBy) }) },
    ...(said ?? []),
    ...(job.startedAt === null ? [] : [{ at: job.startedAt, words: t('logStarted', { count: job.attempts }) }]),
    ...(job.finishedAt === null
      ? []
      : [{ at: job.finishedAt, words: t('logEnded', { state: t(`status.${job.status}`) }) + error }]),
  ];
  const sorted = entries.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  return (
    <Stack component="ol" gap={6} m={0} p={0} style={{ listStyle: 'none' }} aria-label={t('log')}>
      {sorted.map(({ at, words }) => (
        <Group key={at + words} component="li" gap="sm" align="baseline">
          <Text component="time" dateTime={at} size="sm" c="dimmed">
            {absolute(at)}
          </Text>
          <Text size="sm" flex="1 1 14rem" style={{ overflowWrap: 'anywhere' }}>
            {words}
          </Text>
        </Group>
      ))}
    </Stack>
  );
}
