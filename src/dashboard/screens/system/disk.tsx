import { Card, Progress, Stack, Text } from '@mantine/core';
import type { SystemView } from '../../../contract/system.js';
import { Section } from '../../parts/page.js';
import { number } from '../../words/words.js';
import { t } from './words.js';

/** From there on somebody should make room; the health check says so too. */
const FULL_PERCENT = 90;

/** How full the disk is that the files are on. */
export function Disk({ disk }: { disk: SystemView['disk'] }) {
  if (disk === null) return null;
  const { totalBytes, freeBytes } = disk;
  const percent = Math.round((1 - freeBytes / totalBytes) * 100);
  const isFull = percent > FULL_PERCENT;
  const sentence = t('diskSentence', { percent, free: size(freeBytes), total: size(totalBytes) });
  return (
    <Section title={t('disk')}>
      <Card withBorder>
        <Stack gap="xs">
          <Text size="sm" fw={isFull ? 600 : 400}>
            {isFull ? `${sentence} ${t('diskFull')}` : sentence}
          </Text>
          <Progress value={percent} size="lg" color={isFull ? 'red' : 'gate'} aria-label={sentence} />
        </Stack>
      </Card>
    </Section>
  );
}

function size(bytes: number): string {
  const [value, unit] =
    bytes >= 1e12 ? [bytes / 1e12, 'terabyte'] : bytes >= 1e9 ? [bytes / 1e9, 'gigabyte'] : [bytes / 1e6, 'megabyte'];
  return number(value, { style: 'unit', unit, maximumFractionDigits: value < 10 ? 1 : 0 });
}
