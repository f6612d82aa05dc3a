import { Alert, Button, Group, Progress, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useState } from 'react';
import type { AskResult } from '../../../contract/ask.js';
import type { JobProgress, JobView } from '../../../contract/jobs.js';
import { useChange } from '../../api/use-route.js';
import { ErrorNotice, Waiting } from '../../parts/notice.js';
import { number } from '../../words/words.js';
import { AnswerText } from './answer-text.js';
import { CitationPanel } from './citation-panel.js';
import { Citations } from './citations.js';
import { HintWords, hintOf } from './hints.js';
import type { FollowedJob } from './use-job.js';
import { t } from './words.js';

interface JobAnswerProps {
  readonly id: string;
  readonly followed: FollowedJob;
  /** It was begun once more. */
  readonly onAgain: () => void;
}

/** What came of a question so far: waiting, running, an answer that grows, its places, or why there is none. */
export function JobAnswer({ id, followed, onAgain }: JobAnswerProps) {
  const { job, progress, citations, text, result, error } = followed;
  const [opened, setOpened] = useState<number | null>(null);
  const answer = result?.answer ?? text;
  const runs = job === null || job.status === 'queued' || job.status === 'running';
  if (error !== null) return <ErrorNotice error={error} />;
  return (
    <Stack gap="md">
      {runs && <Going id={id} job={job} progress={progress} hasText={answer !== ''} />}
      {answer !== '' && (
        <AnswerText text={answer} known={new Set(citations.map((one) => one.number))} onCitation={setOpened} />
      )}
      <span className="visually-hidden" role="status">
        {result === null ? '' : t('answered')}
      </span>
      {result !== null && <Cost result={result} />}
      <Citations citations={citations} onOpen={setOpened} />
      {job !== null && (job.status === 'failed' || job.status === 'cancelled') && (
        <Failed job={job} onAgain={onAgain} />
      )}
      {job?.workspaceId != null && (
        <CitationPanel
          workspaceId={job.workspaceId}
          citation={citations.find((one) => one.number === opened) ?? null}
          onClose={() => setOpened(null)}
        />
      )}
    </Stack>
  );
}

interface GoingProps {
  readonly id: string;
  readonly job: JobView | null;
  readonly progress: JobProgress | null;
  readonly hasText: boolean;
}

function Going({ id, job, progress, hasText }: GoingProps) {
  const cancel = useChange('cancelJob', ['listJobs', 'showJob']);
  if (job === null) return <Waiting />;
  const share = progress === null || progress.total === 0 ? null : Math.round((100 * progress.done) / progress.total);
  return (
    <Stack gap={6}>
      <Group justify="space-between" gap="xs">
        <Text size="sm" c="dimmed" role="status">
          {job.status === 'queued' ? t('queued') : (progress?.step ?? (hasText ? t('writing') : t('reading')))}
          {share === null ? '' : ` ${share} %`}
        </Text>
        <Button
          size="compact-sm"
          variant="default"
          loading={cancel.pending}
          onClick={() => void cancel.run({ params: { id } })}
        >
          {t('cancel')}
        </Button>
      </Group>
      <Progress value={share ?? 100} animated={share === null} size="sm" aria-label={t('progress')} />
      {cancel.error !== null && <ErrorNotice error={cancel.error} />}
    </Stack>
  );
}

function Cost({ result: { model, usage, droppedCitations } }: { result: AskResult }) {
  const parts = [model === null ? t('withoutModel') : t('byModel', { model })];
  if (usage?.inputTokens != null)
    parts.push(t('tokensIn', { count: usage.inputTokens, shown: number(usage.inputTokens) }));
  if (usage?.outputTokens != null)
    parts.push(t('tokensOut', { count: usage.outputTokens, shown: number(usage.outputTokens) }));
  if (usage?.costUsd != null)
    parts.push(
      t('cost', { cost: number(usage.costUsd, { style: 'currency', currency: 'USD', maximumFractionDigits: 4 }) }),
    );
  if (droppedCitations > 0) parts.push(t('dropped', { count: droppedCitations }));
  return (
    <Text size="sm" c="dimmed">
      {parts.join(' · ')}
    </Text>
  );
}

function Failed({ job, onAgain }: { job: JobView; onAgain: () => void }) {
  const retry = useChange('retryJob', ['listJobs', 'showJob']);
  const again = async () => {
    if ((await retry.run({ params: { id: job.id } })) !== null) onAgain();
  };
  const hint = hintOf(job.error?.code, job.workspaceId);
  return (
    <Alert
      color={job.status === 'cancelled' ? 'gray' : 'red'}
      icon={<IconAlertTriangle aria-hidden />}
      title={job.status === 'cancelled' ? t('cancelledTitle') : t('failedTitle')}
      role="alert"
    >
      <Stack gap="xs" align="flex-start">
        {job.error !== null && (
          <Text size="sm">
            {job.error.detail} ({job.error.code})
          </Text>
        )}
        <HintWords hint={hint} />
        <Button size="xs" variant="default" loading={retry.pending} onClick={() => void again()}>
          {t('again')}
        </Button>
        {retry.error !== null && <ErrorNotice error={retry.error} />}
      </Stack>
    </Alert>
  );
}
