import { Button, Group, List, SimpleGrid, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import type { WorkspaceView } from '../../../contract/workspaces.js';
import { useSession } from '../../api/session.js';
import { useChange, useRoute } from '../../api/use-route.js';
import { Confirm } from '../../parts/confirm.js';
import { Needs } from '../../parts/needs.js';
import { ErrorNotice, Loaded } from '../../parts/notice.js';
import { Page, Section } from '../../parts/page.js';
import { When } from '../../parts/when.js';
import { number } from '../../words/words.js';
import { ByDefault } from './by-default.js';
import { FileList } from './file-list.js';
import { IndexNotice, isAtWork } from './index-notice.js';
import { IndexState } from './index-state.js';
import { Rules } from './rules.js';
import { UploadPart } from './upload-part.js';
import { t } from './words.js';

/** One workspace: what is read of it, its files, who answers questions about it. */
export default function WorkspaceDetail() {
  const { workspaceId = '' } = useParams();
  const { may } = useSession();
  const [working, setWorking] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const shown = useRoute('showWorkspace', { params: { workspaceId } }, { refetchEveryMs: working ? 2000 : false });
  const isWorking = shown.data !== undefined && isAtWork(shown.data.workspace.index);
  if (isWorking !== working) setWorking(isWorking);
  return (
    <Page
      title={workspaceId}
      about={t('detailAbout')}
      actions={
        <>
          {may('ask:run') && (
            <Button component={Link} to={`/ask?workspace=${workspaceId}`}>
              {t('ask')}
            </Button>
          )}
          {may('projects:write') && may('secrets:write') && (
            <Button color="red" variant="outline" onClick={() => setDeleting(true)}>
              {t('delete')}
            </Button>
          )}
        </>
      }
    >
      <Needs scope="projects:read">
        <Loaded from={shown}>
          {({ workspace }) => (
            <>
              <IndexPart workspace={workspace} />
              <Section title={t('files')} about={t('filesAbout')}>
                {may('projects:write') && <UploadPart workspaceId={workspaceId} />}
                <FileList workspaceId={workspaceId} />
              </Section>
              {may('projects:write') && (
                <>
                  <Section title={t('byDefault')} about={t('byDefaultAbout')}>
                    <ByDefault key={JSON.stringify(workspace.defaultProvider)} workspace={workspace} />
                  </Section>
                  <Section title={t('rules')} about={t('rulesAbout')}>
                    <Rules key={JSON.stringify([workspace.include, workspace.exclude])} workspace={workspace} />
                  </Section>
                </>
              )}
            </>
          )}
        </Loaded>
        <Delete workspaceId={workspaceId} opened={deleting} onClose={() => setDeleting(false)} />
      </Needs>
    </Page>
  );
}

function IndexPart({ workspace }: { workspace: WorkspaceView }) {
  const { may } = useSession();
  const update = useChange('indexWorkspace', ['showWorkspace', 'listFiles']);
  const { index } = workspace;
  const skipped = Object.entries(index.skipped).sort(([, a], [, b]) => b - a);
  const facts = [
    [t('files'), number(index.filesTotal)],
    [t('passages'), number(index.passages)],
    [t('inMemory'), t('megabytes', { count: number(index.memoryBytes / 1e6, { maximumFractionDigits: 1 }) })],
  ];
  return (
    <Section
      title={t('indexState')}
      actions={
        may('projects:write') ? (
          <Button
            size="xs"
            variant="default"
            loading={update.pending}
            onClick={() => void update.run({ params: { workspaceId: workspace.id } })}
          >
            {t('updateIndex')}
          </Button>
        ) : undefined
      }
    >
      <IndexNotice workspace={workspace} />
      <Group gap="xl">
        <Stack gap={2}>
          <IndexState index={index} />
          <Text size="sm" c="dimmed">
            {t('builtAt')}: <When at={index.builtAt} />
          </Text>
        </Stack>
        <SimpleGrid cols={3} component="dl" m={0} spacing="xl">
          {facts.map(([label, value]) => (
            <div key={label}>
              <Text component="dt" size="sm" c="dimmed">
                {label}
              </Text>
              <Text component="dd" m={0} fw={600}>
                {value}
              </Text>
            </div>
          ))}
        </SimpleGrid>
      </Group>
      {skipped.length > 0 && (
        <Text size="sm" component="div">
          {t('leftOutOf')}
          <List size="sm">
            {skipped.map(([reason, count]) => (
              <List.Item key={reason}>{t('leftOutLine', { count, shown: number(count), reason })}</List.Item>
            ))}
          </List>
        </Text>
      )}
      {update.error !== null && <ErrorNotice error={update.error} />}
    </Section>
  );
}

function Delete({ workspaceId, opened, onClose }: { workspaceId: string; opened: boolean; onClose: () => void }) {
  const navigate = useNavigate();
  const remove = useChange('deleteWorkspace', ['listWorkspaces']);
  return (
    <Confirm
      opened={opened}
      onClose={() => {
        remove.reset();
        onClose();
      }}
      title={t('deleteTitle', { name: workspaceId })}
      name={workspaceId}
      action={t('delete')}
      pending={remove.pending}
      error={remove.error}
      onConfirm={async () => {
        const answer = await remove.run({ params: { workspaceId }, query: { confirm: workspaceId } });
        if (answer !== null) navigate('/workspaces');
      }}
    >
      <Text size="sm">{t('deleteText')}</Text>
    </Confirm>
  );
}
