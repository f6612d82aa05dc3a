import { Button, Code, Select, Stack, Text } from '@mantine/core';
import { IconFolder } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link, useSearchParams } from 'react-router';
import type { WorkspaceView } from '../../../contract/workspaces.js';
import { useSession } from '../../api/session.js';
import { useAll } from '../../api/use-all.js';
import { EmptyState, Loaded } from '../../parts/notice.js';
import { t } from './words.js';

const KEPT = 'gatehouse.workspace';

/** Which workspace a screen is about: the address says it, else the one that was chosen last. */
export function useWorkspaceChoice() {
  const { organizationId } = useSession();
  const from = useAll('listWorkspaces', { query: { organizationId } });
  const [params, setParams] = useSearchParams();
  const list = from.data;
  const named = (id: string | null) => list?.find((one) => one.id === id);
  const chosen = named(params.get('workspace')) ?? named(kept()) ?? list?.[0];
  const choose = (id: string) => {
    keep(id);
    setParams((before) => {
      before.set('workspace', id);
      return before;
    });
  };
  return { from, list: list ?? [], chosen, choose };
}
export type WorkspaceChoice = ReturnType<typeof useWorkspaceChoice>;

export function WorkspacePicker({ choice }: { choice: WorkspaceChoice }) {
  if (choice.chosen === undefined) return null;
  return (
    <Select
      aria-label={t('workspace')}
      leftSection={<IconFolder size={16} aria-hidden />}
      data={choice.list.map(({ id }) => id)}
      value={choice.chosen.id}
      onChange={(id) => id !== null && choice.choose(id)}
      searchable={choice.list.length > 8}
      nothingFoundMessage={t('noSuchWorkspace')}
      w={220}
    />
  );
}

/** What a screen shows about the chosen workspace; what to do when there is none. */
export function InWorkspace({
  choice,
  children,
}: {
  choice: WorkspaceChoice;
  children: (workspace: WorkspaceView) => ReactNode;
}) {
  const { may } = useSession();
  return (
    <Loaded from={choice.from}>
      {() =>
        choice.chosen === undefined ? (
          <EmptyState
            title={t('noneTitle')}
            action={
              may('projects:write') ? (
                <Button component={Link} to="/workspaces">
                  {t('toWorkspaces')}
                </Button>
              ) : undefined
            }
          >
            <Stack gap={4} align="center">
              <Text>{t('noneText')}</Text>
              <Code>mkdir workspaces/demo</Code>
            </Stack>
          </EmptyState>
        ) : (
          children(choice.chosen)
        )
      }
    </Loaded>
  );
}

function kept(): string | null {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

function keep(id: string): void {
  try {
    localStorage.setItem(KEPT, id);
  } catch {
    // Then the address alone knows.
  }
}
