import { Alert, Anchor, Button, Code, List, Modal, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { useSession } from '../../api/session.js';
import { useChange, useRoute } from '../../api/use-route.js';
import { CodeBlock } from '../../parts/copy.js';
import { DataTable } from '../../parts/data-table.js';
import { FormActions } from '../../parts/form-actions.js';
import { Needs } from '../../parts/needs.js';
import { EmptyState, ErrorNotice } from '../../parts/notice.js';
import { Page } from '../../parts/page.js';
import { usePages } from '../../parts/use-pages.js';
import { When } from '../../parts/when.js';
import { number } from '../../words/words.js';
import { isAtWork } from './index-notice.js';
import { IndexState } from './index-state.js';
import { t } from './words.js';

/** Folders of files that questions are asked about. */
export default function WorkspaceList() {
  const { organizationId, may } = useSession();
  const pages = usePages(organizationId);
  const [working, setWorking] = useState(false);
  const [creating, setCreating] = useState(false);
  const list = useRoute(
    'listWorkspaces',
    { query: { ...pages.query, organizationId } },
    { refetchEveryMs: working ? 2000 : false },
  );
  const isWorking = list.data?.data.some(({ index }) => isAtWork(index)) ?? false;
  if (isWorking !== working) setWorking(isWorking);
  const button = may('projects:write') && <Button onClick={() => setCreating(true)}>{t('create')}</Button>;
  const skipped = list.data?.skipped ?? [];
  return (
    <Page title={t('title')} about={t('about')} actions={list.data?.data.length === 0 ? undefined : button}>
      <Needs scope="projects:read">
        <DataTable
          label={t('title')}
          rows={list.data?.data}
          from={list}
          rowKey={({ id }) => id}
          pages={pages.paged(list.data?.nextCursor)}
          empty={
            <EmptyState title={t('noneTitle')} action={button}>
              <Text mb="sm">{t('noneText')}</Text>
              <CodeBlock text="gatehouse workspaces create demo" what={t('command')} />
            </EmptyState>
          }
          columns={[
            {
              key: 'id',
              header: t('name'),
              cell: ({ id }) => (
                <Anchor
                  component={Link}
                  to={`/workspaces/${id}`}
                  fw={600}
                  size="sm"
                  style={{ overflowWrap: 'anywhere' }}
                >
                  {id}
                </Anchor>
              ),
              value: ({ id }) => id,
            },
            {
              key: 'index',
              header: t('indexState'),
              cell: ({ index }) => <IndexState index={index} />,
              value: ({ index }) => index.state,
            },
            {
              key: 'files',
              header: t('files'),
              cell: ({ index }) => number(index.filesTotal),
              value: ({ index }) => index.filesTotal,
            },
            {
              key: 'passages',
              header: t('passages'),
              cell: ({ index }) => number(index.passages),
              value: ({ index }) => index.passages,
            },
            {
              key: 'leftOut',
              header: t('leftOut'),
              cell: ({ index }) => number(Object.values(index.skipped).reduce((sum, count) => sum + count, 0)),
              value: ({ index }) => Object.values(index.skipped).reduce((sum, count) => sum + count, 0),
            },
            {
              key: 'builtAt',
              header: t('builtAt'),
              cell: ({ index }) => <When at={index.builtAt} />,
              value: ({ index }) => index.builtAt,
            },
          ]}
        />
        {skipped.length > 0 && (
          <Alert color="yellow" title={t('skippedFolders', { count: skipped.length })}>
            <List size="sm">
              {skipped.map(({ name, reason }) => (
                <List.Item key={name}>
                  <Code>{name}</Code> {reason}
                </List.Item>
              ))}
            </List>
          </Alert>
        )}
        <Create opened={creating} onClose={() => setCreating(false)} />
      </Needs>
    </Page>
  );
}

function Create({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { organizationId } = useSession();
  const navigate = useNavigate();
  const [id, setId] = useState('');
  const create = useChange('createWorkspace', ['listWorkspaces']);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if ((await create.run({ body: { id: id.trim(), organizationId } })) !== null) navigate(`/workspaces/${id.trim()}`);
  };
  const told = create.error?.status === 400 || create.error?.status === 409 ? create.error.detail : null;
  return (
    <Modal
      opened={opened}
      onClose={() => {
        create.reset();
        onClose();
      }}
      title={t('create')}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <form onSubmit={(event) => void submit(event)} noValidate>
        <Stack>
          <TextInput
            label={t('name')}
            description={t('nameHelp')}
            withAsterisk
            aria-required
            value={id}
            onChange={(event) => setId(event.currentTarget.value)}
            error={told}
            maxLength={64}
            spellCheck={false}
            data-autofocus
          />
          {create.error !== null && told === null && <ErrorNotice error={create.error} />}
          <FormActions onCancel={onClose} pending={create.pending}>
            {t('create')}
          </FormActions>
        </Stack>
      </form>
    </Modal>
  );
}
