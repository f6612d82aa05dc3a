import { Badge, Button, Group, Text } from '@mantine/core';
import { useState } from 'react';
import type { SessionView } from '../../../contract/auth.js';
import { leave } from '../../api/call.js';
import { useChange, useRoute } from '../../api/use-route.js';
import { Confirm } from '../../parts/confirm.js';
import { type Column, DataTable } from '../../parts/data-table.js';
import { EmptyState, ErrorNotice } from '../../parts/notice.js';
import { Section } from '../../parts/page.js';
import { When } from '../../parts/when.js';
import { t } from './words.js';

/** Where one is signed in; each can be ended. */
export function Sessions() {
  const sessions = useRoute('listSessions');
  const end = useChange('endSession', ['listSessions']);
  const endAll = useChange('endSessions');
  const [asking, setAsking] = useState(false);
  const columns: Column<SessionView>[] = [
    {
      key: 'device',
      header: t('device'),
      cell: ({ device, current }) => (
        <Group gap="xs">
          {device}
          {current && <Badge>{t('current')}</Badge>}
        </Group>
      ),
      value: ({ device }) => device,
    },
    { key: 'kind', header: t('kind'), cell: ({ kind }) => t(kind), value: ({ kind }) => kind },
    { key: 'address', header: t('address'), cell: ({ address }) => address, value: ({ address }) => address },
    {
      key: 'seen',
      header: t('seen'),
      cell: ({ lastSeenAt }) => <When at={lastSeenAt} />,
      value: (one) => one.lastSeenAt,
    },
    {
      key: 'since',
      header: t('since'),
      cell: ({ createdAt }) => <When at={createdAt} />,
      value: (one) => one.createdAt,
    },
    {
      key: 'end',
      header: t('end'),
      cell: ({ id, current, device }) =>
        current ? null : (
          <Button
            size="compact-xs"
            variant="default"
            aria-label={`${t('end')}: ${device}`}
            onClick={() => void end.run({ params: { id } })}
          >
            {t('end')}
          </Button>
        ),
    },
  ];
  return (
    <Section
      title={t('sessions')}
      actions={
        <Button variant="default" size="xs" onClick={() => setAsking(true)}>
          {t('endAll')}
        </Button>
      }
    >
      {end.error !== null && <ErrorNotice error={end.error} />}
      <DataTable
        label={t('sessions')}
        rows={sessions.data?.data}
        columns={columns}
        rowKey={({ id }) => id}
        from={sessions}
        empty={<EmptyState title={t('sessionsEmpty')} />}
      />
      <Confirm
        opened={asking}
        onClose={() => setAsking(false)}
        title={t('endAllTitle')}
        action={t('endAll')}
        pending={endAll.pending}
        error={endAll.error}
        onConfirm={async () => {
          if ((await endAll.run()) !== null) leave('left');
        }}
      >
        <Text>{t('endAllText')}</Text>
      </Confirm>
    </Section>
  );
}
