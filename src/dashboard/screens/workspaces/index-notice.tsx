import { Alert, Progress, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react';
import type { WorkspaceView } from '../../../contract/workspaces.js';
import { useRoute } from '../../api/use-route.js';
import { number } from '../../words/words.js';
import { t } from './words.js';

type Index = WorkspaceView['index'];

/** An index that was not begun, over nothing, waits for nobody. */
export const isAtWork = ({ state, filesTotal }: Index): boolean =>
  state === 'building' || (state === 'pending' && filesTotal > 0);

/** How much of the files is read, in hundredths. */
export const percentOf = ({ state, filesDone, filesTotal }: Index): number =>
  state === 'ready' ? 100 : filesTotal === 0 ? 0 : Math.floor((100 * filesDone) / filesTotal);

/** A word before one asks, while the files are not all read; nothing when they are. */
export function IndexNotice({ workspace }: { workspace: WorkspaceView }) {
  const working = isAtWork(workspace.index);
  const shown = useRoute(
    'showWorkspace',
    { params: { workspaceId: workspace.id } },
    { enabled: working, refetchEveryMs: working ? 2000 : false },
  );
  const index = shown.data?.workspace.index ?? workspace.index;
  if (index.state === 'ready' || (index.state === 'pending' && !isAtWork(index))) return null;
  if (index.state === 'failed' || index.state === 'full')
    return (
      <Alert color="red" icon={<IconAlertTriangle aria-hidden />} title={t(`index.${index.state}`)}>
        {index.detail ?? ''}
      </Alert>
    );
  return (
    <Alert color="blue" icon={<IconInfoCircle aria-hidden />} title={t('buildingTitle', { percent: percentOf(index) })}>
      <Stack gap={6}>
        <Text size="sm">{t('buildingText', { done: number(index.filesDone), total: number(index.filesTotal) })}</Text>
        <Progress value={percentOf(index)} aria-label={t('indexProgress')} />
      </Stack>
    </Alert>
  );
}
