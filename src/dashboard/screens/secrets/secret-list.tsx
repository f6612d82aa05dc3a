import { Button, Code, Group, Menu, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { SecretView } from '../../../contract/secrets.js';
import { useSession } from '../../api/session.js';
import { useRoute } from '../../api/use-route.js';
import { CodeBlock } from '../../parts/copy.js';
import { DataTable } from '../../parts/data-table.js';
import { EmptyState } from '../../parts/notice.js';
import { State } from '../../parts/state.js';
import { usePages } from '../../parts/use-pages.js';
import { When } from '../../parts/when.js';
import { VaultNotice } from '../credentials/vault-notice.js';
import { DeleteValue } from './delete-value.js';
import { ImportEnv } from './import-env.js';
import { SetSecret } from './set-secret.js';
import { t } from './words.js';

/** Names, hosts and times of the secrets of a workspace. Their values are nowhere to be had. */
export function SecretList({ workspaceId }: { workspaceId: string }) {
  const { may } = useSession();
  const pages = usePages(workspaceId);
  const list = useRoute('listSecrets', { params: { workspaceId }, query: pages.query });
  const [open, setOpen] = useState<'new' | 'import' | null>(null);
  const [replaced, setReplaced] = useState<SecretView | null>(null);
  const [deleted, setDeleted] = useState<string | null>(null);
  const writes = may('secrets:write');
  const buttons = writes && (
    <Group gap="xs">
      <Button onClick={() => setOpen('new')}>{t('addSecret')}</Button>
      <Button variant="default" onClick={() => setOpen('import')}>
        {t('importEnv')}
      </Button>
    </Group>
  );
  return (
    <Stack>
      <VaultNotice sealed={list.data?.data ?? []} />
      <DataTable
        label={t('tabSecrets')}
        rows={list.data?.data}
        from={list}
        rowKey={({ name }) => name}
        rowName={({ name }) => name}
        pages={pages.paged(list.data?.nextCursor)}
        filters={buttons}
        empty={
          <EmptyState title={t('noSecretsTitle')} action={buttons}>
            <Text mb="sm">{t('noSecretsText')}</Text>
            <CodeBlock
              text={`gatehouse secrets set ${workspaceId} WEBHOOK_TOKEN --hosts hooks.example.com < token.txt`}
              what={t('command')}
            />
          </EmptyState>
        }
        columns={[
          {
            key: 'name',
            header: t('name'),
            cell: ({ name }) => <Code fw={600}>{name}</Code>,
            value: ({ name }) => name,
          },
          {
            key: 'hosts',
            header: t('hosts'),
            cell: ({ hosts }) => (hosts.length === 0 ? <Text size="sm">{t('nowhere')}</Text> : hosts.join(', ')),
            value: ({ hosts }) => hosts.join(' '),
          },
          {
            key: 'state',
            header: t('state'),
            cell: ({ state }) => <State tone={state === 'ready' ? 'good' : 'bad'}>{t(`state.${state}`)}</State>,
            value: ({ state }) => state,
          },
          {
            key: 'updated',
            header: t('updated'),
            cell: ({ updatedAt }) => <When at={updatedAt} />,
            value: ({ updatedAt }) => updatedAt,
          },
          {
            key: 'lastUse',
            header: t('lastUse'),
            cell: ({ lastUsedAt }) => <When at={lastUsedAt} />,
            value: ({ lastUsedAt }) => lastUsedAt,
          },
          { key: 'note', header: t('note'), cell: ({ note }) => note, value: ({ note }) => note, hidden: true },
        ]}
        {...(writes
          ? {
              rowMenu: (row: SecretView) => (
                <>
                  <Menu.Item onClick={() => setReplaced(row)}>{t('replace')}</Menu.Item>
                  <Menu.Item color="red" onClick={() => setDeleted(row.name)}>
                    {t('delete')}
                  </Menu.Item>
                </>
              ),
            }
          : {})}
      />
      <SetSecret
        key={replaced?.name ?? 'new'}
        workspaceId={workspaceId}
        replaced={replaced}
        opened={open === 'new' || replaced !== null}
        onClose={() => {
          setOpen(null);
          setReplaced(null);
        }}
      />
      <ImportEnv workspaceId={workspaceId} opened={open === 'import'} onClose={() => setOpen(null)} />
      <DeleteValue kind="secret" workspaceId={workspaceId} name={deleted} onClose={() => setDeleted(null)} />
    </Stack>
  );
}
