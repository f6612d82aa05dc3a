import { Alert, Code, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconCircleX, IconHelpCircle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { CredentialTest, LastTest, TestOutcome } from '../../../contract/credentials.js';
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

interface TestResultProps {
  /** One that was just made tells more than the last one that is kept. */
  readonly test: LastTest | CredentialTest;
  readonly children?: ReactNode;
}

/** What a vendor said to a credential, and what that means. */
export function TestResult({ test, children }: TestResultProps) {
  const [color, Icon] = LOOKS[test.outcome];
  const { status, tookMs, reply } = 'tookMs' in test ? test : { status: null, tookMs: null, reply: null };
  return (
    <Alert color={color} icon={<Icon aria-hidden />} title={t(`outcome.${test.outcome}`)} role="status">
      <Stack gap={6}>
        <Text size="sm">{t(`means.${test.outcome}`)}</Text>
        <Code style={{ overflowWrap: 'anywhere', whiteSpace: 'normal' }}>{test.detail}</Code>
        <Text size="sm" c="dimmed">
          {status !== null && `${t('status', { status })} · `}
          {tookMs !== null && `${t('took', { ms: number(tookMs) })} · `}
          <When at={test.at} />
        </Text>
        {reply !== null && reply.trim() !== '' && (
          <>
            <Text size="sm" component="label" id="vendor-reply">
              {t('reply')}
            </Text>
            <Code
              block
              tabIndex={0}
              role="group"
              aria-labelledby="vendor-reply"
              style={{ maxHeight: 160, overflow: 'auto', overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}
            >
              {reply}
            </Code>
          </>
        )}
        {children}
      </Stack>
    </Alert>
  );
}
