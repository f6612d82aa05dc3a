import { Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import type { JobQueued } from '../../../contract/jobs.js';
import type { WorkspaceView } from '../../../contract/workspaces.js';
import { ORIGIN } from '../../api/place.js';
import { useChange } from '../../api/use-route.js';
import { CodeBlock } from '../../parts/copy.js';
import { Needs } from '../../parts/needs.js';
import { ErrorNotice } from '../../parts/notice.js';
import { Page } from '../../parts/page.js';
import { IndexNotice } from '../workspaces/index-notice.js';
import { InWorkspace, useWorkspaceChoice, WorkspacePicker } from '../workspaces/workspace-choice.js';
import { type Asked, AskForm } from './ask-form.js';
import { HintWords, hintOf } from './hints.js';
import { JobAnswer } from './job-answer.js';
import { useJob } from './use-job.js';
import { t } from './words.js';

/** Questions about the files of a workspace. The address holds the jobs of the conversation: leaving loses nothing. */
export default function Ask() {
  const choice = useWorkspaceChoice();
  return (
    <Page title={t('title')} about={t('about')} actions={<WorkspacePicker choice={choice} />}>
      <Needs scope="ask:run">
        <InWorkspace choice={choice}>
          {(workspace) => <Conversation key={workspace.id} workspace={workspace} />}
        </InWorkspace>
      </Needs>
    </Page>
  );
}

function Conversation({ workspace }: { workspace: WorkspaceView }) {
  const [params, setParams] = useSearchParams();
  const jobs = params.get('jobs')?.split(',').filter(Boolean) ?? [];
  const [asked, setAsked] = useState<Readonly<Record<string, string>>>({});
  const ask = useChange('ask', ['listJobs']);
  const previous = jobs.at(-1);
  const send = async ({ question, ...choices }: Asked): Promise<boolean> => {
    const body = {
      workspaceId: workspace.id,
      question,
      ...choices,
      ...(previous === undefined ? {} : { previousJobId: previous }),
    };
    const answer = await ask.run({ body, headers: { prefer: 'respond-async' } });
    if (answer === null) return false;
    const { jobId } = answer as unknown as JobQueued;
    setAsked((before) => ({ ...before, [jobId]: question }));
    setParams((before) => {
      before.set('workspace', workspace.id);
      before.set('jobs', [...jobs, jobId].join(','));
      return before;
    });
    return true;
  };
  const anew = () =>
    setParams((before) => {
      before.delete('jobs');
      return before;
    });
  const hint = hintOf(ask.error?.code, workspace.id);
  return (
    <Stack gap="lg" maw={860}>
      <IndexNotice workspace={workspace} />
      {jobs.map((id) => (
        <Turn key={id} id={id} question={asked[id] ?? null} />
      ))}
      {jobs.length > 0 && (
        <Group justify="space-between">
          <Title order={2} size="h4">
            {t('followUp')}
          </Title>
          <Button variant="default" size="xs" onClick={anew}>
            {t('newConversation')}
          </Button>
        </Group>
      )}
      {ask.error !== null && (
        <Stack gap="xs">
          <ErrorNotice error={ask.error} />
          <HintWords hint={hint} />
        </Stack>
      )}
      <AskForm workspace={workspace} pending={ask.pending} onAsk={send} isFollowUp={jobs.length > 0} />
      {jobs.length === 0 && (
        <details>
          <Text component="summary" size="sm" c="dimmed" style={{ cursor: 'pointer' }}>
            {t('sameByCurl')}
          </Text>
          <CodeBlock
            text={`curl -X POST ${ORIGIN}/api/ask -H "x-api-key: $GATEHOUSE_KEY" \\\n  -H "Content-Type: application/json" -d '{"workspaceId": "${workspace.id}", "question": "…"}'`}
            what={t('command')}
          />
        </details>
      )}
    </Stack>
  );
}

/** One question and what came of it. */
function Turn({ id, question }: { id: string; question: string | null }) {
  const [again, setAgain] = useState(0);
  const followed = useJob(id, again);
  return (
    <Paper withBorder p="md" component="article">
      <Stack gap="md">
        <Title order={2} size="h4" style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>
          {question ?? followed.job?.title ?? '…'}
        </Title>
        <JobAnswer id={id} followed={followed} onAgain={() => setAgain(again + 1)} />
      </Stack>
    </Paper>
  );
}
