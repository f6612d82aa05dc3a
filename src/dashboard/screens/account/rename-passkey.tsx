import { Modal, Stack, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { PasskeyView } from '../../../contract/passkeys.js';
import { useChange } from '../../api/use-route.js';
import { FormActions } from '../../parts/form-actions.js';
import { ErrorNotice } from '../../parts/notice.js';
import { t as parts } from '../../parts/words.js';
import { t } from './words.js';

export function RenamePasskey({ passkey, onClose }: { passkey: PasskeyView | null; onClose: () => void }) {
  const [name, setName] = useState(passkey?.name ?? '');
  const rename = useChange('renamePasskey', ['listPasskeys']);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const done = await rename.run({ params: { id: passkey?.id ?? '' }, body: { name } });
    if (done !== null) onClose();
  };
  return (
    <Modal
      opened={passkey !== null}
      onClose={onClose}
      title={t('passkeyRenameTitle', { name: passkey?.name ?? '' })}
      closeButtonProps={{ 'aria-label': parts('close') }}
    >
      <form onSubmit={(event) => void submit(event)}>
        <Stack>
          <TextInput
            label={t('passkeyName')}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            maxLength={60}
            required
            data-autofocus
          />
          {rename.error !== null && <ErrorNotice error={rename.error} />}
          <FormActions onCancel={onClose} pending={rename.pending}>
            {t('save')}
          </FormActions>
        </Stack>
      </form>
    </Modal>
  );
}
