import { Card, SimpleGrid, Text } from '@mantine/core';
import { Link } from 'react-router';
import type { Answer } from '../../api/call.js';
import { number } from '../../words/words.js';
import { t } from './words.js';

export type TileNumbers = Answer<'showOverview'>['tiles'];

export function Tiles({ tiles }: { tiles: TileNumbers }) {
  const share =
    tiles.deniedShare === null
      ? t('deniedNone')
      : number(tiles.deniedShare, { style: 'percent', maximumFractionDigits: 1 });
  const all: readonly (readonly [label: string, value: string, path: string])[] = [
    [t('requests'), number(tiles.requests24h), '/usage'],
    [t('denied'), share, '/usage'],
    [t('keys'), number(tiles.activeKeys), '/settings/api-keys'],
    [t('expiring'), number(tiles.expiring14d), '/settings/api-keys?concern=ending'],
    ...(tiles.jobsQueued === null ? [] : [[t('queued'), number(tiles.jobsQueued), '/jobs?status=queued'] as const]),
    ...(tiles.jobsRunning === null ? [] : [[t('running'), number(tiles.jobsRunning), '/jobs?status=running'] as const]),
  ];
  return (
    <SimpleGrid cols={{ base: 2, sm: 3, lg: 6 }} spacing="sm">
      {all.map(([label, value, path]) => (
        <Card key={label} component={Link} to={path} withBorder padding="md">
          <Text size="sm" c="dimmed">
            {label}
          </Text>
          <Text fw={650} fz={value.length > 8 ? 'md' : '1.6rem'} lh={1.3} mt="auto">
            {value}
          </Text>
        </Card>
      ))}
    </SimpleGrid>
  );
}
