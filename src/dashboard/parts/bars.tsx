import { Box, Group, Stack, Text } from '@mantine/core';
import { number } from '../words/words.js';
import { ChartFrame, type Series } from './chart-frame.js';

const HEIGHT = 160;
/** As many words as fit under the bars on a phone. */
const MOST_WORDS = 4;

export interface BarsProps {
  readonly sentence: string;
  /** What the bars are: days, durations. */
  readonly header: string;
  /** One for each bar. */
  readonly labels: readonly string[];
  /** Stacked; the first lies on top. */
  readonly series: readonly Series[];
}

/** Counts of days, of sizes, of anything in a row; the same numbers as a table for whoever would rather read. */
export function Bars({ sentence, header, labels, series }: BarsProps) {
  const sums = labels.map((_, at) => series.reduce((sum, { values }) => sum + (values[at] ?? 0), 0));
  const most = Math.max(1, ...sums);
  const every = Math.max(1, Math.ceil(labels.length / MOST_WORDS));
  // The last one has to have room for its words, too.
  const worded = labels.flatMap((label, at) =>
    at % every === 0 && labels.length - at > every / 2 ? [{ label, at }] : [],
  );
  return (
    <ChartFrame sentence={sentence} header={header} labels={labels} series={series}>
      <Box aria-hidden>
        <Text size="xs" c="dimmed">
          {number(most)}
        </Text>
        <Group
          gap={2}
          h={HEIGHT}
          align="flex-end"
          wrap="nowrap"
          style={{
            borderTop: '1px dashed var(--mantine-color-default-border)',
            borderBottom: '1px solid var(--mantine-color-default-border)',
          }}
        >
          {labels.map((label, at) => (
            <Stack key={label} gap={0} h="100%" flex={1} miw={0} justify="flex-end" title={`${label}: ${sums[at]}`}>
              {series.map(({ label: name, values, color }) => {
                const value = values[at] ?? 0;
                // Something is never drawn as nothing.
                return value === 0 ? null : <Box key={name} bg={color} h={`${(100 * value) / most}%`} mih={2} />;
              })}
            </Stack>
          ))}
        </Group>
        <Group gap={2} wrap="nowrap" align="flex-start">
          {worded.map(({ label, at }, index) => (
            <Text
              key={label}
              size="xs"
              c="dimmed"
              flex={(worded[index + 1]?.at ?? labels.length) - at}
              miw={0}
              truncate
            >
              {label}
            </Text>
          ))}
        </Group>
      </Box>
    </ChartFrame>
  );
}
