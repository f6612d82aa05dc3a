import { Alert, Modal, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { EnvKeyView } from '../../../../contract/keys.js';
import { useSession } from '../../../api/session.js';
import { useChange } from '../../../api/use-route.js';
import { fieldErrors } from '../../../parts/field-errors.js';
import { FormActions } from '../../../parts/form-actions.js';
import { ErrorNotice } from '../../../parts/notice.js';
import { said } from '../../../parts/toast.js';
import { API_KEYS } from '../family.js';
import { ScopesField } from '../form/scopes-field.js';
import { t, tf } from '../words.js';

/** Takes a key of the environment into the file: one step, and its callers change nothing. */
export function Adopt({ envKey, onClose }: { envKey: EnvKeyView; onClose: () => void }) {
  const { organizationId } = useSession();
  const adopt = useChange('adoptEnvKey', ['listEnvKeys', 'listKeys']);
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<string[]>([...API_KEYS.preset]);
  const [isMissing, setMissing] = useState(false);
  const errors = fieldErrors(adopt.error);
  const at = (field: string) => errors.find((one) => one.field === field)?.words;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() === '') return setMissing(true);
    const params = { fingerprint: envKey.fingerprint };
    if ((await adopt.run({ params, body: { name, scopes, organizationId } })) === null) return;
    said(t('envAdoptDone', { name }));
    onClose();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('envAdoptTitle')}
      size="lg"
      closeButtonProps={{ 'aria-label': tf('cancel') }}
    >
      <form onSubmit={(event) => void submit(event)} noValidate>
        <Stack>
          <Text size="sm">{t('envAdoptText')}</Text>
          {envKey.variable === 'ADMIN_API_KEY' && <Alert color="orange">{t('envAdoptAdmin')}</Alert>}
          <TextInput
            label={tf('name')}
            description={tf('nameHint')}
            required
            data-autofocus
            maxLength={100}
            value={name}
            onChange={(event) => {
              setName(event.currentTarget.value);
              setMissing(false);
            }}
            error={isMissing ? tf('nameMissing') : at('name')}
          />
          <Text fw={500} size="sm">
            {t('envScopes')}
          </Text>
          <ScopesField family={API_KEYS} value={scopes} onChange={setScopes} error={at('scopes')} />
          {adopt.error !== null && errors.length === 0 && <ErrorNotice error={adopt.error} />}
          <FormActions onCancel={onClose} pending={adopt.pending}>
            {t('envAdopt')}
          </FormActions>
        </Stack>
      </form>
    </Modal>
  );
}
