import { Alert, Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { makePasskey, tellUnknown, wasCancelled } from '../../api/passkeys.js';
import { useChange, useRoute } from '../../api/use-route.js';
import { ErrorNotice } from '../../parts/notice.js';
import { said } from '../../parts/toast.js';
import { t as parts } from '../../parts/words.js';
import { t } from './words.js';

/** A name, and then the browser asks. */
export function AddPasskey({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('passkeyAdd')}
      closeButtonProps={{ 'aria-label': parts('close') }}
    >
      <AskName onDone={onClose} />
    </Modal>
  );
}

function AskName({ onDone }: { onDone: () => void }) {
  const sessions = useRoute('listSessions');
  const here = sessions.data?.data.find(({ current }) => current)?.device ?? '';
  const [typed, setTyped] = useState<string | null>(null);
  const name = typed ?? here;
  const options = useChange('passkeyOptions');
  const add = useChange('addPasskey', ['listPasskeys']);
  const [making, setMaking] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setTrouble(null);
    const asked = await options.run();
    if (asked === null) return;
    setMaking(true);
    const made = await makePasskey(asked).catch((failure) => {
      setTrouble(inWords(failure));
      return null;
    });
    setMaking(false);
    if (made === null) return;
    const kept = await add.run({ body: { credential: made, ...(name.trim() === '' ? {} : { name }) } });
    if (kept === null) return tellUnknown(made.id);
    said(t('passkeyAdded'));
    onDone();
  };
  const error = options.error ?? add.error;
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack>
        <TextInput
          label={t('passkeyName')}
          description={t('passkeyNameHelp')}
          value={name}
          onChange={(event) => setTyped(event.currentTarget.value)}
          maxLength={60}
          data-autofocus
        />
        {making && <Alert role="status">{t('passkeyWaiting')}</Alert>}
        {trouble !== null && (
          <Alert color="gray" role="alert">
            {trouble}
          </Alert>
        )}
        {error !== null && <ErrorNotice error={error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            {parts('cancel')}
          </Button>
          <Button type="submit" loading={options.pending || making || add.pending}>
            {t('passkeyContinue')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function inWords(failure: unknown): string {
  if (wasCancelled(failure)) return t('passkeyCancelled');
  const { name, message } = failure as Error;
  return name === 'InvalidStateError' ? t('passkeyKnown') : t('passkeyFailed', { reason: message });
}
