import { Badge, Button, Card, Group, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { Membership } from '../../../contract/auth.js';
import { useSession } from '../../api/session.js';
import { useChange } from '../../api/use-route.js';
import { Confirm } from '../../parts/confirm.js';
import { ErrorNotice } from '../../parts/notice.js';
import { Section } from '../../parts/page.js';
import { roleName } from '../../parts/role-name.js';
import { said } from '../../parts/toast.js';
import { t } from './words.js';

export function ProfileSection() {
  const { user } = useSession();
  const [name, setName] = useState(user.name);
  const update = useChange('updateProfile', ['showProfile']);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if ((await update.run({ body: { name } })) !== null) said(t('saved'));
  };
  return (
    <Section title={t('profile')}>
      <Card withBorder>
        <Stack>
          <form onSubmit={(event) => void submit(event)}>
            <Group align="flex-end">
              <TextInput
                label={t('name')}
                value={name}
                onChange={(event) => setName(event.currentTarget.value)}
                autoComplete="name"
                maxLength={100}
                flex="1 1 14rem"
              />
              <TextInput label={t('email')} value={user.email} readOnly variant="filled" flex="1 1 14rem" />
              <Button type="submit" loading={update.pending} disabled={name.trim() === user.name}>
                {t('save')}
              </Button>
            </Group>
          </form>
          {update.error !== null && <ErrorNotice error={update.error} />}
          {user.memberships.map((membership) => (
            <OneMembership key={membership.organizationId} membership={membership} />
          ))}
          {user.instanceOperator && (
            <Text size="sm" c="dimmed">
              {t('operator')}
            </Text>
          )}
        </Stack>
      </Card>
    </Section>
  );
}

function OneMembership({ membership }: { membership: Membership }) {
  const { organizationId, organizationName, role } = membership;
  const [asking, setAsking] = useState(false);
  const leave = useChange('leaveOrganization', ['showProfile']);
  return (
    <Group justify="space-between">
      <Group gap="xs">
        <Text>{organizationName}</Text>
        <Badge>{roleName(role)}</Badge>
      </Group>
      <Button size="xs" variant="default" onClick={() => setAsking(true)}>
        {t('leave')}
      </Button>
      <Confirm
        opened={asking}
        onClose={() => setAsking(false)}
        title={t('leaveTitle', { organization: organizationName })}
        name={organizationName}
        action={t('leave')}
        pending={leave.pending}
        error={leave.error}
        onConfirm={() => void leave.run({ params: { organizationId } })}
      >
        <Text>{t('leaveText')}</Text>
      </Confirm>
    </Group>
  );
}
