import { Button, Code, Modal, Text } from '@mantine/core';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import type { AuditLine } from '../../../contract/audit.js';
import { useSession } from '../../api/session.js';
import { fetchAll } from '../../api/use-all.js';
import { useRoute } from '../../api/use-route.js';
import { CodeBlock } from '../../parts/copy.js';
import { type Column, DataTable } from '../../parts/data-table.js';
import { Needs } from '../../parts/needs.js';
import { EmptyState } from '../../parts/notice.js';
import { Page } from '../../parts/page.js';
import { routeName } from '../../parts/route-name.js';
import { useActors } from '../../parts/use-actors.js';
import { usePages } from '../../parts/use-pages.js';
import { When } from '../../parts/when.js';
import { t as parts } from '../../parts/words.js';
import { Chain } from './chain.js';
import { Days } from './days.js';
import { FILTERS, Filters, queryOf } from './filters.js';
import { changesText, Line } from './line.js';
import { Outcome } from './outcome.js';
import { t } from './words.js';

/** Every line of the log, newest first; operators see the whole instance. */
export default function Audit() {
  return (
    <Page title={t('title')} about={t('about')}>
      <Needs scope="audit:read">
        <Log />
      </Needs>
    </Page>
  );
}

function Log() {
  const { organizationId, isOperator } = useSession();
  const [params] = useSearchParams();
  const filters = queryOf(params);
  const { query, paged } = usePages(FILTERS.map((name) => params.get(name)).join(' ') + organizationId);
  const where = isOperator ? {} : { organizationId };
  const lines = useRoute('listAudit', { query: { ...query, ...where, ...filters } });
  const summary = useRoute('summarizeAudit', { query: where });
  const nameOf = useActors(lines.data?.data.flatMap(({ actor, target }) => [actor, target]) ?? []);
  const [shown, setShown] = useState<AuditLine | null>(null);
  return (
    <>
      {summary.data !== undefined && (
        <>
          <Chain summary={summary.data} onChecked={() => void summary.refetch()} />
          <Days summary={summary.data} />
        </>
      )}
      <DataTable
        label={t('title')}
        rows={lines.data?.data}
        columns={columns(setShown, nameOf)}
        rowKey={({ seq }) => String(seq)}
        rowName={({ seq }) => t('detailTitle', { seq })}
        from={lines}
        filterNames={FILTERS}
        filters={<Filters />}
        pages={paged(lines.data?.nextCursor)}
        allRows={() => fetchAll('listAudit', { query: { ...where, ...filters } })}
        empty={
          <EmptyState title={t('empty')}>
            <Text mb="sm">{t('emptyText')}</Text>
            <CodeBlock text="gatehouse audit tail" what={t('command')} />
          </EmptyState>
        }
      />
      <Modal
        opened={shown !== null}
        onClose={() => setShown(null)}
        title={t('detailTitle', { seq: shown?.seq ?? 0 })}
        size="lg"
        closeButtonProps={{ 'aria-label': parts('close') }}
      >
        {shown !== null && <Line line={shown} nameOf={nameOf} onFilter={() => setShown(null)} />}
      </Modal>
    </>
  );
}

function columns(show: (line: AuditLine) => void, nameOf: (id: string) => string): Column<AuditLine>[] {
  return [
    { key: 'at', header: t('at'), cell: ({ at }) => <When at={at} />, value: ({ at }) => at },
    { key: 'action', header: t('action'), cell: ({ action }) => <Code>{action}</Code>, value: ({ action }) => action },
    {
      key: 'outcome',
      header: t('outcome'),
      cell: ({ outcome }) => <Outcome of={outcome} />,
      value: ({ outcome }) => outcome,
    },
    {
      key: 'actor',
      header: t('actor'),
      cell: ({ actor }) => <Clipped text={nameOf(actor)} whole={actor} />,
      value: ({ actor }) => actor,
    },
    {
      key: 'target',
      header: t('target'),
      cell: ({ target, detail }) =>
        target === null ? <Clipped text={routeOf(detail)} /> : <Clipped text={nameOf(target)} whole={target} />,
      value: ({ target }) => target,
    },
    { key: 'address', header: t('address'), cell: ({ address }) => address ?? '–', value: ({ address }) => address },
    {
      key: 'request',
      header: t('request'),
      hidden: true,
      cell: ({ requestId }) => <Clipped text={requestId ?? '–'} />,
      value: ({ requestId }) => requestId,
    },
    {
      key: 'changes',
      header: t('changes'),
      hidden: true,
      cell: (line) => <Clipped text={changesText(line) || '–'} />,
      value: changesText,
    },
    {
      key: 'detail',
      header: t('detail'),
      cell: (line) => {
        const words = line.changes === undefined ? t('detail') : t('detailChanges', { count: line.changes.length });
        return (
          <Button
            size="compact-xs"
            variant="default"
            aria-label={`${words}: ${t('detailTitle', { seq: line.seq })}`}
            onClick={() => show(line)}
          >
            {words}
          </Button>
        );
      },
      value: ({ detail }) => JSON.stringify(detail),
    },
  ];
}

/** What was refused before it was about any one thing: the route that was asked for. */
function routeOf({ route }: AuditLine['detail']): string {
  return typeof route === 'string' ? routeName(route) : '–';
}

/** Ids and changes are long; the whole of each is in the line itself. */
function Clipped({ text, whole = text }: { text: string; whole?: string }) {
  return (
    <Text size="sm" truncate maw={180} title={whole}>
      {text}
    </Text>
  );
}
