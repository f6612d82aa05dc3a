import { Badge, Group, Menu, Select, Text } from '@mantine/core';
import { useState } from 'react';
import type { MemberView } from '../../../contract/organizations.js';
import type { GrantedRole } from '../../../contract/roles.js';
import { useSession } from '../../api/session.js';
import { useChange, useRoute } from '../../api/use-route.js';
import { Confirm } from '../../parts/confirm.js';
import { type Column, DataTable } from '../../parts/data-table.js';
import { EmptyState, ErrorNotice } from '../../parts/notice.js';
import { Section } from '../../parts/page.js';
import { roleName } from '../../parts/role-name.js';
import { usePages } from '../../parts/use-pages.js';
import { When } from '../../parts/when.js';
import { t } from './words.js';

const GRANTED: readonly GrantedRole[] = ['owner', 'admin', 'member', 'viewer'];

/** Who belongs here. What somebody's role does not let them change is plain text to them. */
export function Members() {
  const { organizationId, user, role, may } = useSession();
  const { query, paged } = usePages(organizationId);
  const members = useRoute('listMembers', { params: { organizationId }, query });
  const change = useChange('changeRole', ['listMembers', 'showProfile']);
  const remove = useChange('removeMember', ['listMembers']);
  const [leaving, setLeaving] = useState<MemberView | null>(null);
  const mayChange = (member: MemberView) => may('members:write') && (role === 'owner' || member.role !== 'owner');
  const columns: Column<MemberView>[] = [
    {
      key: 'name',
      header: t('memberName'),
      cell: (member) => (
        <Group gap="xs">
          {member.name || member.email}
          {member.userId === user.id && <Badge>{t('you')}</Badge>}
          {member.disabled && <Badge color="red">{t('disabled')}</Badge>}
        </Group>
      ),
      value: ({ name, email }) => name || email,
    },
    { key: 'email', header: t('email'), cell: ({ email }) => email, value: ({ email }) => email },
    {
      key: 'role',
      header: t('role'),
      cell: (member) =>
        mayChange(member) && member.role !== 'guest' ? (
          <Select
            aria-label={t('changeRole', { name: member.email })}
            data={GRANTED.filter((one) => one !== 'owner' || role === 'owner').map((one) => ({
              value: one,
              label: roleName(one),
            }))}
            value={member.role}
            onChange={(next) =>
              next !== null &&
              void change.run({
                params: { organizationId, userId: member.userId },
                body: { role: next as GrantedRole },
              })
            }
            size="xs"
            w={130}
          />
        ) : (
          roleName(member.role)
        ),
      value: (member) => member.role,
    },
    { key: 'since', header: t('since'), cell: ({ since }) => <When at={since} />, value: ({ since }) => since },
  ];
  return (
    <Section title={t('members')}>
      {change.error !== null && <ErrorNotice error={change.error} />}
      <DataTable
        label={t('members')}
        rows={members.data?.data}
        columns={columns}
        rowKey={({ userId }) => userId}
        rowName={({ email }) => email}
        from={members}
        pages={paged(members.data?.nextCursor)}
        empty={<EmptyState title={t('onlyYou')} />}
        {...(may('members:write')
          ? {
              rowMenu: (member: MemberView) => (
                <Menu.Item color="red" disabled={!mayChange(member)} onClick={() => setLeaving(member)}>
                  {t('remove')}
                </Menu.Item>
              ),
            }
          : {})}
      />
      <Confirm
        opened={leaving !== null}
        onClose={() => setLeaving(null)}
        title={t('removeTitle', { name: leaving?.name || (leaving?.email ?? '') })}
        name={leaving?.email ?? ''}
        action={t('remove')}
        pending={remove.pending}
        error={remove.error}
        onConfirm={async () => {
          const done = await remove.run({ params: { organizationId, userId: leaving?.userId ?? '' } });
          if (done !== null) setLeaving(null);
        }}
      >
        <Text>{t('removeText')}</Text>
      </Confirm>
    </Section>
  );
}
