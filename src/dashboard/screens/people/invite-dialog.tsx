import { Button, Group, Modal, Radio, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { GrantedRole } from '../../../contract/roles.js';
import type { Answer } from '../../api/call.js';
import { useSession } from '../../api/session.js';
import { useChange } from '../../api/use-route.js';
import { ErrorNotice } from '../../parts/notice.js';
import { roleMeaning, roleName } from '../../parts/role-name.js';
import { t as parts } from '../../parts/words.js';
import { OneTimeLinkShown } from './one-time-link.js';
import { t } from './words.js';

type Made = Answer<'createInvite'>;

/** Whom to invite as what; then the link, where no letter carries it. */
export function InviteDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const [made, setMade] = useState<Made | null>(null);
  const close = () => {
    setMade(null);
    onClose();
  };
  return (
    <Modal opened={opened} onClose={close} title={t('inviteTitle')} closeButtonProps={{ 'aria-label': parts('close') }}>
      {made === null ? (
        <InviteForm onMade={setMade} />
      ) : (
        <Stack>
          <Text>{made.mailed ? t('inviteMailed', { email: made.invite.email }) : t('inviteByHand')}</Text>
          {!made.mailed && <OneTimeLinkShown link={made} />}
          <Group justify="flex-end">
            <Button onClick={close}>{t('done')}</Button>
          </Group>
        </Stack>
      )}
    </Modal>
  );
}

function InviteForm({ onMade }: { onMade: (made: Made) => void }) {
  const { organizationId, role: own } = useSession();
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<GrantedRole>('member');
  const create = useChange('createInvite', ['listInvites']);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const made = await create.run({ params: { organizationId }, body: { email, role } });
    if (made !== null) onMade(made);
  };
  const roles: readonly GrantedRole[] =
    own === 'owner' ? ['owner', 'admin', 'member', 'viewer'] : ['admin', 'member', 'viewer'];
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack>
        <TextInput
          label={t('email')}
          type="email"
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          required
          data-autofocus
        />
        <Radio.Group label={t('role')} value={role} onChange={(value) => setRole(value as GrantedRole)}>
          <Stack gap="xs" mt={6}>
            {roles.map((one) => (
              <Radio key={one} value={one} label={roleName(one)} description={roleMeaning(one)} />
            ))}
          </Stack>
        </Radio.Group>
        {create.error !== null && <ErrorNotice error={create.error} />}
        <Group justify="flex-end">
          <Button type="submit" loading={create.pending}>
            {t('inviteAction')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
