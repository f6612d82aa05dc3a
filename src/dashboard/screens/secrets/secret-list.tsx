import { Button, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { SecretView } from '../../../contract/secrets.js';
import { useSession } from '../../api/session.js';
import { useRoute } from '../../api/use-route.js';
import { State } from '../../parts/state.js';
import { usePages } from '../../parts/use-pages.js';
import { When } from '../../parts/when.js';
import { VaultNotice } from '../credentials/vault-notice.js';
import { ImportEnv } from './import-env.js';
import { SetSecret } from './set-secret.js';
import { ValueList } from './value-list.js';
import { t } from './words.js';

/** Names, hosts and times of the secrets of a workspace. Their values are nowhere to be had. */
export function SecretList({ workspaceId }: { workspaceId: string }) {
  const { may } = useSession();
  const pages = usePages(workspaceId);
  const list = useRoute('listSecrets', { params: { workspaceId }, query: pages.query });
  const [open, setOpen] = useState<SecretView | 'new' | 'import' | null>(null);
  const replaced = typeof open === 'object' ? open : null;
  const close = () => setOpen(null);
  return (
    <Stack>
      <VaultNotice sealed={list.data?.data ?? []} />
      <ValueList<SecretView>
        kind="secret"
        workspaceId={workspaceId}
        rows={list.data?.data}
        from={list}
        pages={pages.paged(list.data?.nextCursor)}
        actions={
          may('secrets:write') ? (
            <Group gap="xs">
              <Button onClick={() => setOpen('new')}>{t('addSecret')}</Button>
              <Button variant="default" onClick={() => setOpen('import')}>
                {t('importEnv')}
              </Button>
            </Group>
          ) : null
        }
        command={`gatehouse secrets set ${workspaceId} WEBHOOK_TOKEN --hosts hooks.example.com < token.txt`}
        onChange={setOpen}
        columns={[
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
        ]}
        more={[
          {
            key: 'lastUse',
            header: t('lastUse'),
            cell: ({ lastUsedAt }) => <When at={lastUsedAt} />,
            value: ({ lastUsedAt }) => lastUsedAt,
          },
          { key: 'note', header: t('note'), cell: ({ note }) => note, value: ({ note }) => note, hidden: true },
        ]}
      />
      <SetSecret
        key={replaced?.name ?? 'new'}
        workspaceId={workspaceId}
        replaced={replaced}
        opened={open === 'new' || replaced !== null}
        onClose={close}
      />
      <ImportEnv workspaceId={workspaceId} opened={open === 'import'} onClose={close} />
    </Stack>
  );
}
