import { Checkbox, Table } from '@mantine/core';
import { t } from './words.js';

/** Rows of a table that are ticked, by their key. */
export interface Selection<Row> {
  readonly chosen: ReadonlySet<string>;
  readonly onChange: (chosen: ReadonlySet<string>) => void;
  /** Left out: every row can be. */
  readonly canChoose?: (row: Row) => boolean;
}

interface AllProps<Row> {
  readonly selection: Selection<Row>;
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
}

/** Ticks every row of the page, or none. */
export function SelectAll<Row>({ selection, rows, rowKey }: AllProps<Row>) {
  const { chosen, onChange, canChoose = () => true } = selection;
  const ids = rows.filter(canChoose).map(rowKey);
  const ticked = ids.filter((id) => chosen.has(id)).length;
  return (
    <Table.Th w={40}>
      <Checkbox
        aria-label={t('selectAll')}
        checked={ids.length > 0 && ticked === ids.length}
        indeterminate={ticked > 0 && ticked < ids.length}
        disabled={ids.length === 0}
        onChange={() => onChange(ticked === ids.length ? new Set() : new Set(ids))}
      />
    </Table.Th>
  );
}

interface OneProps<Row> {
  readonly selection: Selection<Row>;
  readonly row: Row;
  readonly id: string;
  readonly name: string | undefined;
}

export function SelectOne<Row>({ selection, row, id, name }: OneProps<Row>) {
  const { chosen, onChange, canChoose = () => true } = selection;
  const toggle = () => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    onChange(next);
  };
  return (
    <Table.Td className="card-pick">
      {canChoose(row) && (
        <Checkbox aria-label={t('selectRow', { name: name ?? id })} checked={chosen.has(id)} onChange={toggle} />
      )}
    </Table.Td>
  );
}
