import { Button, Checkbox, Modal, Select, Stack, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { OneTimeLink } from '../../../contract/auth.js';
import type { GrantedRole } from '../../../contract/roles.js';
import type { UserView } from '../../../contract/users.js';
import { useSession } from '../../api/session.js';
import { useChange } from '../../api/use-route.js';
import { ErrorNotice } from '../../parts/notice.js';
import { roleName } from '../../parts/role-name.js';
import { t as parts } from '../../parts/words.js';
import { t } from './words.js';

interface AddUserProps {
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly onMade: (user: UserView, link: OneTimeLink | null) => void;
}

/** An account in the organization one acts in; its holder chooses the password by a link. */
export function AddUser({ opened, onClose, onMade }: AddUserProps) {
  return (
    <Modal opened={opened} onClose={onClose} title={t('addUser')} closeButtonProps={{ 'aria-label': parts('close') }}>
      <AddUserForm onMade={onMade} />
    </Modal>
  );
}

function AddUserForm({ onMade }: Pick<AddUserProps, 'onMade'>) {
  const { organizationId } = useSession();
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const [role, setRole] = useState<GrantedRole>('member');
  const [instanceOperator, setOperator] = useState(false);
  const create = useChange('createUser', ['listUsers', 'listMembers']);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const body = { email, role, organizationId, instanceOperator, ...(name === '' ? {} : { name }) };
    const made = await create.run({ body });
    if (made !== null) onMade(made.user, made.link);
  };
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
        <TextInput
          label={t('memberName')}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          maxLength={100}
        />
        <Select
          label={t('role')}
          data={(['owner', 'admin', 'member', 'viewer'] as const).map((one) => ({ value: one, label: roleName(one) }))}
          value={role}
          onChange={(next) => next !== null && setRole(next as GrantedRole)}
        />
        <Checkbox
          label={t('operator')}
          description={t('operatorHelp')}
          checked={instanceOperator}
          onChange={(event) => setOperator(event.currentTarget.checked)}
        />
        {create.error !== null && <ErrorNotice error={create.error} />}
        <Button type="submit" loading={create.pending}>
          {t('create')}
        </Button>
      </Stack>
    </form>
  );
}
