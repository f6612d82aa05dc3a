import { Group, Radio, Stack, Text } from '@mantine/core';
import { State } from '../../parts/state.js';
import type { Between } from './reach.js';
import { t } from './words.js';

interface YourProxyProps {
  readonly between: Between;
  readonly address: string | null;
  /** What was answered; `null`: nothing yet. */
  readonly isMine: boolean | null;
  readonly onAnswer: (isMine: boolean) => void;
}

/** Whether somebody stands in between, and whether they are to be believed: only people can tell. */
export function YourProxy({ between, address, isMine, onAnswer }: YourProxyProps) {
  switch (between.kind) {
    case 'direct':
      return (
        <Stack gap={6}>
          <State tone="good">{t('direct')}</State>
          <Text size="sm">{t('directText', { peer: between.peer })}</Text>
        </Stack>
      );
    case 'known':
      return (
        <Stack gap={6}>
          <State tone="good">{t('known')}</State>
          <Text size="sm">{t('knownText', { peer: between.peer, address: address ?? '' })}</Text>
        </Stack>
      );
    case 'wrong':
      return (
        <Stack gap={6}>
          <State tone="warning">{t('wrong')}</State>
          <Text size="sm">{between.advice}</Text>
        </Stack>
      );
    default:
      return (
        <Stack gap="sm">
          <State tone="warning">{t('unknown')}</State>
          <Text size="sm">{t('unknownText', { peer: between.peer, forwardedFor: between.forwardedFor })}</Text>
          <Radio.Group
            label={t('question', { peer: between.peer })}
            value={isMine === null ? '' : isMine ? 'yes' : 'no'}
            onChange={(answer) => onAnswer(answer === 'yes')}
          >
            <Group mt={6}>
              <Radio value="yes" label={t('mine')} />
              <Radio value="no" label={t('notMine')} />
            </Group>
          </Radio.Group>
          {isMine !== null && (
            <Text size="sm" role="status">
              {isMine ? t('mineText') : t('notMineText')}
            </Text>
          )}
        </Stack>
      );
  }
}
