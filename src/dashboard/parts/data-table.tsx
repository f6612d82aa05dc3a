import { Button, Group, Menu, Stack, Table, UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconDots } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { useSearchParams } from 'react-router';
import type { GatehouseError } from '../api/call.js';
import { EmptyState, ErrorNotice, Waiting } from './notice.js';
import { Pager } from './pager.js';
import { SelectAll, type Selection, SelectOne } from './selection.js';
import { TableMenu } from './table-menu.js';
import { TypedFilter } from './typed-filter.js';
import type { Paged } from './use-pages.js';
import { t } from './words.js';

export interface Column<Row> {
  readonly key: string;
  readonly header: string;
  readonly cell: (row: Row) => ReactNode;
  /** For sorting the page and for exports; left out: neither. */
  readonly value?: (row: Row) => string | number | null;
  /** Not shown until it is chosen. */
  readonly hidden?: boolean;
}

export interface DataTableProps<Row> {
  /** What the table shows, for screen readers and names of exported files. */
  readonly label: string;
  readonly rows: readonly Row[] | undefined;
  readonly columns: readonly Column<Row>[];
  readonly rowKey: (row: Row) => string;
  readonly from: { readonly error: GatehouseError | null; refetch(): unknown };
  /** Nothing there at all: what this is, and how to begin. */
  readonly empty: ReactNode;
  /** Chips above the table. */
  readonly filters?: ReactNode;
  /** Names of search parameters that the filters use, to be cleared together. */
  readonly filterNames?: readonly string[];
  /** The search box fills `?search=`; left out: there is none. */
  readonly searchable?: boolean;
  /** Pages that the server cuts; left out: everything is here. */
  readonly pages?: Paged;
  /** How many rows of a list that is here whole are shown until more are asked for. */
  readonly rowsAtFirst?: number;
  /** What an export holds, where that is more than this page. */
  readonly allRows?: () => Promise<readonly Row[]>;
  /** Things to do with one row, as items of a menu. */
  readonly rowMenu?: (row: Row) => ReactNode;
  readonly rowName?: (row: Row) => string;
  /** Rows can be ticked, to do one thing with several. */
  readonly selection?: Selection<Row>;
}

