import { Code, Drawer, Text } from '@mantine/core';
import { useRoute } from '../../api/use-route.js';
import { Loaded } from '../../parts/notice.js';
import { number } from '../../words/words.js';
import { t } from './words.js';

const LINES = 500;

/** The first lines of a file. */
export function FilePanel({
  workspaceId,
  path,
  onClose,
}: {
  workspaceId: string;
  path: string | null;
  onClose: () => void;
}) {
  return (
    <Drawer
      opened={path !== null}
      onClose={onClose}
      position="right"
      size="xl"
      title={path ?? ''}
      closeButtonProps={{ 'aria-label': t('close') }}
      styles={{ title: { fontWeight: 650, overflowWrap: 'anywhere' } }}
    >
      {path !== null && <Lines workspaceId={workspaceId} path={path} />}
    </Drawer>
  );
}

function Lines({ workspaceId, path }: { workspaceId: string; path: string }) {
  const file = useRoute('readFile', { params: { workspaceId }, query: { path, endLine: LINES } });
  return (
    <Loaded from={file}>
      {({ lines, totalLines }) => (
        <>
          <Text size="sm" c="dimmed" mb="xs">
            {t('linesShown', { shown: number(lines.length), total: number(totalLines) })}
          </Text>
          <Code block tabIndex={0} aria-label={path}>
            {lines.join('\n')}
          </Code>
        </>
      )}
    </Loaded>
  );
}
