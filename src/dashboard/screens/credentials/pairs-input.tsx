import { ActionIcon, Button, Group, Input, PasswordInput, Stack, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Field, Pair } from './form-values.js';
import { t } from './words.js';

export interface PairsInputProps {
  readonly field: Field;
  readonly pairs: readonly Pair[];
  readonly onChange: (pairs: readonly Pair[]) => void;
  readonly required: boolean;
  readonly secret: boolean;
  readonly error: string | null;
  readonly about: ReactNode;
}

/** Names and values, as many as are wanted. */
export function PairsInput({ field, pairs, onChange, required, secret, error, about }: PairsInputProps) {
  const change = (id: number, part: Partial<Pair>) =>
    onChange(pairs.map((pair) => (pair.id === id ? { ...pair, ...part } : pair)));
  const add = () => onChange([...pairs, { id: Math.max(-1, ...pairs.map(({ id }) => id)) + 1, name: '', value: '' }]);
  const Value = secret ? PasswordInput : TextInput;
  return (
    <Input.Wrapper
      component="fieldset"
      label={field.label}
      labelElement="div"
      labelProps={{ id: `pairs-${field.name}` }}
      description={about}
      error={error}
      withAsterisk={required}
      aria-labelledby={`pairs-${field.name}`}
      style={{ border: 0, padding: 0, margin: 0, minWidth: 0 }}
    >
      <Stack gap="xs" mt={4}>
        {pairs.map((pair, index) => (
          <Group key={pair.id} gap="xs" wrap="nowrap" align="flex-end">
            <TextInput
              flex={1}
              miw={0}
              aria-label={t('pairName', { number: index + 1 })}
              placeholder={t('pairNamePlaceholder')}
              value={pair.name}
              onChange={(event) => change(pair.id, { name: event.currentTarget.value })}
              spellCheck={false}
            />
            <Value
              flex={1}
              miw={0}
              aria-label={t('pairValue', { number: index + 1 })}
              placeholder={t('pairValuePlaceholder')}
              value={pair.value}
              onChange={(event) => change(pair.id, { value: event.currentTarget.value })}
              autoComplete="new-password"
              spellCheck={false}
              {...(secret
                ? { visibilityToggleButtonProps: { 'aria-label': t('showTyped', { field: pair.name }) } }
                : {})}
            />
            <ActionIcon
              aria-label={t('pairRemove', { number: index + 1 })}
              onClick={() => onChange(pairs.filter(({ id }) => id !== pair.id))}
              disabled={pairs.length === 1}
            >
              <IconTrash size={18} aria-hidden />
            </ActionIcon>
          </Group>
        ))}
        <Group>
          <Button variant="default" size="xs" leftSection={<IconPlus size={16} aria-hidden />} onClick={add}>
            {t('pairAdd')}
          </Button>
        </Group>
      </Stack>
    </Input.Wrapper>
  );
}
