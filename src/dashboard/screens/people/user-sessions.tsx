import { Button, Group, Modal, Stack } from '@mantine/core';
import type { SessionView } from '../../../contract/auth.js';
import type { UserView } from '../../../contract/users.js';
import { useChange, useRoute } from '../../api/use-route.js';
import { type Column, DataTable } from '../../parts/data-table.js';
import { EmptyState, ErrorNotice } from '../../parts/notice.js';
import { When } from '../../parts/when.js';
import { t as parts } from '../../parts/words.js';
import { t as account } from '../account/words.js';
import { t } from './words.js';

/** Where somebody is signed in, for operators; each session can be ended, and all of them. */
export function UserSessions({ user, onClose }: { user: UserView | null; onClose: () => void }) {
  return (
    <Modal
      opened={user !== null}
      onClose={onClose}
      title={t('sessionsTitle', { email: user?.email ?? '' })}
      size="xl"
      closeButtonProps={{ 'aria-label': parts('close') }}
    >
      {user !== null && <Sessions id={user.id} />}
    </Modal>
  );
}

function Sessions({ id }: { id: string }) {
  const sessions = useRoute('listUserSessions', { params: { id } });
  const end = useChange('endUserSession', ['listUserSessions', 'listUsers']);
  const endAll = useChange('endUserSessions', ['listUserSessions', 'listUsers']);
  const error = end.error ?? endAll.error;
  const columns: Column<SessionView>[] = [
    { key: 'device', header: account('device'), cell: ({ device }) => device, value: ({ device }) => device },
    { key: 'kind', header: account('kind'), cell: ({ kind }) => account(kind), value: ({ kind }) => kind },
    { key: 'address', header: account('address'), cell: ({ address }) => address, value: ({ address }) => address },
    { key: 'seen', header: t('seen'), cell: (one) => <When at={one.lastSeenAt} />, value: (one) => one.lastSeenAt },
    {
      key: 'end',
      header: account('end'),
      cell: (one) => (
        <Button
          size="compact-xs"
          variant="default"
          aria-label={`${account('end')}: ${one.device}`}
          onClick={() => void end.run({ params: { id, sessionId: one.id } })}
        >
          {account('end')}
        </Button>
      ),
    },
  ];
  return (
    <Stack>
      {error !== null && <ErrorNotice error={error} />}
      <DataTable
        label={t('sessions')}
        rows={sessions.data?.data}
        columns={columns}
        rowKey={(one) => one.id}
        from={sessions}
        empty={<EmptyState title={account('sessionsEmpty')} />}
      />
      {(sessions.data?.data.length ?? 0) > 0 && (
        <Group justify="flex-end">
          <Button variant="default" loading={endAll.pending} onClick={() => void endAll.run({ params: { id } })}>
            {t('endSessions')}
          </Button>
        </Group>
      )}
    </Stack>
  );
}
