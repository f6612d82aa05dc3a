import {
  Alert,
  Button,
  Fieldset,
  Grid,
  Group,
  List,
  Paper,
  Select,
  Stack,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { type UseFormReturnType, useForm } from '@mantine/form';
import { type ReactNode, useEffect, useRef } from 'react';
import type { GatehouseError } from '../../../api/call.js';
import { useSession } from '../../../api/session.js';
import { fieldErrors } from '../../../parts/field-errors.js';
import { ErrorNotice } from '../../../parts/notice.js';
import { useFocusNext } from '../../../parts/use-focus-next.js';
import type { Family } from '../family.js';
import { t, tf } from '../words.js';
import { AddressesField, LimitField } from './bounds-fields.js';
import { beyondErrors, check, placed } from './check.js';
import { ExpiryField } from './expiry-field.js';
import { LostAnswer } from './lost-answer.js';
import { NameField } from './name-field.js';
import { OriginsField } from './origins-field.js';
import { ReachFields, ToolsFields } from './reach-fields.js';
import { inWords } from './say.js';
import { ScopesField } from './scopes-field.js';
import type { KeyValues } from './values.js';

interface Props {
  readonly family: Family;
  readonly initial: KeyValues;
  /** Of an existing key: when it ends now. Left out: a new one. */
  readonly currentExpiry?: string | null;
  readonly action: string;
  readonly pending: boolean;
  readonly error: GatehouseError | null;
  readonly onSubmit: (values: KeyValues) => void;
  readonly onCancel: () => void;
}

/** Everything that bounds a key, and the key in words beside it. */
export function KeyForm({ family, initial, currentExpiry, action, pending, error, onSubmit, onCancel }: Props) {
  const { organizationName } = useSession();
  const form = useForm<KeyValues>({ initialValues: initial, validate: check });
  const place = useRef<HTMLFormElement>(null);
  const isNew = currentExpiry === undefined;
  const errors = [...fieldErrors(error), ...beyondErrors(error)];
  const problems = placed(errors, form.values);
  const isPlaced = Object.keys(problems).length > 0;
  const sent = useRef({ name: '', atMs: 0 });
  const lost = error?.code === 'NETWORK' || error?.code === 'TIMEOUT' ? sent.current : null;
  const submit = (values: KeyValues) => {
    sent.current = { name: values.name.trim(), atMs: Date.now() };
    onSubmit(values);
  };
  const toFirstProblem = useFocusNext(() => place.current?.querySelector<HTMLElement>('[aria-invalid="true"]'));
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each refusal
  useEffect(() => {
    if (!isPlaced) return;
    form.setErrors(problems);
    toFirstProblem();
  }, [error]);
  return (
    <form ref={place} noValidate onSubmit={form.onSubmit(submit, toFirstProblem)}>
      <Grid gap="xl">
        <Grid.Col span={{ base: 12, md: 8 }}>
          <Stack gap="lg">
            {Object.keys(form.errors).length > 0 && (
              <Alert color="red" title={tf('problems')} role="alert">
                {tf('problemsText')}
              </Alert>
            )}
            {lost !== null && isNew ? (
              <LostAnswer family={family} name={lost.name} sinceMs={lost.atMs} />
            ) : (
              error !== null && !isPlaced && <ErrorNotice error={error} />
            )}
            <Part title={tf('what')}>
              <What family={family} form={form} isNew={isNew} own={isNew ? '' : initial.name} />
            </Part>
            <Part title={tf('may')}>
              <ScopesField
                family={family}
                value={form.values.scopes}
                onChange={(scopes) => form.setFieldValue('scopes', scopes)}
                error={form.errors['scopes'] as string | undefined}
              />
            </Part>
            {family.id === 'mcp' && (
              <Part title={tf('mcpTools')}>
                <ToolsFields form={form} />
              </Part>
            )}
            <Part title={tf('until')}>
              <ExpiryField form={form} {...(isNew ? {} : { current: currentExpiry })} />
            </Part>
            <Part title={tf('bounds')}>
              <LimitField form={form} />
              <AddressesField form={form} />
              <OriginsField form={form} />
            </Part>
            <Part title={tf('reach')}>
              <ReachFields family={family} form={form} />
            </Part>
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 4 }}>
          <Paper withBorder p="md" pos="sticky" top={72}>
            <Title order={2} size="h4" mb="sm">
              {tf('summary')}
            </Title>
            <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
              {form.values.name || tf('sayNameless')}
            </Text>
            <List size="sm" spacing={4} mt="xs" mb="md" aria-live="polite" style={{ overflowWrap: 'anywhere' }}>
              {inWords(family, form.values, organizationName).map((line) => (
                <List.Item key={line}>{line}</List.Item>
              ))}
            </List>
            <Group gap="xs">
              <Button type="submit" loading={pending}>
                {action}
              </Button>
              <Button variant="default" onClick={onCancel}>
                {tf('cancel')}
              </Button>
            </Group>
          </Paper>
        </Grid.Col>
      </Grid>
    </form>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Fieldset legend={title} radius="md">
      <Stack gap="md">{children}</Stack>
    </Fieldset>
  );
}

interface WhatProps {
  readonly family: Family;
  readonly form: UseFormReturnType<KeyValues>;
  readonly isNew: boolean;
  /** The name it has, which is its own to keep. */
  readonly own: string;
}

function What({ family, form, isNew, own }: WhatProps) {
  return (
    <>
      <NameField family={family} form={form} own={own} />
      <TextInput label={tf('note')} description={tf('noteHint')} maxLength={500} {...form.getInputProps('note')} />
      {isNew && (
        <Group align="flex-start" gap="md" grow preventGrowOverflow={false}>
          {family.id === 'api' && (
            <Select
              label={tf('type')}
              data={(['sdk', 'cli', 'ci', 'int', 'mkt'] as const).map((value) => ({ value, label: t(value) }))}
              {...form.getInputProps('type')}
            />
          )}
          <Select
            label={tf('environment')}
            data={[
              { value: '', label: tf('environmentDefault') },
              ...(['development', 'staging', 'production'] as const).map((value) => ({ value, label: t(value) })),
            ]}
            {...form.getInputProps('environment')}
          />
        </Group>
      )}
    </>
  );
}
