import { Box, Button, Code, Text } from '@mantine/core';
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import type { JobView } from '../../../contract/jobs.js';
import { useSession } from '../../api/session.js';
import { Fact, FactList } from '../../parts/facts.js';
import { Needs } from '../../parts/needs.js';
import { Page, Section } from '../../parts/page.js';
import { useActors } from '../../parts/use-actors.js';
import { When } from '../../parts/when.js';
import { JobAnswer } from '../ask/job-answer.js';
import { useJob } from '../ask/use-job.js';
import { durationMsOf, durationWords } from './durations.js';
import { JobLog } from './job-log.js';
import { JobState } from './job-state.js';
import { t } from './words.js';

/** One job as it goes on: its state, its times, its answer. */
export default function JobDetail() {
  const { id = '' } = useParams();
  return (
    <Needs scope="jobs:read">
      <Detail key={id} id={id} />
    </Needs>
  );
}

function Detail({ id }: { id: string }) {
  const { may } = useSession();
  const [again, setAgain] = useState(0);
  const followed = useJob(id, again);
  const { job } = followed;
  return (
    <Page
      title={job?.title ?? t('job')}
      about={t('detailAbout')}
      actions={
        job?.status === 'completed' && job.workspaceId !== null && may('ask:run') ? (
          <Button component={Link} to={`/ask?workspace=${job.workspaceId}&jobs=${id}`}>
            {t('askOn')}
          </Button>
        ) : undefined
      }
    >
      {job !== null && <Facts job={job} />}
      <Section title={t('result')}>
        <Box maw={860}>
          <JobAnswer id={id} followed={followed} onAgain={() => setAgain(again + 1)} />
        </Box>
      </Section>
      {job !== null && (
        <Section title={t('log')}>
          <JobLog job={job} />
        </Section>
      )}
    </Page>
  );
}

function Facts({ job }: { job: JobView }) {
  const nameOf = useActors([job.createdBy]);
  return (
    <FactList columns={4}>
      <Fact label={t('state')}>
        <JobState status={job.status} />
      </Fact>
      <Fact label={t('workspace')}>{job.workspaceId ?? '–'}</Fact>
      <Fact label={t('asked')}>
        <When at={job.createdAt} />
      </Fact>
      <Fact label={t('started')}>
        <When at={job.startedAt} />
      </Fact>
      <Fact label={t('ended')}>
        <When at={job.finishedAt} />
      </Fact>
      <Fact label={t('took')}>{durationWords(durationMsOf(job))}</Fact>
      <Fact label={t('attempts')}>{job.attempts}</Fact>
      <Fact label={t('by')}>
        <Text span title={job.createdBy} style={{ overflowWrap: 'anywhere' }}>
          {nameOf(job.createdBy)}
        </Text>
      </Fact>
      <Fact label={t('id')}>
        <Code style={{ overflowWrap: 'anywhere' }}>{job.id}</Code>
      </Fact>
    </FactList>
  );
}
