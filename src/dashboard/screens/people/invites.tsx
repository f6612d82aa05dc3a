import { Button, Text } from '@mantine/core';
import { useState } from 'react';
import type { InviteView } from '../../../contract/organizations.js';
import { useSession } from '../../api/session.js';
import { useChange, useRoute } from '../../api/use-route.js';
import { Confirm } from '../../parts/confirm.js';
import { type Column, DataTable } from '../../parts/data-table.js';
import { Section } from '../../parts/page.js';
import { roleName } from '../../parts/role-name.js';
import { usePages } from '../../parts/use-pages.js';
import { When } from '../../parts/when.js';
import { t } from './words.js';

/** Invites that nobody accepted yet. */
export function Invites() {
  const { organizationId, may } = useSession();
  const { query, paged } = usePages(organizationId);
  const invites = useRoute('listInvites', { params: { organizationId }, query });
  const withdraw = useChange('withdrawInvite', ['listInvites']);
  const [asking, setAsking] = useState<InviteView | null>(null);
  const columns: Column<InviteView>[] = [
    { key: 'email', header: t('email'), cell: ({ email }) => email, value: ({ email }) => email },
    { key: 'role', header: t('role'), cell: ({ role }) => roleName(role), value: ({ role }) => role },
    { key: 'expires', header: t('expires'), cell: (one) => <When at={one.expiresAt} />, value: (one) => one.expiresAt },
    ...(may('members:write')
      ? [
          {
            key: 'withdraw',
            header: t('withdraw'),
            cell: (invite: InviteView) => (
              <Button
                size="compact-xs"
                variant="default"
                aria-label={`${t('withdraw')}: ${invite.email}`}
                onClick={() => setAsking(invite)}
              >
                {t('withdraw')}
              </Button>
            ),
          },
        ]
      : []),
  ];
  return (
    <Section title={t('invites')}>
      <DataTable
        label={t('invites')}
        rows={invites.data?.data}
        columns={columns}
        rowKey={({ id }) => id}
        from={invites}
        pages={paged(invites.data?.nextCursor)}
        empty={<Text c="dimmed">{t('invitesEmpty')}</Text>}
      />
      <Confirm
        opened={asking !== null}
        onClose={() => setAsking(null)}
        title={t('withdrawTitle', { email: asking?.email ?? '' })}
        action={t('withdraw')}
        pending={withdraw.pending}
        error={withdraw.error}
        onConfirm={async () => {
          const done = await withdraw.run({ params: { organizationId, inviteId: asking?.id ?? '' } });
          if (done !== null) setAsking(null);
        }}
      >
        <Text>{t('withdrawText')}</Text>
      </Confirm>
    </Section>
  );
}