/** A list of the server's: search and filters in the address, sorting, columns, pages, exports; cards on a phone. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const {
    label,
    rows,
    columns,
    rowKey,
    from,
    empty,
    filters,
    filterNames = [],
    searchable,
    pages,
    rowMenu,
    selection,
  } = props;
  const [params, setParams] = useSearchParams();
  const [hidden, setHidden] = useState(() => new Set(columns.filter((one) => one.hidden).map(({ key }) => key)));
  const sort = params.get('sort') ?? '';
  const names = ['search', ...filterNames];
  const filtered = names.some((name) => params.has(name));
  const shown = columns.filter(({ key }) => !hidden.has(key));
  const [isWhole, setWhole] = useState(false);
  const ordered = rows === undefined ? [] : sortRows(rows, columns, sort);
  const sorted = isWhole ? ordered : ordered.slice(0, props.rowsAtFirst);
  const set = (name: string, value: string | null) =>
    setParams(
      (before) => {
        if (value === null || value === '') before.delete(name);
        else before.set(name, value);
        return before;
      },
      { replace: true },
    );
  const clear = () =>
    setParams(
      (before) => {
        for (const name of names) before.delete(name);
        return before;
      },
      { replace: true },
    );

  if (rows === undefined)
    return from.error === null ? <Waiting /> : <ErrorNotice error={from.error} onRetry={() => void from.refetch()} />;
  if (rows.length === 0 && !filtered && (pages === undefined || pages.number === 1)) return <>{empty}</>;
  return (
    <Stack gap="sm">
      {from.error !== null && <ErrorNotice error={from.error} onRetry={() => void from.refetch()} />}
      {(searchable || filters !== undefined || filtered) && (
        <Group gap="xs">
          {searchable && <TypedFilter name="search" label={t('search')} />}
          {filters}
          {filtered && (
            <Button variant="subtle" size="xs" onClick={clear}>
              {t('clearFilters')}
            </Button>
          )}
        </Group>
      )}
      {rows.length === 0 ? (
        <EmptyState title={t('nothingMatches')} action={<Button onClick={clear}>{t('clearFilters')}</Button>} />
      ) : (
        <Table className="cards" aria-label={label}>
          <Table.Thead>
            <Table.Tr>
              {selection !== undefined && <SelectAll selection={selection} rows={sorted} rowKey={rowKey} />}
              {shown.map((column) => (
                <Header key={column.key} column={column} sort={sort} onSort={(next) => set('sort', next)} />
              ))}
              {rowMenu !== undefined && (
                <Table.Th>
                  <span className="visually-hidden">{t('actions')}</span>
                </Table.Th>
              )}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {sorted.map((row) => (
              <Table.Tr key={rowKey(row)}>
                {selection !== undefined && (
                  <SelectOne selection={selection} row={row} id={rowKey(row)} name={props.rowName?.(row)} />
                )}
                {shown.map((column, index) => (
                  <Table.Td
                    key={column.key}
                    data-label={column.header}
                    {...(index === 0 ? { className: 'card-title' } : {})}
                  >
                    {column.cell(row)}
                  </Table.Td>
                ))}
                {rowMenu !== undefined && (
                  <Table.Td className="card-menu">
                    <RowMenu name={props.rowName?.(row) ?? rowKey(row)}>{rowMenu(row)}</RowMenu>
                  </Table.Td>
                )}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      {sorted.length < ordered.length && (
        <Button variant="default" size="xs" onClick={() => setWhole(true)} style={{ alignSelf: 'flex-start' }}>
          {t('showAll', { count: ordered.length })}
        </Button>
      )}
      <Group justify="space-between" gap="xs">
        <Pager pages={pages} rows={rows.length} />
        <TableMenu {...props} hidden={hidden} setHidden={setHidden} />
      </Group>
    </Stack>
  );
}

interface HeaderProps<Row> {
  readonly column: Column<Row>;
  readonly sort: string;
  readonly onSort: (next: string) => void;
}

function Header<Row>({ column, sort, onSort }: HeaderProps<Row>) {
  const { key, header, value } = column;
  if (value === undefined) return <Table.Th>{header}</Table.Th>;
  const direction = sort === key ? 'ascending' : sort === `-${key}` ? 'descending' : 'none';
  const Icon = direction === 'descending' ? IconArrowDown : IconArrowUp;
  return (
    <Table.Th aria-sort={direction}>
      <UnstyledButton
        onClick={() => onSort(direction === 'ascending' ? `-${key}` : key)}
        aria-label={t('sortBy', { column: header })}
        fw={700}
        fz="sm"
        mih={24}
      >
        <Group gap={4} wrap="nowrap">
          {header}
          {direction !== 'none' && <Icon size={14} aria-hidden />}
        </Group>
      </UnstyledButton>
    </Table.Th>
  );
}

function sortRows<Row>(rows: readonly Row[], columns: readonly Column<Row>[], sort: string): readonly Row[] {
  const value = columns.find(({ key }) => key === sort.replace(/^-/, ''))?.value;
  if (value === undefined) return rows;
  const turn = sort.startsWith('-') ? -1 : 1;
  const compare = new Intl.Collator(undefined, { numeric: true }).compare;
  return [...rows].sort((a, b) => turn * compare(String(value(a) ?? ''), String(value(b) ?? '')));
}

function RowMenu({ name, children }: { name: string; children: ReactNode }) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="subtle" size="xs" aria-label={`${t('actions')}: ${name}`}>
          <IconDots size={16} aria-hidden />
        </Button>
      </Menu.Target>
      <Menu.Dropdown>{children}</Menu.Dropdown>
    </Menu>
  );
}
