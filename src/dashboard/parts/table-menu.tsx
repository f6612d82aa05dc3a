import { Button, Checkbox, Group, Menu } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { useId, useState } from 'react';
import type { GatehouseError } from '../api/call.js';
import { asGatehouseError } from '../api/use-route.js';
import type { DataTableProps } from './data-table.js';
import { ErrorNotice } from './notice.js';
import { exportRows } from './table-export.js';
import { t } from './words.js';

interface TableMenuProps<Row> extends Pick<DataTableProps<Row>, 'label' | 'rows' | 'columns' | 'allRows'> {
  readonly hidden: ReadonlySet<string>;
  readonly setHidden: (next: Set<string>) => void;
}

/** Which columns are shown, and the rows as files. */
export function TableMenu<Row>({ label, rows = [], columns, allRows, hidden, setHidden }: TableMenuProps<Row>) {
  const id = useId();
  const [failure, setFailure] = useState<GatehouseError | null>(null);
  const save = async (format: 'csv' | 'json') => {
    setFailure(null);
    try {
      exportRows(format, label, allRows === undefined ? rows : await allRows(), columns);
    } catch (error) {
      setFailure(asGatehouseError(error));
    }
  };
  const toggle = (key: string) => {
    const next = new Set(hidden);
    if (!next.delete(key)) next.add(key);
    setHidden(next);
  };
  return (
    <Menu position="bottom-end" closeOnItemClick={false}>
      <Menu.Target>
        <Button variant="default" size="xs" aria-label={t('tableMenu')}>
          <IconDots size={16} aria-hidden />
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label id={id}>{t('columns')}</Menu.Label>
        {columns.map(({ key, header }, index) => (
          <Menu.Item
            key={key}
            disabled={index === 0}
            onClick={() => toggle(key)}
            role="menuitemcheckbox"
            aria-checked={!hidden.has(key)}
          >
            <Group gap="xs">
              <Checkbox.Indicator size="xs" checked={!hidden.has(key)} />
              {header}
            </Group>
          </Menu.Item>
        ))}
        <Menu.Divider />
        {failure !== null && <ErrorNotice error={failure} />}
        <Menu.Item onClick={() => void save('csv')}>{t('exportCsv')}</Menu.Item>
        <Menu.Item onClick={() => void save('json')}>{t('exportJson')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
