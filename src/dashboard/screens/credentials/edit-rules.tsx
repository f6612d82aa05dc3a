import { Group, Modal, NumberInput, Stack, Switch, Text, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { CredentialView } from '../../../contract/credentials.js';
import { useChange } from '../../api/use-route.js';
import { FormActions } from '../../parts/form-actions.js';
import { ErrorNotice } from '../../parts/notice.js';
import { faultsByField } from './form-values.js';
import { t } from './words.js';

interface EditRulesProps {
  readonly credential: CredentialView;
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** Name, note and the rules of the proxy: all that changes without the secrets. */
export function EditRules({ credential, opened, onClose }: EditRulesProps) {
  const [name, setName] = useState(credential.name);
  const [note, setNote] = useState(credential.note);
  const [readOnly, setReadOnly] = useState(credential.readOnly);
  const [limited, setLimited] = useState(credential.rateLimit !== null);
  const [requests, setRequests] = useState<number | string>(credential.rateLimit?.requests ?? 100);
  const [windowSeconds, setWindow] = useState<number | string>(credential.rateLimit?.windowSeconds ?? 60);
  const update = useChange('updateCredential', ['listCredentials', 'showCredential']);
  const told = update.error === null ? null : faultsByField(update.error.detail);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const rateLimit = limited ? { requests: Number(requests), windowSeconds: Number(windowSeconds) } : null;
    const params = { workspaceId: credential.workspaceId, credential: credential.id };
    if ((await update.run({ params, body: { name: name.trim(), note, readOnly, rateLimit } })) !== null) onClose();
  };
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('editTitle', { name: credential.name })}
      closeButtonProps={{ 'aria-label': t('cancel') }}
    >
      <form onSubmit={(event) => void submit(event)} noValidate>
        <Stack>
          <Text size="sm" c="dimmed">
            {t('editAbout')}
          </Text>
          <TextInput
            label={t('name')}
            description={t('renameHelp')}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={told?.byField['name']}
            maxLength={63}
            spellCheck={false}
            data-autofocus
          />
          <TextInput
            label={t('note')}
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
            error={told?.byField['note']}
            maxLength={500}
          />
          <Switch
            label={t('readOnly')}
            description={t('readOnlyHelp')}
            checked={readOnly}
            onChange={(event) => setReadOnly(event.currentTarget.checked)}
          />
          <Switch
            label={t('limitRate')}
            description={t('limitRateHelp')}
            checked={limited}
            onChange={(event) => setLimited(event.currentTarget.checked)}
          />
          {limited && (
            <Group grow align="flex-start">
              <NumberInput label={t('requests')} value={requests} onChange={setRequests} min={1} allowDecimal={false} />
              <NumberInput
                label={t('perSeconds')}
                value={windowSeconds}
                onChange={setWindow}
                min={1}
                allowDecimal={false}
              />
            </Group>
          )}
          {update.error !== null && told?.rest !== '' && <ErrorNotice error={update.error} />}
          <FormActions onCancel={onClose} pending={update.pending}>
            {t('save')}
          </FormActions>
        </Stack>
      </form>
    </Modal>
  );
}
