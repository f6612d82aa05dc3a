import { Button, Group, Modal, Select, Stack, Switch, Table, Text, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { call, isUnproven } from '../../api/call.js';
import { useSession } from '../../api/session.js';
import { useAll } from '../../api/use-all.js';
import { asGatehouseError, queries } from '../../api/use-route.js';
import { State } from '../../parts/state.js';
import { parseEnv, VALUE_NAME } from './env-file.js';
import { HOSTS_SPLIT } from './faults.js';
import { t } from './words.js';

interface ImportEnvProps {
  readonly workspaceId: string;
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** Keeps every value of a pasted .env file, each by a call of its own, and tells what became of each. */
export function ImportEnv(props: ImportEnvProps) {
  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      title={t('importEnv')}
      size="xl"
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <Steps {...props} />
    </Modal>
  );
}

type As = 'secret' | 'variable' | 'skip';
type Outcome = { readonly done: true } | { readonly done: false; readonly words: string };

function Steps({ workspaceId, onClose }: ImportEnvProps) {
  const { may } = useSession();
  const [text, setText] = useState('');
  const [shown, setShown] = useState(false);
  const [hosts, setHosts] = useState('');
  const [chosen, setChosen] = useState<Readonly<Record<string, As>>>({});
  const [outcomes, setOutcomes] = useState<Readonly<Record<string, Outcome>>>({});
  const [pending, setPending] = useState(false);
  const secrets = useAll('listSecrets', { params: { workspaceId } });
  const known = new Set(secrets.data?.map(({ name }) => name));
  const values = parseEnv(text);
  const reasonOf = (name: string, value: string) =>
    !VALUE_NAME.test(name) ? t('badName') : value === '' ? t('emptyValue') : null;
  const asOf = (name: string, value: string): As =>
    reasonOf(name, value) !== null ? 'skip' : (chosen[name] ?? 'secret');
  const wanted = values.filter(({ name, value }) => asOf(name, value) !== 'skip' && outcomes[name]?.done !== true);
  const counted = Object.values(outcomes);

  const keep = async () => {
    setPending(true);
    const hostList = hosts.split(HOSTS_SPLIT).filter((host) => host !== '');
    for (const { name, value } of wanted) {
      const params = { workspaceId, name };
      const outcome = await (asOf(name, value) === 'secret'
        ? call('setSecret', { params, body: { value, hosts: hostList } })
        : call('setVariable', { params, body: { value } })
      ).then(
        (): Outcome => ({ done: true }),
        (error): Outcome | null => (isUnproven(error) ? null : { done: false, words: asGatehouseError(error).detail }),
      );
      // Whoever would rather not prove who they are is not asked for the next one again.
      if (outcome === null) break;
      setOutcomes((before) => ({ ...before, [name]: outcome }));
    }
    await Promise.all(['listSecrets', 'listVariables'].map((id) => queries.invalidateQueries({ queryKey: [id] })));
    setPending(false);
  };
  return (
    <Stack>
      <Text size="sm">{t('importText')}</Text>
      <Textarea
        label={t('pasted')}
        placeholder={'STRIPE_KEY=…\nREGION=eu-west-1'}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setOutcomes({});
        }}
        rows={6}
        spellCheck={false}
        autoComplete="off"
        data-autofocus
        disabled={pending}
        styles={shown || text === '' ? {} : { input: { WebkitTextSecurity: 'disc' } as object }}
      />
      <Switch
        size="xs"
        label={t('showPasted')}
        checked={shown}
        onChange={(event) => setShown(event.currentTarget.checked)}
      />
      <TextInput
        label={t('hostsForAll')}
        description={t('hostsHelp')}
        placeholder="api.example.com"
        value={hosts}
        onChange={(event) => setHosts(event.currentTarget.value)}
        spellCheck={false}
      />
      {values.length > 0 && (
        <Table className="cards" aria-label={t('preview')}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('name')}</Table.Th>
              <Table.Th>{t('what')}</Table.Th>
              <Table.Th>{t('keepAs')}</Table.Th>
              <Table.Th>{t('result')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {values.map(({ name, value }) => {
              const reason = reasonOf(name, value);
              return (
                <Table.Tr key={name}>
                  <Table.Td data-label={t('name')} style={{ overflowWrap: 'anywhere' }}>
                    {name}
                  </Table.Td>
                  <Table.Td data-label={t('what')}>
                    {reason ??
                      `${known.has(name) ? t('replaces') : t('isNew')}, ${t('characters', { count: value.length })}`}
                  </Table.Td>
                  <Table.Td data-label={t('keepAs')}>
                    <Select
                      size="xs"
                      w={130}
                      aria-label={t('keepNamedAs', { name })}
                      data={(['secret', 'variable', 'skip'] as const).map((as) => ({
                        value: as,
                        label: t(`as.${as}`),
                        disabled: as === 'variable' && !may('projects:write'),
                      }))}
                      value={asOf(name, value)}
                      onChange={(as) => setChosen((before) => ({ ...before, [name]: as as As }))}
                      disabled={reason !== null || pending || outcomes[name]?.done === true}
                    />
                  </Table.Td>
                  <Table.Td data-label={t('result')}>
                    <Result outcome={outcomes[name]} />
                  </Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      )}
      <Text size="sm" role="status">
        {text !== '' && values.length === 0
          ? t('noValues')
          : counted.length > 0 && !pending
            ? t('imported', { kept: counted.filter(({ done }) => done).length, all: counted.length })
            : ''}
      </Text>
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          {counted.length > 0 ? t('close') : t('cancel')}
        </Button>
        <Button disabled={wanted.length === 0} loading={pending} onClick={() => void keep()}>
          {t('keepCount', { count: wanted.length })}
        </Button>
      </Group>
    </Stack>
  );
}

function Result({ outcome }: { outcome: Outcome | undefined }) {
  if (outcome === undefined) return null;
  return outcome.done ? <State tone="good">{t('kept')}</State> : <State tone="bad">{outcome.words}</State>;
}
