import { Anchor, Code, Group, Table } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { KeyView } from '../../../../contract/keys.js';
import { CopyButton } from '../../../parts/copy.js';
import { Section } from '../../../parts/page.js';
import { useActors } from '../../../parts/use-actors.js';
import { When } from '../../../parts/when.js';
import { Ends } from '../marks.js';
import { sayLimit } from '../say.js';
import { t } from '../words.js';
import { td } from './words.js';

/** What it is and what bounds it. */
export function Facts({ keyView: key }: { keyView: KeyView }) {
  const actor = useActors([key.createdBy]);
  const rows: (readonly [string, ReactNode])[] = [
    [
      t('id'),
      <Group key="id" gap={4} wrap="nowrap">
        <Code fz={11} style={{ overflowWrap: 'anywhere' }}>
          {key.id}
        </Code>
        <CopyButton text={key.id} what={t('id')} />
      </Group>,
    ],
    ...(key.note === '' ? [] : [[t('note'), key.note] as const]),
    [t('scopes'), key.scopes.length === 0 ? td('none') : key.scopes.map((scope) => <Code key={scope}>{scope}</Code>)],
    ...(key.tools === undefined ? [] : [[t('tools'), key.tools?.join(', ') ?? td('everyTool')] as const]),
    ...(key.readOnly === undefined
      ? []
      : [[t('changes'), key.readOnly ? td('readOnly') : td('changesAllowed')] as const]),
    [t('expires'), <Ends key="ends" at={key.expiresAt} over={key.status === 'revoked'} />],
    [t('limit'), sayLimit(key.rateLimit)],
    [t('addresses'), key.allowedIps.length === 0 ? t('addressAny') : key.allowedIps.join(', ')],
    ...(key.allowedOrigins.length === 0 ? [] : [[t('origins'), key.allowedOrigins.join(', ')] as const]),
    [t('workspaces'), key.workspaceIds === null ? td('all') : <Workspaces key="workspaces" ids={key.workspaceIds} />],
    [t('credentials'), credentialsOf(key)],
    [t('created'), <When key="created" at={key.createdAt} />],
    [t('createdBy'), actor(key.createdBy)],
  ];
  return (
    <Section title={td('facts')}>
      <Table variant="vertical" withTableBorder aria-label={td('facts')} layout="fixed">
        <Table.Tbody>
          {rows.map(([name, value]) => (
            <Table.Tr key={name}>
              <Table.Th w={150}>{name}</Table.Th>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>
                {Array.isArray(value) ? <Group gap={4}>{value}</Group> : value}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Section>
  );
}

function credentialsOf({ credentialIds, type }: KeyView): string {
  if (credentialIds === null) return type === 'svc' ? td('all') : td('none');
  return credentialIds.join(', ') || td('none');
}

function Workspaces({ ids }: { ids: readonly string[] }) {
  return (
    <Group gap={8}>
      {ids.map((id) => (
        <Anchor key={id} component={Link} to={`/workspaces/${id}`} size="sm">
          {id}
        </Anchor>
      ))}
    </Group>
  );
}
