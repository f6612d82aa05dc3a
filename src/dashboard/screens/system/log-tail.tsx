import { Select, Text } from '@mantine/core';
import { useState } from 'react';
import type { LogLine } from '../../../contract/system.js';
import { useRoute } from '../../api/use-route.js';
import { type Column, DataTable } from '../../parts/data-table.js';
import { Section } from '../../parts/page.js';
import { State } from '../../parts/state.js';
import { absolute } from '../../parts/when.js';
import { t } from './words.js';

const LEVELS = ['warn', 'error'] as const;

/** The last lines that the program printed, so that nobody needs the machine to see why something failed. */
export function LogTail() {
  const [level, setLevel] = useState<(typeof LEVELS)[number] | null>('warn');
  const lines = useRoute(
    'listLog',
    { query: { limit: 300, ...(level === null ? {} : { level }) } },
    { refetchEveryMs: 10_000 },
  );
  const columns: Column<LogLine & { readonly place: number }>[] = [
    { key: 'at', header: t('logAt'), cell: ({ at }) => <Text size="sm">{absolute(at)}</Text>, value: ({ at }) => at },
    { key: 'level', header: t('logLevel'), cell: (line) => <Level of={line.level} />, value: (line) => line.level },
    {
      key: 'message',
      header: t('logMessage'),
      cell: ({ message, facts }) => (
        <>
          <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
            {message}
          </Text>
          <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            {factsText(facts)}
          </Text>
        </>
      ),
      value: ({ message, facts }) => `${message} ${factsText(facts)}`.trim(),
    },
  ];
  return (
    <Section
      title={t('log')}
      about={t('logAbout')}
      actions={
        <Select
          aria-label={t('logLevel')}
          placeholder={t('logEvery')}
          data={LEVELS.map((value) => ({ value, label: t(`logFrom.${value}`) }))}
          value={level}
          onChange={(value) => setLevel(LEVELS.find((one) => one === value) ?? null)}
          clearable
          w={240}
        />
      }
    >
      <DataTable
        label={t('log')}
        rows={lines.data?.data.map((line, place) => ({ ...line, place }))}
        columns={columns}
        rowKey={({ place }) => String(place)}
        from={lines}
        rowsAtFirst={25}
        empty={<Text c="dimmed">{level === null ? t('logNone') : t('logNoneSevere')}</Text>}
      />
    </Section>
  );
}

const TONES = { error: 'bad', warn: 'warning' } as const;

function Level({ of }: { of: string }) {
  return <State tone={TONES[of as keyof typeof TONES] ?? 'quiet'}>{of}</State>;
}

function factsText(facts: LogLine['facts']): string {
  return Object.entries(facts)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}
