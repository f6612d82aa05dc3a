import { Box, Button, Group, Stack, Table, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { number } from '../words/words.js';
import { t } from './words.js';

export interface Series {
  readonly label: string;
  readonly values: readonly (number | null)[];
  /** A Mantine colour with its shade: `gate.6`. */
  readonly color: string;
}

export interface ChartFrameProps {
  /** What is seen in one sentence, with numbers: it stands above, for everybody. */
  readonly sentence: string;
  /** What the rows of the table are, and each of them. */
  readonly header: string;
  readonly labels: readonly string[];
  readonly series: readonly Series[];
  /** Written behind numbers: ` ms`. */
  readonly unit?: string | undefined;
  /** The picture. */
  readonly children: ReactNode;
}

/** A picture of numbers with its sentence and its colours; the same numbers as a table for whoever would rather read. */
export function ChartFrame({ sentence, header, labels, series, unit = '', children }: ChartFrameProps) {
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
                <Table.Th>{header}</Table.Th>
                {series.map(({ label }) => (
                  <Table.Th key={label}>{label}</Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {labels.map((label, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: two moments of one second have one label
                <Table.Tr key={index}>
                  <Table.Td>{label}</Table.Td>
                  {series.map(({ label: name, values }) => (
                    <Table.Td key={name}>{values[index] == null ? '–' : number(values[index] ?? 0) + unit}</Table.Td>
                  ))}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Box>
      ) : (
        <>
          {series.length > 1 && (
            <Group gap="md" aria-hidden>
              {series.map(({ label, color }) => (
                <Group key={label} gap={6}>
                  <Box w={12} h={12} bg={color} style={{ borderRadius: 3 }} />
                  <Text size="xs">{label}</Text>
                </Group>
              ))}
            </Group>
          )}
          {children}
        </>
      )}
    </Stack>
  );
}
