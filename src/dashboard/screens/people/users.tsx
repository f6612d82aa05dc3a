import { Badge, Button, Group, Menu, Modal, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import type { OneTimeLink } from '../../../contract/auth.js';
import type { UpdateUser, UserView } from '../../../contract/users.js';
import { useSession } from '../../api/session.js';
import { useChange, useRoute } from '../../api/use-route.js';
import { Confirm } from '../../parts/confirm.js';
import { type Column, DataTable } from '../../parts/data-table.js';
import { EmptyState, ErrorNotice } from '../../parts/notice.js';
import { Page } from '../../parts/page.js';
import { usePages } from '../../parts/use-pages.js';
import { When } from '../../parts/when.js';
import { t as parts } from '../../parts/words.js';
import { AddUser } from './add-user.js';
import { OneTimeLinkShown } from './one-time-link.js';
import { PeopleTabs } from './tabs.js';
import { UserSessions } from './user-sessions.js';
import { t } from './words.js';

interface Shown {
  readonly title: string;
  readonly text: string;
  readonly link: OneTimeLink;
}

/** What is asked before it is done, by its words. */
const ASKED = { disable: 'disable', delete: 'deleteUser', passkeys: 'removePasskeys' } as const;

/** Every account of the instance, for operators. */
export default function Users() {
  const { user: self } = useSession();
  const [params] = useSearchParams();
  const search = params.get('search') ?? '';
  const { query, paged } = usePages(search);
  const users = useRoute('listUsers', { query: { ...query, ...(search === '' ? {} : { search }) } });
  const update = useChange('updateUser', ['listUsers']);
  const remove = useChange('deleteUser', ['listUsers']);
  const reset = useChange('makeResetLink', ['listUsers']);
  const [asking, setAsking] = useState<{ what: 'disable' | 'delete' | 'passkeys'; user: UserView } | null>(null);
  const [shown, setShown] = useState<Shown | null>(null);
  const [seen, setSeen] = useState<UserView | null>(null);
  const [adding, setAdding] = useState(false);
  const email = asking?.user.email ?? '';
  const what = ASKED[asking?.what ?? 'disable'];
  const error = update.error ?? reset.error;
  const act = (user: UserView, body: UpdateUser) => void update.run({ params: { id: user.id }, body });
  return (
    <Page
      title={t('users')}
      about={t('usersAbout')}
      actions={<Button onClick={() => setAdding(true)}>{t('addUser')}</Button>}
    >
      <PeopleTabs />
      {error !== null && <ErrorNotice error={error} />}
      <DataTable
        label={t('users')}
        rows={users.data?.data}
        columns={columns()}
        rowKey={({ id }) => id}
        rowName={(user) => user.email}
        from={users}
        searchable
        pages={paged(users.data?.nextCursor)}
        empty={<EmptyState title={t('usersEmpty')} />}
        rowMenu={(user) => (
          <>
            <Menu.Item
              onClick={async () => {
                const made = await reset.run({ params: { id: user.id } });
                if (made !== null)
                  setShown({ title: t('resetTitle', { email: user.email }), text: t('resetText'), link: made });
              }}
            >
              {t('resetLink')}
            </Menu.Item>
            <Menu.Item onClick={() => setSeen(user)}>{t('sessions')}</Menu.Item>
            {user.totp && <Menu.Item onClick={() => act(user, { totp: false })}>{t('stopTotp')}</Menu.Item>}
            {user.passkeys > 0 && (
              <Menu.Item onClick={() => setAsking({ what: 'passkeys', user })}>{t('removePasskeys')}</Menu.Item>
            )}
            <Menu.Item
              disabled={user.id === self.id}
              onClick={() => act(user, { instanceOperator: !user.instanceOperator })}
            >
              {user.instanceOperator ? t('stopOperator') : t('makeOperator')}
            </Menu.Item>
            {user.status === 'disabled' ? (
              <Menu.Item onClick={() => act(user, { status: 'active' })}>{t('enable')}</Menu.Item>
            ) : (
              <Menu.Item disabled={user.id === self.id} onClick={() => setAsking({ what: 'disable', user })}>
                {t('disable')}
              </Menu.Item>
            )}
            <Menu.Item color="red" disabled={user.id === self.id} onClick={() => setAsking({ what: 'delete', user })}>
              {t('deleteUser')}
            </Menu.Item>
          </>
        )}
      />
      <Confirm
        opened={asking !== null}
        onClose={() => setAsking(null)}
        title={t(`${what}Title`, { email })}
        {...(what === 'deleteUser' ? { name: email } : {})}
        action={t(what)}
        pending={remove.pending || update.pending}
        error={remove.error}
        onConfirm={async () => {
          const id = asking?.user.id ?? '';
          const body: UpdateUser = asking?.what === 'passkeys' ? { passkeys: 0 } : { status: 'disabled' };
          const done =
            asking?.what === 'delete'
              ? await remove.run({ params: { id } })
              : await update.run({ params: { id }, body });
          if (done !== null) setAsking(null);
        }}
      >
        <Text>{t(`${what}Text`, { count: asking?.user.passkeys ?? 0 })}</Text>
      </Confirm>
      <UserSessions user={seen} onClose={() => setSeen(null)} />
      <AddUser
        opened={adding}
        onClose={() => setAdding(false)}
        onMade={(user, link) => {
          setAdding(false);
          if (link !== null) setShown({ title: t('setupTitle', { email: user.email }), text: t('setupText'), link });
        }}
      />
      <Modal
        opened={shown !== null}
        onClose={() => setShown(null)}
        title={shown?.title}
        closeButtonProps={{ 'aria-label': parts('close') }}
      >
        {shown !== null && (
          <Stack>
            <Text>{shown.text}</Text>
            <OneTimeLinkShown link={shown.link} />
          </Stack>
        )}
      </Modal>
    </Page>
  );
}

function columns(): Column<UserView>[] {
  return [
    {
      key: 'email',
      header: t('email'),
      cell: ({ email, name, instanceOperator }) => (
        <Stack gap={2}>
          <Group gap="xs">
            {email}
            {instanceOperator && <Badge>{t('operator')}</Badge>}
          </Group>
          {name !== '' && (
            <Text size="sm" c="dimmed">
              {name}
            </Text>
          )}
        </Stack>
      ),
      value: ({ email }) => email,
    },
    { key: 'status', header: t('status'), cell: ({ status }) => t(status), value: ({ status }) => status },
    {
      key: 'memberships',
      header: t('memberships'),
      cell: ({ memberships }) => memberships.map(({ organizationName }) => organizationName).join(', '),
      value: ({ memberships }) => memberships.map(({ organizationName }) => organizationName).join(', '),
    },
    { key: 'sessions', header: t('sessions'), cell: ({ sessions }) => sessions, value: ({ sessions }) => sessions },
    { key: 'seen', header: t('seen'), cell: (one) => <When at={one.lastSeenAt} />, value: (one) => one.lastSeenAt },
  ];
}
