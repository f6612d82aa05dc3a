import { Group, Progress, Text } from '@mantine/core';
import type { WorkspaceView } from '../../../contract/workspaces.js';
import { State, type Tone } from '../../parts/state.js';
import { isAtWork, percentOf } from './index-notice.js';
import { t } from './words.js';

const TONES: Readonly<Record<WorkspaceView['index']['state'], Tone>> = {
  pending: 'quiet',
  building: 'busy',
  ready: 'good',
  failed: 'bad',
  full: 'bad',
};

export function IndexState({ index }: { index: WorkspaceView['index'] }) {
  return (
    <Group gap="xs">
      <State tone={TONES[index.state]}>{t(`index.${index.state}`)}</State>
      {isAtWork(index) && (
        <>
          <Progress value={percentOf(index)} w={80} aria-label={t('indexProgress')} />
          <Text size="xs" c="dimmed">
            {percentOf(index)} %
          </Text>
        </>
      )}
    </Group>
  );
}
