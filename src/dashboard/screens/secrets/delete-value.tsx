import { Text } from '@mantine/core';
import { useChange } from '../../api/use-route.js';
import { Confirm } from '../../parts/confirm.js';
import { t } from './words.js';

interface DeleteValueProps {
  readonly kind: 'secret' | 'variable';
  readonly workspaceId: string;
  /** `null`: nothing is asked. */
  readonly name: string | null;
  readonly onClose: () => void;
}

export function DeleteValue({ kind, workspaceId, name, onClose }: DeleteValueProps) {
  const secret = useChange('deleteSecret', ['listSecrets']);
  const variable = useChange('deleteVariable', ['listVariables']);
  const remove = kind === 'secret' ? secret : variable;
  const close = () => {
    remove.reset();
    onClose();
  };
  return (
    <Confirm
      key={name}
      opened={name !== null}
      onClose={close}
      title={t('deleteTitle', { name: name ?? '' })}
      name={name ?? ''}
      action={t('delete')}
      pending={remove.pending}
      error={remove.error}
      onConfirm={async () => {
        if ((await remove.run({ params: { workspaceId, name: name ?? '' } })) !== null) close();
      }}
    >
      <Text size="sm">{kind === 'secret' ? t('deleteSecretText') : t('deleteVariableText')}</Text>
    </Confirm>
  );
}
