import { Badge, Button, Card, Group, Stack, Text } from '@mantine/core';
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

function Item({ item: { severity, words, link, code } }: { item: AttentionItem }) {
  const { Icon, color } = MARKS[severity];
  return (
    <Group justify="space-between" wrap="nowrap" align="flex-start">
      <Group gap="sm" align="flex-start" flex={1} miw={0}>
        <Badge color={color} leftSection={<Icon size={12} aria-hidden />}>
          {t(severity)}
        </Badge>
        <Text size="sm" flex="1 1 14rem" style={{ overflowWrap: 'anywhere' }}>
          {words}
        </Text>
      </Group>
      {link !== null && (
        <Button component={Link} to={link} size="compact-xs" variant="default" aria-label={`${t('look')}: ${code}`}>
          {t('look')}
        </Button>
      )}
    </Group>
  );
}
