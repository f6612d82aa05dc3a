import { Anchor, Badge, Box, Button, Card, Group, Stack, Text } from '@mantine/core';
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

/** In our own words where numbers say it all; what a look at this machine found is told as it was found. */
function wordsOf({ code, words, count }: AttentionItem): string {
  return isCounted(code) && count !== null ? t(`words.${code}`, { count }) : words;
}

/** The first of them, each a way to its page. */
function Subjects({ item: { subjects, count } }: { item: AttentionItem }) {
  const linked = subjects.filter(({ link }) => link !== null);
  if (linked.length === 0) return null;
  const more = (count ?? 0) - linked.length;
  return (
    <Group gap="4px 12px" mt={2}>
      {linked.map(({ id, name, link }) => (
        <Anchor key={id} component={Link} to={link ?? ''} size="sm" style={{ overflowWrap: 'anywhere' }}>
          {name}
        </Anchor>
      ))}
      {more > 0 && (
        <Text size="sm" c="dimmed">
          {t('andMore', { count: more })}
        </Text>
      )}
    </Group>
  );
}

const COUNTED = [
  'KEYS_UNUSED',
  'KEYS_WITHOUT_EXPIRY',
  'KEYS_EXPIRING',
  'KEYS_OLD_SECRET_USED',
  'ENV_KEYS_SET',
] as const;
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
          <Subjects item={item} />
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
