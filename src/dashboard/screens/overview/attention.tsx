import { Badge, Box, Button, Card, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconCircleX, IconInfoCircle } from '@tabler/icons-react';
import { Link } from 'react-router';
import type { AttentionItem } from '../../../contract/overview.js';
import { Section } from '../../parts/page.js';
import { t } from './words.js';

const MARKS = {
  problem: { Icon: IconCircleX, color: 'red' },
  warning: { Icon: IconAlertTriangle, color: 'orange' },
  notice: { Icon: IconInfoCircle, color: 'gray' },
} as const;

/** What somebody should look at, the worst first. */
export function Attention({ items }: { items: readonly AttentionItem[] }) {
  return (
    <Section title={t('attention')}>
      {items.length === 0 ? (
        <Text c="dimmed">{t('attentionNone')}</Text>
      ) : (
        <Card withBorder padding="sm">
          <Stack gap="sm">
            {items.map((item, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: one code may stand for several things
              <Item key={index} item={item} />
            ))}
          </Stack>
        </Card>
      )}
    </Section>
  );
}

/** In our own words where numbers and names say it all; what a look at this machine found is told as it was found. */
function wordsOf({ code, words, count, subjects }: AttentionItem): string {
  if (!isCounted(code) || count === null) return words;
  const names = subjects.map(({ name }) => name).join(', ');
  const more = count - subjects.length;
  const named = names === '' ? '' : more > 0 ? ` ${t('namedAndMore', { names, count: more })}` : ` (${names})`;
  return t(`words.${code}`, { count }) + named;
}

const COUNTED = ['KEYS_UNUSED', 'KEYS_WITHOUT_EXPIRY', 'KEYS_EXPIRING', 'ENV_KEYS_SET'] as const;
const isCounted = (code: string): code is (typeof COUNTED)[number] => (COUNTED as readonly string[]).includes(code);

function Item({ item }: { item: AttentionItem }) {
  const { severity, link, code } = item;
  const { Icon, color } = MARKS[severity];
  return (
    <Group justify="space-between" wrap="nowrap" align="flex-start">
      <Group gap="sm" align="flex-start" flex={1} miw={0}>
        <Badge color={color} leftSection={<Icon size={12} aria-hidden />} miw={96} style={{ flexShrink: 0 }}>
          {t(severity)}
        </Badge>
        <Box flex="1 1 14rem" style={{ overflowWrap: 'anywhere' }}>
          <Text size="sm" fw={600}>
            {t(`code.${code}`)}
          </Text>
          <Text size="sm">{wordsOf(item)}</Text>
        </Box>
      </Group>
      {link !== null && (
        <Button
          component={Link}
          to={link}
          size="compact-xs"
          variant="default"
          aria-label={`${t('look')}: ${t(`code.${code}`)}`}
        >
          {t('look')}
        </Button>
      )}
    </Group>
  );
}
