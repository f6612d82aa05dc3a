import { Alert, Button, Checkbox, Group, NumberInput, Select, Stack, Textarea } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useSession } from '../../../api/session.js';
import { useRoute } from '../../../api/use-route.js';
import { tf } from '../words.js';
import { entriesOf, listHolds } from './lists.js';
import type { KeyValues } from './values.js';

const WINDOWS = [
  ['60', 'minute'],
  ['3600', 'hour'],
  ['86400', 'day'],
] as const;

/** A limit of its own. */
export function LimitField({ form }: { form: UseFormReturnType<KeyValues> }) {
  const { ownLimit, windowSeconds } = form.values;
  const windows = WINDOWS.map(([value, label]) => ({ value, label: tf(label) }));
  const isOther = !windows.some(({ value }) => value === windowSeconds);
  return (
    <Stack gap="xs">
      <Checkbox
        label={tf('ownLimit')}
        description={tf('ownLimitHint')}
        {...form.getInputProps('ownLimit', { type: 'checkbox' })}
      />
      {ownLimit && (
        <Group align="flex-start" gap="sm">
          <NumberInput
            label={tf('requests')}
            min={1}
            max={1_000_000_000}
            allowDecimal={false}
            w={160}
            {...form.getInputProps('requests')}
          />
          <Select
            label={tf('per')}
            data={[
              ...windows,
              ...(isOther ? [{ value: windowSeconds, label: tf('seconds', { count: Number(windowSeconds) }) }] : []),
            ]}
            w={160}
            {...form.getInputProps('windowSeconds')}
          />
        </Group>
      )}
    </Stack>
  );
}

/** Where it may come from. Operators are told their own address. */
export function AddressesField({ form }: { form: UseFormReturnType<KeyValues> }) {
  const { isOperator } = useSession();
  const network = useRoute('showNetwork', {}, { enabled: isOperator });
  const mine = network.data?.yourAddress;
  const listed = entriesOf(form.values.addresses);
  const isMissing = mine !== undefined && listed.length > 0 && listHolds(listed, mine) === false;
  return (
    <Stack gap="xs" align="flex-start">
      <Textarea
        label={tf('addresses')}
        description={tf('addressesHint')}
        autosize
        minRows={2}
        maxRows={10}
        w="100%"
        maw={480}
        spellCheck={false}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        {...form.getInputProps('addresses')}
      />
      {isMissing && (
        <Alert color="orange" icon={<IconAlertTriangle aria-hidden />} role="status" maw={480}>
          {tf('mineMissing', { address: mine })}
        </Alert>
      )}
      {mine !== undefined && listHolds(listed, mine) !== true && (
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => form.setFieldValue('addresses', [...listed, mine].join('\n'))}
        >
          {tf('addMine', { address: mine })}
        </Button>
      )}
    </Stack>
  );
}
