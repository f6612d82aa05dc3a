import { Button, Group, Modal, PasswordInput, Stack, Switch, Text, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { SecretView } from '../../../contract/secrets.js';
import { useChange } from '../../api/use-route.js';
import { ErrorNotice } from '../../parts/notice.js';
import { faultsOf, HOSTS_SPLIT } from './faults.js';
import { NameInput } from './name-input.js';
import { t } from './words.js';

interface SetSecretProps {
  readonly workspaceId: string;
  /** Its name and hosts stand there; its value has to be given, as does every secret that changes. */
  readonly replaced: SecretView | null;
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** Keeps a value under a name. What is typed lives in this dialog alone, and goes with it. */
export function SetSecret(props: SetSecretProps) {
  const { opened, onClose, replaced } = props;
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={replaced === null ? t('addSecret') : t('replaceTitle', { name: replaced.name })}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <Form {...props} />
    </Modal>
  );
}

function Form({ workspaceId, replaced, onClose }: SetSecretProps) {
  const [name, setName] = useState(replaced?.name ?? '');
  const [value, setValue] = useState('');
  const [lines, setLines] = useState(false);
  const [hosts, setHosts] = useState(replaced?.hosts.join(', ') ?? '');
  const [note, setNote] = useState(replaced?.note ?? '');
  const [blank, setBlank] = useState<'name' | 'value' | null>(null);
  const save = useChange('setSecret', ['listSecrets']);
  const told = faultsOf(save.error, ['name', 'value', 'hosts', 'note']);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBlank(name.trim() === '' ? 'name' : value === '' ? 'value' : null);
    if (name.trim() === '' || value === '') return;
    const body = { value, hosts: hosts.split(HOSTS_SPLIT).filter((host) => host !== ''), note };
    if ((await save.run({ params: { workspaceId, name: name.trim() }, body })) !== null) onClose();
  };
  const valueProps = {
    label: t('value'),
    description: replaced === null ? t('valueHelp') : t('valueAnew'),
    withAsterisk: true,
    'aria-required': true,
    value,
    error: blank === 'value' ? (replaced === null ? t('blank') : t('blankValue')) : told['value'],
    spellCheck: false,
  } as const;
  return (
    <form onSubmit={(event) => void submit(event)} noValidate autoComplete="off">
      <Stack>
        {replaced === null && (
          <NameInput
            kind="secret"
            workspaceId={workspaceId}
            value={name}
            onChange={setName}
            error={blank === 'name' ? t('blank') : told['name']}
          />
        )}
        {lines ? (
          <Textarea
            {...valueProps}
            onChange={(event) => setValue(event.currentTarget.value)}
            autosize
            minRows={3}
            maxRows={8}
            autoComplete="off"
            styles={{ input: { WebkitTextSecurity: 'disc' } as object }}
          />
        ) : (
          <PasswordInput
            {...valueProps}
            aria-invalid={Boolean(valueProps.error)}
            onChange={(event) => setValue(event.currentTarget.value)}
            autoComplete="new-password"
            data-1p-ignore
            data-lpignore="true"
            visibilityToggleButtonProps={{ 'aria-label': t('showTyped'), tabIndex: 0 }}
            {...(replaced === null ? {} : { 'data-autofocus': true })}
          />
        )}
        <Switch
          size="xs"
          label={t('severalLines')}
          checked={lines}
          onChange={(event) => setLines(event.currentTarget.checked)}
        />
        <TextInput
          label={t('hosts')}
          description={t('hostsHelp')}
          placeholder="hooks.example.com, *.example.net"
          value={hosts}
          onChange={(event) => setHosts(event.currentTarget.value)}
          error={told['hosts']}
          spellCheck={false}
        />
        <TextInput
          label={t('note')}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
          error={told['note']}
          maxLength={500}
        />
        {save.error !== null && Object.keys(told).length === 0 && <ErrorNotice error={save.error} />}
        <Group justify="space-between">
          <Text size="xs" c="dimmed" flex={1}>
            {t('neverAgain')}
          </Text>
          <Button variant="default" onClick={onClose}>
            {t('cancel')}
          </Button>
          <Button type="submit" loading={save.pending}>
            {t('save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
