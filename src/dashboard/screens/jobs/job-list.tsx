import { Anchor, Button, Menu, Select, Text } from '@mantine/core';
import { useState } from 'react';
import { Link, useNavigate, useSearchParams } from 'react-router';
import type { JobView } from '../../../contract/jobs.js';
import { ORIGIN } from '../../api/place.js';
import { useSession } from '../../api/session.js';
import { useAll } from '../../api/use-all.js';
import { useChange, useRoute } from '../../api/use-route.js';
import { CodeBlock } from '../../parts/copy.js';
import { DataTable } from '../../parts/data-table.js';
import { Needs } from '../../parts/needs.js';
import { EmptyState, ErrorNotice } from '../../parts/notice.js';
import { Page } from '../../parts/page.js';
import { useActors } from '../../parts/use-actors.js';
import { usePages } from '../../parts/use-pages.js';
import { When } from '../../parts/when.js';
import { durationMsOf, durationWords } from './durations.js';
import { JobState } from './job-state.js';
import { QueueSummary } from './queue-summary.js';
import { t } from './words.js';

const STATUSES = ['queued', 'running', 'completed', 'failed', 'cancelled'] as const;
const KINDS = ['ask'] as const;
const EVERY_MS = 3000;

const goesOn = ({ status }: JobView) => status === 'queued' || status === 'running';

/** What waits, what runs, and what came of it. */
export default function JobList() {
  const { may } = useSession();
  return (
    <Page title={t('title')} about={may('jobs:read_all') ? t('aboutAll') : t('about')}>
      <Needs scope="jobs:read">
        <Jobs />
      </Needs>
    </Page>
  );
}

function Jobs() {
  const { organizationId, may } = useSession();
  const navigate = useNavigate();
  const [params, setParams] = useSearchParams();
  const status = STATUSES.find((one) => one === params.get('status'));
  const kind = KINDS.find((one) => one === params.get('kind'));
  const workspaceId = params.get('workspaceId') ?? undefined;
  const pages = usePages(`${organizationId} ${status} ${kind} ${workspaceId}`);
  const [working, setWorking] = useState(false);
  const refetchEveryMs = working ? EVERY_MS : false;
  const query = {
    ...pages.query,
    organizationId,
    ...(status ? { status } : {}),
    ...(kind ? { kind } : {}),
    ...(workspaceId ? { workspaceId } : {}),
  };
  const list = useRoute('listJobs', { query }, { refetchEveryMs });
  const nameOf = useActors(list.data?.data.map(({ createdBy }) => createdBy) ?? []);
  const workspaces = useAll('listWorkspaces', { query: { organizationId } }, { enabled: may('projects:read') });
  const cancel = useChange('cancelJob', ['listJobs', 'showJob']);
  const retry = useChange('retryJob', ['listJobs', 'showJob']);
  const isWorking = list.data?.data.some(goesOn) ?? false;
  if (isWorking !== working) setWorking(isWorking);
  const error = cancel.error ?? retry.error;
  const filter = (name: string) => (value: string | null) =>
    setParams(
      (before) => {
        if (value === null) before.delete(name);
        else before.set(name, value);
        return before;
      },
      { replace: true },
    );
  return (
    <>
      <QueueSummary refetchEveryMs={refetchEveryMs} />
      {error !== null && <ErrorNotice error={error} />}
      <DataTable
        label={t('title')}
        rows={list.data?.data}
        from={list}
        rowKey={({ id }) => id}
        rowName={({ title }) => title}
        pages={pages.paged(list.data?.nextCursor)}
        filterNames={['status', 'kind', 'workspaceId']}
        filters={
          <>
            <Select
              aria-label={t('state')}
              placeholder={t('anyState')}
              data={STATUSES.map((value) => ({ value, label: t(`status.${value}`) }))}
              value={status ?? null}
              onChange={filter('status')}
              clearable
              w={170}
            />
            <Select
              aria-label={t('kind')}
              placeholder={t('anyKind')}
              data={KINDS.map((value) => ({ value, label: t(`kind.${value}`) }))}
              value={kind ?? null}
              onChange={filter('kind')}
              clearable
              w={150}
            />
            <Select
              aria-label={t('workspace')}
              placeholder={t('anyWorkspace')}
              data={workspaces.data?.map(({ id }) => id) ?? []}
              value={workspaceId ?? null}
              onChange={filter('workspaceId')}
              clearable
              searchable
              w={190}
            />
          </>
        }
        empty={
          <EmptyState
            title={t('noneTitle')}
            action={
              may('ask:run') ? (
                <Button component={Link} to="/ask">
                  {t('ask')}
                </Button>
              ) : undefined
            }
          >
            <Text mb="sm">{t('noneText')}</Text>
            <CodeBlock
              text={`curl -X POST ${ORIGIN}/api/ask -H "x-api-key: $GATEHOUSE_KEY" -H "Prefer: respond-async" \\\n  -H "Content-Type: application/json" -d '{"workspaceId": "example", "question": "…"}'`}
              what={t('command')}
            />
          </EmptyState>
        }
        columns={[
          {
            key: 'title',
            header: t('question'),
            cell: ({ id, title }) => (
              <Anchor
                component={Link}
                to={`/jobs/${id}`}
                size="sm"
                fw={600}
                lineClamp={2}
                style={{ overflowWrap: 'anywhere' }}
              >
                {title}
              </Anchor>
            ),
            value: ({ title }) => title,
          },
          {
            key: 'status',
            header: t('state'),
            cell: ({ status: now }) => <JobState status={now} />,
            value: ({ status: now }) => now,
          },
          {
            key: 'workspace',
            header: t('workspace'),
            cell: (job) => job.workspaceId ?? '–',
            value: (job) => job.workspaceId,
          },
          {
            key: 'created',
            header: t('asked'),
            cell: ({ createdAt }) => <When at={createdAt} />,
            value: ({ createdAt }) => createdAt,
          },
          {
            key: 'duration',
            header: t('took'),
            cell: (job) => durationWords(durationMsOf(job)),
            value: (job) => durationMsOf(job),
          },
          {
            key: 'error',
            header: t('error'),
            cell: (job) => job.error?.code ?? '',
            value: (job) => job.error?.code ?? null,
            hidden: true,
          },
          {
            key: 'by',
            header: t('by'),
            cell: ({ createdBy }) => nameOf(createdBy),
            value: ({ createdBy }) => createdBy,
            hidden: true,
          },
        ]}
        rowMenu={(job) => (
          <>
            <Menu.Item onClick={() => navigate(`/jobs/${job.id}`)}>{t('open')}</Menu.Item>
            {may('jobs:write') && goesOn(job) && (
              <Menu.Item onClick={() => void cancel.run({ params: { id: job.id } })}>{t('cancel')}</Menu.Item>
            )}
            {may('jobs:write') && (job.status === 'failed' || job.status === 'cancelled') && (
              <Menu.Item onClick={() => void retry.run({ params: { id: job.id } })}>{t('again')}</Menu.Item>
            )}
          </>
        )}
      />
    </>
  );
}
