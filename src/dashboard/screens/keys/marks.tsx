import { Group, Text } from '@mantine/core';
import { IconAlertTriangle, IconBan, IconCircleCheck, IconClockOff, IconRefresh } from '@tabler/icons-react';
import type { KeyView } from '../../../contract/keys.js';
import { When } from '../../parts/when.js';
import { endsSoon } from './say.js';
import { t } from './words.js';

const MARKS = {
  active: [IconCircleCheck, 'teal'],
  expiring: [IconRefresh, 'blue'],
  expired: [IconClockOff, 'gray'],
  revoked: [IconBan, 'red'],
} as const;

/** Whether it works, by sign and word. */
export function StatusMark({ status }: { status: KeyView['status'] }) {
  const [Icon, color] = MARKS[status];
  return (
    <Group gap={6} wrap="nowrap">
      <Icon size={16} color={`var(--mantine-color-${color}-6)`} aria-hidden style={{ flexShrink: 0 }} />
      <Text span size="sm">
        {t(status)}
      </Text>
    </Group>
  );
}

/** When it ends; a sign where that is soon. */
export function Ends({ at, over = false }: { at: string | null; over?: boolean }) {
  if (at === null) return <span>{t('endless')}</span>;
  const when = (
    <span style={{ whiteSpace: 'nowrap' }}>
      <When at={at} />
    </span>
  );
  if (over || !endsSoon(at)) return when;
  return (
    <Group gap={6} wrap="nowrap">
      <IconAlertTriangle size={16} color="var(--mantine-color-orange-6)" aria-label={t('endsSoon')} />
      {when}
    </Group>
  );
}

/** When and from where it was used last. */
export function LastUse({ at, address }: { at: string | null; address: string | null }) {
  return (
    <>
      <Text span size="sm" style={{ whiteSpace: 'nowrap' }}>
        <When at={at} />
      </Text>
      {at !== null && address !== null && (
        <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
          {t('from', { address })}
        </Text>
      )}
    </>
  );
}
