import { Code, Stack, Switch, Text } from '@mantine/core';
import { useState } from 'react';
import type { SettingView } from '../../../contract/system.js';
import { type Column, DataTable } from '../../parts/data-table.js';
import { Section } from '../../parts/page.js';
import { t } from './words.js';

/** Every setting, what it is now and who said so. */
export function Settings({ settings }: { settings: readonly SettingView[] }) {
  const [onlySet, setOnlySet] = useState(false);
  const columns: Column<SettingView>[] = [
    {
      key: 'name',
      header: t('setting'),
      cell: ({ name, meaning }) => (
        <Stack gap={0}>
          <Text ff="monospace" size="sm" fw={600}>
            {name}
          </Text>
          <Text size="xs" c="dimmed" maw="46ch">
            {meaning}
          </Text>
        </Stack>
      ),
      value: ({ name }) => name,
    },
    {
      key: 'value',
      header: t('value'),
      cell: ({ value, fingerprint }) => (
        <Text size="sm" maw={320} style={{ overflowWrap: 'anywhere' }}>
          {value} {fingerprint !== null && <Code>{fingerprint}</Code>}
        </Text>
      ),
      value: ({ value }) => value,
    },
    { key: 'source', header: t('source'), cell: ({ source }) => source, value: ({ source }) => source },
    {
      key: 'default',
      header: t('default'),
      hidden: true,
      cell: (one) => (
        <Text size="sm" maw={240}>
          {one.default}
        </Text>
      ),
      value: (one) => one.default,
    },
  ];
  return (
    <Section
      title={t('settings')}
      about={t('settingsAbout')}
      actions={
        <Switch label={t('onlySet')} checked={onlySet} onChange={(event) => setOnlySet(event.currentTarget.checked)} />
      }
    >
      <DataTable
        label={t('settings')}
        rows={settings.filter(({ set }) => set || !onlySet)}
        columns={columns}
        rowKey={({ name }) => name}
        from={{ error: null, refetch: () => {} }}
        empty={<Text c="dimmed">–</Text>}
      />
    </Section>
  );
}
