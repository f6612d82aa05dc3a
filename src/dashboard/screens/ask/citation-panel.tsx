import { Box, Drawer, Group, Stack, Text } from '@mantine/core';
import type { Citation } from '../../../contract/ask.js';
import { useRoute } from '../../api/use-route.js';
import { CopyButton } from '../../parts/copy.js';
import { Loaded } from '../../parts/notice.js';
import { t } from './words.js';

const AROUND = 12;

interface CitationPanelProps {
  readonly workspaceId: string;
  readonly citation: Citation | null;
  readonly onClose: () => void;
}

/** The lines of the file around a passage, as they are now, with those that were quoted marked. */
export function CitationPanel({ workspaceId, citation, onClose }: CitationPanelProps) {
  return (
    <Drawer
      opened={citation !== null}
      onClose={onClose}
      position="right"
      size="xl"
      title={citation === null ? '' : `[${citation.number}] ${citation.path}`}
      closeButtonProps={{ 'aria-label': t('close') }}
      styles={{ title: { fontWeight: 650, overflowWrap: 'anywhere' } }}
    >
      {citation !== null && <Lines workspaceId={workspaceId} citation={citation} />}
    </Drawer>
  );
}

function Lines({ workspaceId, citation }: { workspaceId: string; citation: Citation }) {
  const { path, startLine, endLine, text } = citation;
  const first = Math.max(1, startLine - AROUND);
  const file = useRoute('readFile', {
    params: { workspaceId },
    query: { path, startLine: first, endLine: endLine + AROUND },
  });
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          {t('linesOf', { from: startLine, to: endLine })}
        </Text>
        <CopyButton text={`${path}:${startLine}-${endLine}`} what={t('placeName')} />
      </Group>
      <Loaded from={file}>
        {({ lines, startLine: from }) => {
          const now = lines.slice(startLine - from, endLine - from + 1).join('\n');
          return (
            <>
              {now !== text && <Text size="sm">{t('changedSince')}</Text>}
              <Box
                component="pre"
                m={0}
                p="xs"
                fz="xs"
                ff="monospace"
                tabIndex={0}
                aria-label={t('linesIn', { path })}
                style={{ overflowX: 'auto', border: '1px solid var(--mantine-color-default-border)', borderRadius: 8 }}
              >
                {lines.map((line, index) => {
                  const number = from + index;
                  const quoted = number >= startLine && number <= endLine;
                  return (
                    <Box
                      key={number}
                      component="span"
                      display="block"
                      {...(quoted ? { 'data-quoted': true } : {})}
                      style={
                        quoted
                          ? {
                              background: 'light-dark(var(--mantine-color-gate-0), rgba(26, 135, 145, 0.25))',
                              boxShadow: 'inset 3px 0 var(--mantine-color-gate-6)',
                            }
                          : {}
                      }
                    >
                      <Box
                        component="span"
                        display="inline-block"
                        w={48}
                        pe={12}
                        ta="end"
                        style={{ userSelect: 'none', color: 'light-dark(#596068, #adb2b8)' }}
                      >
                        {number}
                      </Box>
                      {line === '' ? ' ' : line}
                    </Box>
                  );
                })}
              </Box>
            </>
          );
        }}
      </Loaded>
    </Stack>
  );
}
