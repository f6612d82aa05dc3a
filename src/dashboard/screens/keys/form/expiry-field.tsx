import { Alert, Select, Stack, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { IconAlertTriangle } from '@tabler/icons-react';
import { tf } from '../words.js';
import { day } from './say.js';
import type { KeyValues } from './values.js';

const DAY_MS = 86_400_000;

/** How long it lives. @param current - when an existing key ends now */
export function ExpiryField({ form, current }: { form: UseFormReturnType<KeyValues>; current?: string | null }) {
  const { expiry } = form.values;
  const inDays = (days: number) => ({
    value: String(days),
    label: tf('inDays', { days, date: day(Date.now() + days * DAY_MS) }),
  });
  const data = [
    ...(current === undefined
      ? []
      : [{ value: 'keep', label: tf('keep', { date: current === null ? tf('never') : day(Date.parse(current)) }) }]),
    ...[7, 30, 90, 365].map(inDays),
    { value: 'date', label: tf('onDate') },
    { value: 'never', label: tf('never') },
  ];
  return (
    <Stack gap="sm">
      <Select label={tf('expires')} data={data} maw={360} {...form.getInputProps('expiry')} />
      {expiry === 'date' && <TextInput type="date" label={tf('date')} maw={360} {...form.getInputProps('date')} />}
      {(expiry === 'never' || (expiry === 'keep' && current === null)) && (
        <Alert color="orange" icon={<IconAlertTriangle aria-hidden />} role="status">
          {tf('neverWarning')}
        </Alert>
      )}
    </Stack>
  );
}
