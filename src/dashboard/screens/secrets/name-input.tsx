import { Text, TextInput } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { type Kind, useClashes } from './use-clashes.js';
import { t } from './words.js';

interface NameInputProps {
  readonly kind: Kind;
  readonly workspaceId: string;
  readonly value: string;
  readonly onChange: (name: string) => void;
  readonly error: string | undefined;
}

/** The name of a new value, and what it stands for already. */
export function NameInput({ kind, workspaceId, value, onChange, error }: NameInputProps) {
  const { isTaken, clashesOf } = useClashes(workspaceId);
  const name = value.trim();
  const warnings = [...(isTaken(kind, name) ? [t('clash.taken')] : []), ...clashesOf(kind, name)];
  return (
    <div>
      <TextInput
        label={t('name')}
        description={t('nameHelp')}
        withAsterisk
        aria-required
        value={value}
        onChange={(event) => onChange(event.currentTarget.value.toUpperCase())}
        error={error}
        maxLength={64}
        spellCheck={false}
        data-autofocus
      />
      <div role="status">
        {warnings.map((words) => (
          <Text key={words} size="sm" mt={4} fw={600} style={{ color: 'light-dark(#8a4600, #ffc078)' }}>
            <IconAlertTriangle size={14} aria-hidden style={{ verticalAlign: '-2px' }} /> {words}
          </Text>
        ))}
      </div>
    </div>
  );
}
