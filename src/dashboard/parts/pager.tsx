import { Button, Group, Select, Text } from '@mantine/core';
import type { Paged } from './use-pages.js';
import { t } from './words.js';

/** The pages of a list; of one that is whole, how many rows it has. */
export function Pager({ pages, rows }: { pages: Paged | undefined; rows: number }) {
  const isWhole = pages === undefined || (pages.number === 1 && !pages.hasNext && rows <= 25);
  if (isWhole)
    return (
      <Text size="sm" c="dimmed">
        {t('rows', { count: rows })}
      </Text>
    );
  return (
    <Group gap="xs">
      <Button variant="default" size="xs" disabled={pages.number === 1} onClick={pages.previous}>
        {t('previous')}
      </Button>
      <Text size="sm">{t('page', { page: pages.number })}</Text>
      <Button variant="default" size="xs" disabled={!pages.hasNext} onClick={pages.next}>
        {t('next')}
      </Button>
      <Select
        aria-label={t('pageSize')}
        data={['25', '50', '100', '200']}
        value={String(pages.size)}
        onChange={(size) => pages.setSize(Number(size ?? 50))}
        w={80}
        size="xs"
      />
    </Group>
  );
}
