import { Modal, Select, Stack, Text } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { KeyView, KeyWithToken } from '../../../../contract/keys.js';
import { useSession } from '../../../api/session.js';
import { useChange } from '../../../api/use-route.js';
import { FormActions } from '../../../parts/form-actions.js';
import { ErrorNotice } from '../../../parts/notice.js';
import type { Family } from '../family.js';
import { tf } from '../words.js';
import { Consequence } from './consequence.js';
import { td } from './words.js';

const GRACES = [
  [0, 'grace0'],
  [900, 'grace15m'],
  [3600, 'grace1h'],
  [21_600, 'grace6h'],
  [86_400, 'grace24h'],
  [604_800, 'grace7d'],
] as const;

interface Props {
  readonly family: Family;
  readonly keyView: KeyView;
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly onRotated: (made: KeyWithToken) => void;
}

export function RotateDialog({ family, keyView: key, opened, onClose, onRotated }: Props) {
  const { organizationId } = useSession();
  const [grace, setGrace] = useState('86400');
  const rotate = useChange(family.rotate, [family.list]);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const body = { graceSeconds: Number(grace) };
    const made = await rotate.run({ params: { id: key.id }, body, organizationId });
    if (made !== null) onRotated(made);
  };
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={td('rotateTitle', { name: key.name })}
      closeButtonProps={{ 'aria-label': tf('cancel') }}
    >
      <form onSubmit={(event) => void submit(event)}>
        <Stack>
          <Text size="sm">{td('rotateText')}</Text>
          {opened && <Consequence family={family} keyView={key} />}
          <Select
            label={td('grace')}
            data={GRACES.map(([seconds, label]) => ({ value: String(seconds), label: td(label) }))}
            value={grace}
            onChange={(next) => setGrace(next ?? '86400')}
            data-autofocus
          />
          {rotate.error !== null && <ErrorNotice error={rotate.error} />}
          <FormActions onCancel={onClose} pending={rotate.pending}>
            {td('rotate')}
          </FormActions>
        </Stack>
      </form>
    </Modal>
  );
}
