import { Box, Checkbox, Radio, Stack, Table, TagsInput, Text, Tooltip } from '@mantine/core';
import { useState } from 'react';
import { CONTRACT } from '../../../api/contract.js';
import { useSession } from '../../../api/session.js';
import { useRoute } from '../../../api/use-route.js';
import type { Family } from '../family.js';
import { tf } from '../words.js';
import { covers, type Preset, presetOf, presetsOf, RESOURCES, toggled } from './scopes.js';

interface Props {
  readonly family: Family;
  readonly value: readonly string[];
  readonly onChange: (scopes: string[]) => void;
  readonly error?: string | undefined;
}

/** What a key may do: a usual set, or each permission by itself. */
export function ScopesField({ family, value, onChange, error }: Props) {
  const session = useSession();
  const presets = presetsOf(family);
  const [choosing, setChoosing] = useState(() => presetOf(presets, value) === 'choose');
  const chosen: Preset = choosing ? 'choose' : presetOf(presets, value);
  const pick = (next: string) => {
    setChoosing(next === 'choose');
    const scopes = presets.find(({ id }) => id === next)?.scopes;
    if (scopes !== undefined) onChange([...scopes]);
    // Each by itself is said one by one.
    else if (value.includes('*')) onChange(CONTRACT.scopes.filter((scope) => covers(['*'], scope)));
  };
  return (
    <Stack gap="md">
      <Radio.Group value={chosen} onChange={pick} aria-label={tf('may')} error={error}>
        <Stack gap="sm">
          {presets.map(({ id, scopes }) => {
            const [label, hint] = PRESET_WORDS[id];
            const beyond = scopes.find((scope) => !session.may(scope));
            return (
              <Radio
                key={id}
                value={id}
                label={tf(label)}
                description={beyond === undefined ? tf(hint) : tf('notHeld', { scope: beyond })}
                disabled={beyond !== undefined}
              />
            );
          })}
          <Radio value="choose" label={tf('mayChoose')} description={tf('mayChooseHint')} />
        </Stack>
      </Radio.Group>
      {chosen === 'choose' && <Matrix value={value} onChange={onChange} />}
    </Stack>
  );
}

const PRESET_WORDS = {
  ask: ['mayAsk', 'mayAskHint'],
  mcp: ['mayMcp', 'mayMcpHint'],
  admin: ['mayAdmin', 'mayAdminHint'],
  read: ['mayRead', 'mayReadHint'],
  all: ['mayAll', 'mayAllHint'],
} as const;

function Matrix({ value, onChange }: Pick<Props, 'value' | 'onChange'>) {
  const session = useSession();
  const declared = useRoute('showScopes', {}, { enabled: session.isOperator });
  const own = value.filter((scope) => !scope.includes('*') && !CONTRACT.scopes.includes(scope));
  const cell = (scope: string, label: string | null) => {
    const held = session.may(scope);
    return (
      <Tooltip key={scope} label={held ? scope : tf('notHeld', { scope })}>
        <Checkbox
          checked={covers(value, scope)}
          disabled={!held}
          label={label}
          aria-label={scope}
          description={held ? undefined : tf('notHeld', { scope })}
          onChange={() => onChange(toggled(value, scope))}
        />
      </Tooltip>
    );
  };
  return (
    <Stack gap="sm">
      <Box style={{ overflowX: 'auto' }}>
        <Table aria-label={tf('scopes')} verticalSpacing={6} horizontalSpacing="xs">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{tf('resource')}</Table.Th>
              <Table.Th>{tf('read')}</Table.Th>
              <Table.Th>{tf('write')}</Table.Th>
              <Table.Th>{tf('more')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {RESOURCES.map(({ resource, read, write, more }) => (
              <Table.Tr key={resource}>
                <Table.Td>{tf(resource as 'projects')}</Table.Td>
                <Table.Td>{read !== null && cell(read, null)}</Table.Td>
                <Table.Td>{write !== null && cell(write, null)}</Table.Td>
                <Table.Td>
                  <Stack gap={6}>{more.map((scope) => cell(scope, tf(scope.split(':')[1] as 'run')))}</Stack>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Box>
      <Text size="sm" c="dimmed">
        {tf('operatorsOnly')}
      </Text>
      {(declared.data?.declared.length ?? 0) + own.length > 0 && (
        <TagsInput
          label={tf('appScopes')}
          description={tf('appScopesHint')}
          data={declared.data?.declared.map(({ scope }) => scope) ?? []}
          value={own}
          onChange={(next) => onChange([...value.filter((scope) => !own.includes(scope)), ...next])}
        />
      )}
    </Stack>
  );
}
