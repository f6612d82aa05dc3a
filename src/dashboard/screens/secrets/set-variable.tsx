import { Stack, Textarea } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { VariableView } from '../../../contract/secrets.js';
import { useChange } from '../../api/use-route.js';
import { FormActions } from '../../parts/form-actions.js';
import { ErrorNotice } from '../../parts/notice.js';
import { faultsOf } from './faults.js';
import { NameInput } from './name-input.js';
import { t } from './words.js';

interface SetVariableProps {
  readonly workspaceId: string;
  readonly edited: VariableView | null;
  readonly onClose: () => void;
}

/** Keeps a public value under a name. */
export function SetVariable({ workspaceId, edited, onClose }: SetVariableProps) {
  const [name, setName] = useState(edited?.name ?? '');
  const [value, setValue] = useState(edited?.value ?? '');
  const [blank, setBlank] = useState(false);
  const save = useChange('setVariable', ['listVariables']);
  const told = faultsOf(save.error, ['name', 'value']);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBlank(name.trim() === '');
    if (name.trim() === '') return;
    if ((await save.run({ params: { workspaceId, name: name.trim() }, body: { value } })) !== null) onClose();
  };
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Stack>
        {edited === null && (
          <NameInput
            kind="variable"
            workspaceId={workspaceId}
            value={name}
            onChange={setName}
            error={blank ? t('blank') : told['name']}
          />
        )}
        <Textarea
          label={t('value')}
          description={t('publicHelp')}
          value={value}
          onChange={(event) => setValue(event.currentTarget.value)}
          error={told['value']}
          autosize
          maxRows={8}
          {...(edited === null ? {} : { 'data-autofocus': true })}
        />
        {save.error !== null && Object.keys(told).length === 0 && <ErrorNotice error={save.error} />}
        <FormActions onCancel={onClose} pending={save.pending}>
          {t('save')}
        </FormActions>
      </Stack>
    </form>
  );
}
