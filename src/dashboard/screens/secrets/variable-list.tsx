import { Button, Modal, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { VariableView } from '../../../contract/secrets.js';
import { useSession } from '../../api/session.js';
import { useRoute } from '../../api/use-route.js';
import { usePages } from '../../parts/use-pages.js';
import { SetVariable } from './set-variable.js';
import { ValueList } from './value-list.js';
import { t } from './words.js';

/** Public values of a workspace, as plain as they are. */
export function VariableList({ workspaceId }: { workspaceId: string }) {
  const { may } = useSession();
  const pages = usePages(workspaceId);
  const list = useRoute('listVariables', { params: { workspaceId }, query: pages.query });
  const [open, setOpen] = useState<VariableView | 'new' | null>(null);
  const edited = typeof open === 'object' ? open : null;
  const close = () => setOpen(null);
  return (
    <Stack>
      <ValueList<VariableView>
        kind="variable"
        workspaceId={workspaceId}
        rows={list.data?.data}
        from={list}
        pages={pages.paged(list.data?.nextCursor)}
        actions={may('projects:write') ? <Button onClick={() => setOpen('new')}>{t('addVariable')}</Button> : null}
        command={`gatehouse variables set ${workspaceId} REGION eu-west-1`}
        onChange={setOpen}
        columns={[
          {
            key: 'value',
            header: t('value'),
            cell: ({ value }) => (
              <Text size="sm" lineClamp={3} style={{ overflowWrap: 'anywhere' }}>
                {value}
              </Text>
            ),
            value: ({ value }) => value,
          },
        ]}
      />
      <Modal
        opened={open !== null}
        onClose={close}
        title={edited === null ? t('addVariable') : t('editTitle', { name: edited.name })}
        closeButtonProps={{ 'aria-label': t('close') }}
      >
        <SetVariable workspaceId={workspaceId} edited={edited} onClose={close} />
      </Modal>
    </Stack>
  );
}
