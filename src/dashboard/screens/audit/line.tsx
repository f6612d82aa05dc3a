import { Anchor, Badge, Code, Group, Stack, Table, Text, Title } from '@mantine/core';
import { Link } from 'react-router';
import type { AuditChange, AuditLine } from '../../../contract/audit.js';
import { CodeBlock } from '../../parts/copy.js';
import { absolute } from '../../parts/when.js';
import { Outcome } from './outcome.js';
import { t } from './words.js';

export interface LineProps {
  readonly line: AuditLine;
  readonly nameOf: (id: string) => string;
  /** The list is narrowed down to what this line names. */
  readonly onFilter: () => void;
}

/** One line whole: who, what, on what, and what it was before. */
export function Line({ line, nameOf, onFilter }: LineProps) {
  const { at, action, outcome, actor, target, organizationId, address, requestId, detail, changes, hash, chain } = line;
  const facts: readonly (readonly [label: string, value: string | null | undefined, filter?: string])[] = [
    [t('at'), `${absolute(at)} (${at})`],
    [t('actor'), actor, 'actor'],
    [t('target'), target, 'target'],
    [t('organization'), organizationId],
    [t('address'), address],
    [t('request'), requestId],
  ];
  return (
    <Stack>
      <Group gap="xs">
        <Code fz="sm">{action}</Code>
        <Outcome of={outcome} />
      </Group>
      {changes !== undefined && <Changes changes={changes} />}
      <Table aria-label={t('facts')}>
        <Table.Tbody>
          {facts.map(([label, value, filter]) => (
            <Table.Tr key={label}>
              <Table.Th scope="row">{label}</Table.Th>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>
                {value != null && nameOf(value) !== value && `${nameOf(value)} · `}
                {value ?? '–'}{' '}
                {filter !== undefined && value != null && (
                  <Anchor
                    component={Link}
                    to={`?${new URLSearchParams({ [filter]: value })}`}
                    onClick={onFilter}
                    size="sm"
                    underline="always"
                    style={{ whiteSpace: 'nowrap' }}
                  >
                    {t(filter === 'actor' ? 'onlyActor' : 'onlyTarget')}
                  </Anchor>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {Object.keys(detail).length > 0 && <CodeBlock text={JSON.stringify(detail, null, 2)} what={t('detail')} />}
      <Group>
        <Badge>{chain === 'hmac' ? t('keyed') : t('unkeyed')}</Badge>
        <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
          {hash}
        </Text>
      </Group>
    </Stack>
  );
}

function Changes({ changes }: { changes: readonly AuditChange[] }) {
  return (
    <Stack gap={4}>
      <Title order={3} fz="md">
        {t('changes')}
      </Title>
      <Table className="cards" aria-label={t('changes')}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('field')}</Table.Th>
            <Table.Th>{t('before')}</Table.Th>
            <Table.Th>{t('after')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {changes.map(({ field, before, after }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: of a list each entry is a change of one field
            <Table.Tr key={index}>
              <Table.Td data-label={t('field')}>
                <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
                  {field}
                </Text>
              </Table.Td>
              <Table.Td data-label={t('before')}>
                <Value text={before} />
              </Table.Td>
              <Table.Td data-label={t('after')}>
                <Value text={after} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Stack>
  );
}

/** What stands for a value that the log does not keep. */
const NOT_KEPT = '•••';

function Value({ text }: { text: string | null }) {
  const word = text === null ? t('notSet') : text === '' ? t('emptyValue') : text === NOT_KEPT ? t('notKept') : null;
  if (word !== null)
    return (
      <Text size="sm" c="dimmed" fs="italic">
        {word}
      </Text>
    );
  return (
    <Text size="sm" style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>
      {text}
    </Text>
  );
}

/** For files: one line of text. */
export function changesText({ changes = [] }: AuditLine): string {
  return changes.map(({ field, before, after }) => `${field}: ${before ?? '–'} -> ${after ?? '–'}`).join('; ');
}
