import { Text } from '@mantine/core';
import type { CredentialShown } from '../../../contract/credentials.js';
import { useChange } from '../../api/use-route.js';
import { Confirm } from '../../parts/confirm.js';
import { relative } from '../../parts/when.js';
import { t } from './words.js';

interface DeleteCredentialProps extends CredentialShown {
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly onDeleted: () => void;
}

/** Says who would fail before it asks for the name. */
export function DeleteCredential({ credential, usedBy, opened, onClose, onDeleted }: DeleteCredentialProps) {
  const remove = useChange('deleteCredential', ['listCredentials']);
  const confirm = async () => {
    const params = { workspaceId: credential.workspaceId, credential: credential.id };
    const force = usedBy.length > 0 ? 'true' : 'false';
    if ((await remove.run({ params, query: { force } })) !== null) onDeleted();
  };
  return (
    <Confirm
      opened={opened}
      onClose={() => {
        remove.reset();
        onClose();
      }}
      title={t('deleteTitle', { name: credential.name })}
      name={credential.name}
      action={t('delete')}
      pending={remove.pending}
      error={remove.error}
      onConfirm={() => void confirm()}
    >
      <Text size="sm">
        {usedBy.length === 0
          ? t('deleteUnused')
          : t('deleteUsed', { count: usedBy.length, names: usedBy.map(({ name }) => name).join(', ') })}
      </Text>
      <Text size="sm">
        {credential.lastUsedAt === null ? t('neverUsed') : t('lastUsed', { when: relative(credential.lastUsedAt) })}{' '}
        {t('deleteForGood')}
      </Text>
    </Confirm>
  );
}
