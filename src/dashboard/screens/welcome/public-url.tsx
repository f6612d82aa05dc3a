import { Anchor, Stack, Text } from '@mantine/core';
import { ORIGIN } from '../../api/place.js';
import { State, type Tone } from '../../parts/state.js';
import type { Named } from './reach.js';
import { t } from './words.js';

const TONES: Readonly<Record<Named, Tone>> = {
  same: 'good',
  local: 'good',
  aside: 'good',
  unset: 'warning',
  other: 'warning',
};

/** Whether links, cookies and tokens name the address that people use. */
export function PublicUrl({ named, publicUrl }: { named: Named; publicUrl: string | null }) {
  const values = { publicUrl: publicUrl ?? '', opened: ORIGIN };
  return (
    <Stack gap={6}>
      <State tone={TONES[named]}>{t(`url.${named}`)}</State>
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        {t(`urlText.${named}`, values)}
      </Text>
      {(named === 'other' || named === 'aside') && publicUrl !== null && (
        <Anchor href={`${publicUrl}/welcome`} size="sm" underline="always">
          {t('openThere', values)}
        </Anchor>
      )}
    </Stack>
  );
}
