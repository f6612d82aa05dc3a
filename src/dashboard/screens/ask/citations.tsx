import { Anchor, Badge, Group, Stack, Text, Title } from '@mantine/core';
import type { Citation } from '../../../contract/ask.js';
import { t } from './words.js';

/** Where an answer is from: each place can be opened. */
export function Citations({ citations, onOpen }: { citations: readonly Citation[]; onOpen: (number: number) => void }) {
  if (citations.length === 0) return null;
  const cited = citations.filter((one) => one.cited);
  const shown = cited.length > 0 ? cited : citations;
  const rest = cited.length > 0 ? citations.filter((one) => !one.cited) : [];
  return (
    <Stack gap={4} component="section" aria-label={t('sources')}>
      <Title order={3} size="h5">
        {t('sources')}
      </Title>
      {shown.map((one) => (
        <Source key={one.number} citation={one} onOpen={onOpen} />
      ))}
      {rest.length > 0 && (
        <details>
          <Text component="summary" size="sm" c="dimmed" style={{ cursor: 'pointer' }}>
            {t('alsoFound', { count: rest.length })}
          </Text>
          <Stack gap={4} mt={4}>
            {rest.map((one) => (
              <Source key={one.number} citation={one} onOpen={onOpen} />
            ))}
          </Stack>
        </details>
      )}
    </Stack>
  );
}

function Source({ citation, onOpen }: { citation: Citation; onOpen: (number: number) => void }) {
  const { number, path, startLine, endLine } = citation;
  return (
    <Group gap="xs" wrap="nowrap">
      <Badge variant="outline" miw={32}>
        {number}
      </Badge>
      <Anchor
        component="button"
        type="button"
        size="sm"
        ta="start"
        mih={24}
        style={{ overflowWrap: 'anywhere' }}
        onClick={() => onOpen(number)}
      >
        {t('place', { path, from: startLine, to: endLine })}
      </Anchor>
    </Group>
  );
}
