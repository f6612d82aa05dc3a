import { Badge, Button, Code, Group, Modal, Stack, Table, Text } from '@mantine/core';
import { IconBan, IconCheck, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import type { AuditLine } from '../../../contract/audit.js';
import { useSession } from '../../api/session.js';
import { useRoute } from '../../api/use-route.js';
import { CodeBlock } from '../../parts/copy.js';
import { type Column, DataTable } from '../../parts/data-table.js';
import { EmptyState } from '../../parts/notice.js';
import { Page } from '../../parts/page.js';
import { TypedFilter } from '../../parts/typed-filter.js';
import { usePages } from '../../parts/use-pages.js';
import { absolute, When } from '../../parts/when.js';
import { t as parts } from '../../parts/words.js';
import { ChainCheck } from './chain-check.js';
import { t } from './words.js';

const FILTERS = ['action', 'target'] as const;

/** Every line of the log, newest first; operators see the whole instance. */
export default function Audit() {
  const { organizationId, isOperator } = useSession();
  const [params] = useSearchParams();
  const filters = Object.fromEntries(
    FILTERS.flatMap((name) => {
      const value = params.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );
  const { query, paged } = usePages(JSON.stringify(filters) + organizationId);
  const where = isOperator ? {} : { organizationId };
  const lines = useRoute('listAudit', { query: { ...query, ...where, ...filters } });
  const [shown, setShown] = useState<AuditLine | null>(null);
  return (
    <Page title={t('title')} about={t('about')}>
      {isOperator && <ChainCheck />}
      <DataTable
        label={t('title')}
        rows={lines.data?.data}
        columns={columns(setShown)}
        rowKey={({ seq }) => String(seq)}
        from={lines}
        filterNames={FILTERS}
        filters={
          <>
            <TypedFilter name="action" label={t('filterAction')} />
            <TypedFilter name="target" label={t('filterTarget')} />
          </>
        }
        pages={paged(lines.data?.nextCursor)}
        empty={<EmptyState title={t('empty')} />}
      />
      <Modal
        opened={shown !== null}
        onClose={() => setShown(null)}
        title={t('detailTitle', { seq: shown?.seq ?? 0 })}
        size="lg"
        closeButtonProps={{ 'aria-label': parts('close') }}
      >
        {shown !== null && <Line line={shown} />}
      </Modal>
    </Page>
  );
}

const MARKS = {
  ok: { Icon: IconCheck, color: 'gate' },
  refused: { Icon: IconBan, color: 'orange' },
  failed: { Icon: IconX, color: 'red' },
} as const;

function Outcome({ of }: { of: AuditLine['outcome'] }) {
  const { Icon, color } = MARKS[of];
  return (
    <Badge color={color} leftSection={<Icon size={12} aria-hidden />}>
      {t(of)}
    </Badge>
  );
}

function columns(show: (line: AuditLine) => void): Column<AuditLine>[] {
  return [
    { key: 'at', header: t('at'), cell: ({ at }) => <When at={at} />, value: ({ at }) => at },
    { key: 'action', header: t('action'), cell: ({ action }) => <Code>{action}</Code>, value: ({ action }) => action },
    {
      key: 'outcome',
      header: t('outcome'),
      cell: ({ outcome }) => <Outcome of={outcome} />,
      value: ({ outcome }) => outcome,
    },
    { key: 'actor', header: t('actor'), cell: ({ actor }) => <Id text={actor} />, value: ({ actor }) => actor },
    {
      key: 'target',
      header: t('target'),
      cell: ({ target }) => <Id text={target ?? '–'} />,
      value: ({ target }) => target,
    },
    { key: 'address', header: t('address'), cell: ({ address }) => address ?? '–', value: ({ address }) => address },
    {
      key: 'request',
      header: t('request'),
      hidden: true,
      cell: ({ requestId }) => <Id text={requestId ?? '–'} />,
      value: ({ requestId }) => requestId,
    },
    {
      key: 'detail',
      header: t('detail'),
      cell: (line) => (
        <Button
          size="compact-xs"
          variant="default"
          aria-label={`${t('detail')}: ${t('detailTitle', { seq: line.seq })}`}
          onClick={() => show(line)}
        >
          {t('detail')}
        </Button>
      ),
    },
  ];
}

/** Ids are long; the whole of one is in the line itself. */
function Id({ text }: { text: string }) {
  return (
    <Text size="sm" truncate maw={180} title={text}>
      {text}
    </Text>
  );
}

function Line({ line }: { line: AuditLine }) {
  const { detail, hash, chain, ...facts } = line;
  return (
    <Stack>
      <Table>
        <Table.Tbody>
          {Object.entries({ ...facts, at: absolute(line.at) }).map(([name, value]) => (
            <Table.Tr key={name}>
              <Table.Th>{name}</Table.Th>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>{value === null ? '–' : String(value)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <CodeBlock text={JSON.stringify(detail, null, 2)} what={t('detail')} />
      <Group>
        <Badge>{chain === 'hmac' ? t('keyed') : t('unkeyed')}</Badge>
        <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
          {hash}
        </Text>
      </Group>
    </Stack>
  );
}
