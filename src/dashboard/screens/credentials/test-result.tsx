import { Alert, Code, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconCircleX, IconHelpCircle } from '@tabler/icons-react';
import type { LastTest, TestOutcome } from '../../../contract/credentials.js';
import { When } from '../../parts/when.js';
import { number } from '../../words/words.js';
import { t } from './words.js';

const LOOKS: Readonly<Record<TestOutcome, readonly [string, typeof IconCircleX]>> = {
  ok: ['green', IconCircleCheck],
  limited: ['green', IconCircleCheck],
  invalid: ['red', IconCircleX],
  unreachable: ['yellow', IconAlertTriangle],
  unknown: ['gray', IconHelpCircle],
};

/** What a vendor said to a credential, and what that means. The answer itself is told by its status alone. */
export function TestResult({ test, tookMs }: { test: LastTest; tookMs?: number | undefined }) {
  const [color, Icon] = LOOKS[test.outcome];
  return (
    <Alert color={color} icon={<Icon aria-hidden />} title={t(`outcome.${test.outcome}`)} role="status">
      <Stack gap={6}>
        <Text size="sm">{t(`means.${test.outcome}`)}</Text>
        <Code style={{ overflowWrap: 'anywhere', whiteSpace: 'normal' }}>{test.detail}</Code>
        <Text size="sm" c="dimmed">
          {tookMs === undefined ? '' : `${t('took', { ms: number(Math.round(tookMs)) })} · `}
          <When at={test.at} />
        </Text>
      </Stack>
    </Alert>
  );
}
