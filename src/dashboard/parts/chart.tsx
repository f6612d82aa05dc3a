import { Box, Button, Group, Stack, Table, Text } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { number } from '../words/words.js';
import { Waiting } from './notice.js';
import { absolute } from './when.js';
import { t } from './words.js';

export interface Series {
  readonly label: string;
  readonly values: readonly (number | null)[];
  /** A Mantine colour with its shade: `gate.6`. */
  readonly color: string;
}

export interface ChartProps {
  /** What is seen in one sentence, with numbers: it stands above, for everybody. */
  readonly sentence: string;
  /** ISO 8601, one for each value. */
  readonly times: readonly string[];
  readonly series: readonly Series[];
  readonly kind?: 'line' | 'stacked';
  /** Written behind numbers: ` ms`. */
  readonly unit?: string;
}

const Plot = lazy(() => import('./plot.js'));

/** Numbers over time; the same numbers as a table for whoever would rather read. */
export function Chart(props: ChartProps) {
  const { sentence, times, series, unit = '' } = props;
  const [asTable, setAsTable] = useState(false);
  return (
    <Stack gap="xs">
      <Group justify="space-between" gap="xs">
        <Text size="sm" flex="1 1 16rem">
          {sentence}
        </Text>
        <Button size="compact-xs" variant="default" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          {asTable ? t('showChart') : t('showTable')}
        </Button>
      </Group>
      {asTable ? (
        <Box mah={280} style={{ overflow: 'auto' }} tabIndex={0} role="group" aria-label={sentence}>
          <Table stickyHeader>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('at')}</Table.Th>
                {series.map(({ label }) => (
                  <Table.Th key={label}>{label}</Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {times.map((at, index) => (
                <Table.Tr key={at}>
                  <Table.Td>{absolute(at)}</Table.Td>
                  {series.map(({ label, values }) => (
                    <Table.Td key={label}>{values[index] == null ? '–' : number(values[index] ?? 0) + unit}</Table.Td>
                  ))}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Box>
      ) : (
        <>
          <Group gap="md" aria-hidden>
            {series.map(({ label, color }) => (
              <Group key={label} gap={6}>
                <Box w={12} h={12} bg={color} style={{ borderRadius: 3 }} />
                <Text size="xs">{label}</Text>
              </Group>
            ))}
          </Group>
          <Suspense fallback={<Waiting />}>
            <Plot {...props} />
          </Suspense>
        </>
      )}
    </Stack>
  );
}
