import {
  Button,
  FileButton,
  Group,
  PasswordInput,
  Select,
  Stack,
  Switch,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Field, FormValue, Pair } from './form-values.js';
import { PairsInput } from './pairs-input.js';
import { t } from './words.js';

export interface FieldInputProps {
  readonly field: Field;
  readonly value: FormValue;
  readonly onChange: (value: FormValue) => void;
  readonly required: boolean;
  readonly error: string | null;
  /** It does not look as the vendor documents it. */
  readonly odd: boolean;
  /** A secret field that is set now, in a credential that is being replaced. */
  readonly wasSet: boolean;
}

/** One field of a credential, after its kind. What is secret is never shown as text and never offered by the browser. */
export function FieldInput(props: FieldInputProps) {
  const { field, value, onChange, required, error } = props;
  const about = <Help {...props} />;
  const common = {
    id: `field-${field.name}`,
    label: field.label,
    description: about,
    withAsterisk: required,
    'aria-required': required,
    error,
    spellCheck: false,
    autoComplete: 'off',
  };
  if (field.kind === 'boolean')
    return (
      <Switch
        id={common.id}
        label={field.label}
        description={about}
        error={error}
        checked={value === true}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    );
  if (field.kind === 'keyvalue')
    return (
      <PairsInput {...props} pairs={value as readonly Pair[]} onChange={onChange} secret={field.secret} about={about} />
    );
  const text = String(value);
  if (field.kind === 'select')
    return (
      <Select
        {...common}
        data={(field.options ?? []).map((option) => ({ ...option }))}
        value={text}
        onChange={(next) => next !== null && onChange(next)}
      />
    );
  const change = (event: { currentTarget: { value: string } }) => onChange(event.currentTarget.value);
  if (field.kind === 'json')
    return (
      <Stack gap={6}>
        <Textarea
          {...common}
          value={text}
          onChange={change}
          minRows={3}
          maxRows={6}
          autosize
          // A password input takes one line; this looks like one and takes a whole key file.
          styles={field.secret ? { input: { WebkitTextSecurity: 'disc' } as object } : {}}
        />
        <FileButton accept=".json,application/json" onChange={(file) => void file?.text().then(onChange)}>
          {(button) => (
            <Group>
              <Button {...button} variant="default" size="xs">
                {t('chooseFile')}
              </Button>
            </Group>
          )}
        </FileButton>
      </Stack>
    );
  if (field.secret)
    return (
      <PasswordInput
        {...common}
        value={text}
        onChange={change}
        aria-invalid={error !== null}
        // Password managers would offer to keep it, or fill in the one of this page.
        autoComplete="new-password"
        data-1p-ignore
        data-lpignore="true"
        visibilityToggleButtonProps={{ 'aria-label': t('showTyped', { field: field.label }), tabIndex: 0 }}
      />
    );
  return (
    <TextInput
      {...common}
      value={text}
      onChange={change}
      inputMode={field.kind === 'number' ? 'numeric' : field.kind === 'url' ? 'url' : 'text'}
    />
  );
}

function Help({ field, odd, wasSet, required }: FieldInputProps): ReactNode {
  return (
    <>
      {!required && field.kind !== 'boolean' && !/optional/i.test(field.label) && `${t('optional')} `}
      {field.help}
      {field.list && ` ${t('listHelp')}`}
      {field.decidesHost && ` ${t('decidesHost')}`}
      {wasSet && (
        <Text component="span" inherit display="block" fw={600}>
          {t('setNow')}
        </Text>
      )}
      {odd && (
        <Text
          component="span"
          inherit
          display="block"
          role="status"
          style={{ color: 'light-dark(#8a4600, #ffc078)' }}
          fw={600}
        >
          <IconAlertTriangle size={13} aria-hidden style={{ verticalAlign: '-2px' }} /> {t('looksOdd')}
        </Text>
      )}
    </>
  );
}
