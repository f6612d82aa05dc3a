import { Group, Text } from '@mantine/core';
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleX,
  IconClock,
  IconHelpCircle,
  type TablerIcon,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';

export type Tone = 'good' | 'warning' | 'bad' | 'busy' | 'unsure' | 'quiet';

const LOOKS: Readonly<Record<Tone, readonly [icon: TablerIcon, light: string, dark: string]>> = {
  good: [IconCircleCheck, '#12672b', '#69db7c'],
  warning: [IconAlertTriangle, '#8a4600', '#ffc078'],
  bad: [IconCircleX, '#b42323', '#ff9b9b'],
  busy: [IconClock, '#0b5d66', '#7bbdc3'],
  unsure: [IconHelpCircle, '#4a5058', '#c1c6cc'],
  quiet: [IconCircleDashed, '#596068', '#adb2b8'],
};

/** How something is: by a word and a sign, so that nobody needs to see the colour. */
export function State({ tone, children }: { tone: Tone; children: ReactNode }) {
  const [Icon, light, dark] = LOOKS[tone];
  return (
    <Group
      gap={6}
      wrap="nowrap"
      component="span"
      display="inline-flex"
      style={{ color: `light-dark(${light}, ${dark})`, verticalAlign: 'middle' }}
    >
      <Icon size={16} aria-hidden style={{ flexShrink: 0 }} />
      <Text component="span" size="sm" fw={500} inherit={false}>
        {children}
      </Text>
    </Group>
  );
}
