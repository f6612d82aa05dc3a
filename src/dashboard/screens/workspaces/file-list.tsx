import { Anchor, Menu, Text } from '@mantine/core';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { useSession } from '../../api/session.js';
import { useChange, useRoute } from '../../api/use-route.js';
import { Confirm } from '../../parts/confirm.js';
import { DataTable } from '../../parts/data-table.js';
import { EmptyState } from '../../parts/notice.js';
import { State } from '../../parts/state.js';
import { TypedFilter } from '../../parts/typed-filter.js';
import { usePages } from '../../parts/use-pages.js';
import { When } from '../../parts/when.js';
import { number } from '../../words/words.js';
import { FilePanel } from './file-panel.js';
import { t } from './words.js';

/** The files of a workspace by path, and which of them answer questions. */
export function FileList({ workspaceId }: { workspaceId: string }) {
  const { may } = useSession();
  const [params] = useSearchParams();
  const prefix = params.get('prefix') ?? '';
  const pages = usePages(`${workspaceId} ${prefix}`);
  const [opened, setOpened] = useState<string | null>(null);
  const [deleted, setDeleted] = useState<string | null>(null);
  const list = useRoute('listFiles', {
    params: { workspaceId },
    query: { ...pages.query, ...(prefix === '' ? {} : { prefix }) },
  });
  return (
    <>
      <DataTable
        label={t('files')}
        rows={list.data?.data}
        from={list}
        rowKey={({ path }) => path}
        pages={pages.paged(list.data?.nextCursor)}
        filterNames={['prefix']}
        filters={<TypedFilter name="prefix" label={t('pathBegins')} />}
        empty={<EmptyState title={t('noFilesTitle')}>{t('noFilesText')}</EmptyState>}
        columns={[
          {
            key: 'path',
            header: t('path'),
            cell: ({ path }) =>
              path.endsWith('/') ? (
                path
              ) : (
                <Anchor
                  component="button"
                  type="button"
                  size="sm"
                  ta="start"
                  mih={24}
                  style={{ overflowWrap: 'anywhere' }}
                  onClick={() => setOpened(path)}
                >
                  {path}
                </Anchor>
              ),
            value: ({ path }) => path,
          },
          {
            key: 'indexed',
            header: t('answers'),
            cell: ({ indexed, reason }) => (
              <State tone={indexed ? 'good' : 'quiet'}>{indexed ? t('isRead') : (reason ?? t('isNotRead'))}</State>
            ),
            value: ({ indexed, reason }) => (indexed ? '' : (reason ?? '-')),
          },
          {
            key: 'bytes',
            header: t('size'),
            cell: ({ bytes }) => t('kilobytes', { count: number(bytes / 1000, { maximumFractionDigits: 1 }) }),
            value: ({ bytes }) => bytes,
          },
          {
            key: 'modified',
            header: t('changed'),
            cell: ({ modifiedAt }) => <When at={modifiedAt} />,
            value: ({ modifiedAt }) => modifiedAt,
          },
        ]}
        {...(may('projects:write')
          ? {
              rowMenu: ({ path }: { path: string }) => (
                <Menu.Item color="red" disabled={path.endsWith('/')} onClick={() => setDeleted(path)}>
                  {t('deleteFile')}
                </Menu.Item>
              ),
            }
          : {})}
      />
      <FilePanel workspaceId={workspaceId} path={opened} onClose={() => setOpened(null)} />
      <DeleteFile workspaceId={workspaceId} path={deleted} onClose={() => setDeleted(null)} />
    </>
  );
}

function DeleteFile({ workspaceId, path, onClose }: { workspaceId: string; path: string | null; onClose: () => void }) {
  const remove = useChange('deleteFile', ['listFiles', 'showWorkspace']);
  return (
    <Confirm
      opened={path !== null}
      onClose={() => {
        remove.reset();
        onClose();
      }}
      title={t('deleteFile')}
      action={t('deleteFile')}
      pending={remove.pending}
      error={remove.error}
      onConfirm={async () => {
        if ((await remove.run({ params: { workspaceId }, query: { path: path ?? '' } })) !== null) onClose();
      }}
    >
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        {t('deleteFileText', { path: path ?? '' })}
      </Text>
    </Confirm>
  );
}
