import { Select, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { KeyView } from '../../../../contract/keys.js';
import { useSession } from '../../../api/session.js';
import { useChange } from '../../../api/use-route.js';
import { Confirm } from '../../../parts/confirm.js';
import { said } from '../../../parts/toast.js';
import type { Family } from '../family.js';
import { Consequence } from './consequence.js';
import { td } from './words.js';

const REASONS = ['reasonLeaked', 'reasonUnneeded', 'reasonReplaced', 'reasonLeft', 'reasonOther'] as const;

interface Props {
  readonly family: Family;
  readonly keyView: KeyView;
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** Ends it, with what that means in numbers. */
export function RevokeDialog({ family, keyView: key, opened, onClose }: Props) {
  const { organizationId } = useSession();
  const revoke = useChange(family.revoke, [family.show, family.list, 'listAudit']);
  const [choice, setChoice] = useState<string>(REASONS[1]);
  const [text, setText] = useState('');
  const run = async () => {
    const reason = choice === 'reasonOther' ? text.trim() : td(choice as 'reasonLeaked');
    const body = reason === '' ? {} : { reason };
    if ((await revoke.run({ params: { id: key.id }, body, organizationId })) === null) return;
    onClose();
    said(td('revokedDone', { name: key.name }));
  };
  return (
    <Confirm
      opened={opened}
      onClose={onClose}
      title={td('revokeTitle', { name: key.name })}
      name={key.name}
      action={td('revoke')}
      pending={revoke.pending}
      error={revoke.error}
      onConfirm={() => void run()}
    >
      <Text size="sm">{td('revokeText')}</Text>
      {opened && <Consequence family={family} keyView={key} />}
      <Select
        label={td('reason')}
        description={td('reasonHint')}
        data={REASONS.map((value) => ({ value, label: td(value) }))}
        value={choice}
        onChange={(next) => setChoice(next ?? 'reasonUnneeded')}
      />
      {choice === 'reasonOther' && (
        <TextInput
          label={td('reasonText')}
          maxLength={200}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      )}
    </Confirm>
  );
}
