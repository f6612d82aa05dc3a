import { Badge } from '@mantine/core';
import { IconBan, IconCheck, IconX } from '@tabler/icons-react';
import type { AuditLine } from '../../../contract/audit.js';
import { t } from './words.js';

const MARKS = {
  ok: { Icon: IconCheck, color: 'gate' },
  refused: { Icon: IconBan, color: 'orange' },
  failed: { Icon: IconX, color: 'red' },
} as const;

export function Outcome({ of }: { of: AuditLine['outcome'] }) {
  const { Icon, color } = MARKS[of];
  return (
    <Badge color={color} leftSection={<Icon size={12} aria-hidden />}>
      {t(of)}
    </Badge>
  );
}
