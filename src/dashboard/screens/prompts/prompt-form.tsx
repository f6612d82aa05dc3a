import { Button, Checkbox, Group, Paper, Stack, Text, Textarea, TextInput, Title } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { PromptVariable, PromptView } from '../../../contract/prompts.js';
import { useSession } from '../../api/session.js';
import { useChange } from '../../api/use-route.js';
import { ErrorNotice } from '../../parts/notice.js';
import { t } from './words.js';

interface PromptFormProps {
  /** `null`: the first version of a new one. */
  readonly prompt: PromptView | null;
  /** The newest version as it was seen: if somebody else saved meanwhile, nothing is written over. */
  readonly baseVersion?: number;
  readonly readOnly?: boolean;
  readonly onSaved: (prompt: PromptView) => void;
}

/** Text and variables; saving makes the next version. */
export function PromptForm({ prompt, baseVersion, readOnly = false, onSaved }: PromptFormProps) {
  const { organizationId } = useSession();
  const [name, setName] = useState(prompt?.name ?? '');
  const [description, setDescription] = useState(prompt?.description ?? '');
  const [text, setText] = useState(prompt?.text ?? '');
  const [kept, setKept] = useState<readonly PromptVariable[]>(prompt?.variables ?? []);
  const create = useChange('createPrompt', ['listPrompts']);
  const replace = useChange('replacePrompt', ['listPrompts', 'showPrompt', 'showPromptVersion']);
  const { pending, error } = prompt === null ? create : replace;
  const variables = namesIn(text).map(
    (one): PromptVariable => kept.find((known) => known.name === one) ?? { name: one, required: true, description: '' },
  );
  const change = (one: string, part: Partial<PromptVariable>) =>
    setKept(variables.map((variable) => (variable.name === one ? { ...variable, ...part } : variable)));
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const sent = variables.map(({ default: usually, ...rest }) => ({
      ...rest,
      ...(rest.required || !usually ? {} : { default: usually }),
    }));
    const body = { name: name.trim(), description: description.trim(), text, variables: sent };
    const answer =
      prompt === null
        ? await create.run({ body: { ...body, organizationId } })
        : await replace.run({
            params: { prompt: prompt.id },
            query: { organizationId },
            body: { ...body, ...(baseVersion === undefined ? {} : { baseVersion }) },
          });
    if (answer !== null) onSaved(answer.prompt);
  };
  const detail = error?.status === 400 || error?.status === 409 ? error.detail : '';
  const errorOf = (field: string) => (detail.startsWith(`${field}:`) ? detail.slice(field.length + 2) : null);
  const isTold = ['name', 'description', 'text'].some((field) => errorOf(field) !== null);
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Stack maw={760}>
        <TextInput
          label={t('name')}
          description={t('nameHelp')}
          withAsterisk
          aria-required
          readOnly={readOnly}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={errorOf('name')}
          maxLength={63}
          spellCheck={false}
        />
        <TextInput
          label={t('description')}
          readOnly={readOnly}
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
          error={errorOf('description')}
          maxLength={500}
        />
        <Textarea
          label={t('text')}
          description={t('textHelp', { example: '{{audience}}' })}
          withAsterisk
          aria-required
          readOnly={readOnly}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          error={errorOf('text')}
          autosize
          minRows={6}
          maxRows={24}
          maxLength={32_000}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        />
        {variables.length > 0 && (
          <Stack gap="xs">
            <Title order={2} size="h4">
              {t('variables')}
            </Title>
            {variables.map((variable) => (
              <Paper key={variable.name} withBorder p="sm">
                <Group align="flex-end" gap="sm">
                  <Text fw={600} w={{ base: '100%', xs: 120 }} style={{ overflowWrap: 'anywhere' }}>
                    {variable.name}
                  </Text>
                  <TextInput
                    flex={1}
                    label={t('description')}
                    aria-label={t('descriptionOf', { name: variable.name })}
                    readOnly={readOnly}
                    value={variable.description}
                    onChange={(event) => change(variable.name, { description: event.currentTarget.value })}
                    maxLength={300}
                  />
                  {!variable.required && (
                    <TextInput
                      flex={1}
                      label={t('usually')}
                      aria-label={t('usuallyOf', { name: variable.name })}
                      readOnly={readOnly}
                      value={variable.default ?? ''}
                      onChange={(event) => change(variable.name, { default: event.currentTarget.value })}
                    />
                  )}
                  <Checkbox
                    label={t('required')}
                    aria-label={t('requiredOf', { name: variable.name })}
                    disabled={readOnly}
                    checked={variable.required}
                    onChange={(event) => change(variable.name, { required: event.currentTarget.checked })}
                    mb={8}
                  />
                </Group>
              </Paper>
            ))}
          </Stack>
        )}
        {error !== null && !isTold && <ErrorNotice error={error} />}
        {!readOnly && (
          <Group>
            <Button type="submit" loading={pending}>
              {prompt === null ? t('save') : t('saveVersion')}
            </Button>
          </Group>
        )}
      </Stack>
    </form>
  );
}

/** Names between double braces, each once. */
const namesIn = (text: string): string[] => [
  ...new Set([...text.matchAll(/\{\{\s*([A-Za-z_][A-Za-z0-9_]{0,63})\s*\}\}/g)].map(([, name]) => name as string)),
];
