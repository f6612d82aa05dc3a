import { Code, Menu, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { CodeBlock } from '../../parts/copy.js';
import { type Column, DataTable, type DataTableProps } from '../../parts/data-table.js';
import { EmptyState } from '../../parts/notice.js';
import type { Paged } from '../../parts/use-pages.js';
import { When } from '../../parts/when.js';
import { DeleteValue } from './delete-value.js';
import type { Kind } from './use-clashes.js';
import { t } from './words.js';

interface Value {
  readonly name: string;
  readonly updatedAt: string | null;
}

interface ValueListProps<Row extends Value> {
  readonly kind: Kind;
  readonly workspaceId: string;
  readonly rows: readonly Row[] | undefined;
  readonly from: DataTableProps<Row>['from'];
  readonly pages: Paged;
  /** Buttons above the table, and under what stands there while it is empty; `null`: nothing may be changed. */
  readonly actions: ReactNode;
  readonly command: string;
  /** Between the name and when it was changed, and behind that. */
  readonly columns: readonly Column<Row>[];
  readonly more?: readonly Column<Row>[];
  readonly onChange: (row: Row) => void;
}

/** Values of a workspace by name: what secrets and variables have in common. */
export function ValueList<Row extends Value>(props: ValueListProps<Row>) {
  const { kind, workspaceId, rows, from, pages, actions, command, columns, more = [], onChange } = props;
  const [deleted, setDeleted] = useState<string | null>(null);
  const nameColumn: Column<Row> = {
    key: 'name',
    header: t('name'),
    cell: ({ name }) => <Code fw={600}>{name}</Code>,
    value: ({ name }) => name,
  };
  const updatedColumn: Column<Row> = {
    key: 'updated',
    header: t('updated'),
    cell: ({ updatedAt }) => <When at={updatedAt} />,
    value: ({ updatedAt }) => updatedAt,
  };
  return (
    <>
      <DataTable
        label={t(`tab.${kind}`)}
        rows={rows}
        from={from}
        rowKey={({ name }) => name}
        pages={pages}
        filters={actions}
        empty={
          <EmptyState title={t(`noneTitle.${kind}`)} action={actions}>
            <Text mb="sm">{t(`noneText.${kind}`)}</Text>
            <CodeBlock text={command} what={t('command')} />
          </EmptyState>
        }
        columns={[nameColumn, ...columns, updatedColumn, ...more]}
        {...(actions === null
          ? {}
          : {
              rowMenu: (row: Row) => (
                <>
                  <Menu.Item onClick={() => onChange(row)}>{t(`change.${kind}`)}</Menu.Item>
                  <Menu.Item color="red" onClick={() => setDeleted(row.name)}>
                    {t('delete')}
                  </Menu.Item>
                </>
              ),
            })}
      />
      <DeleteValue kind={kind} workspaceId={workspaceId} name={deleted} onClose={() => setDeleted(null)} />
    </>
  );
}
