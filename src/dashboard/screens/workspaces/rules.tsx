import { Button, Group, SimpleGrid, Stack, Textarea } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { WorkspaceView } from '../../../contract/workspaces.js';
import { useChange } from '../../api/use-route.js';
import { ErrorNotice } from '../../parts/notice.js';
import { t } from './words.js';

const linesOf = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** Which files are read, in the words of .gitignore. */
export function Rules({ workspace }: { workspace: WorkspaceView }) {
  const [include, setInclude] = useState(workspace.include.join('\n'));
  const [exclude, setExclude] = useState(workspace.exclude.join('\n'));
  const update = useChange('updateWorkspace', ['showWorkspace', 'listWorkspaces', 'listFiles']);
  const detail = update.error?.status === 400 ? update.error.detail : '';
  const errorOf = (field: string) => (detail.startsWith(field) ? detail : null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const body = { include: linesOf(include), exclude: linesOf(exclude) };
    void update.run({ params: { workspaceId: workspace.id }, body });
  };
  const common = { autosize: true, minRows: 3, maxRows: 12, spellCheck: false } as const;
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <Textarea
            {...common}
            label={t('include')}
            description={t('includeHelp')}
            placeholder={'docs/\n*.md'}
            value={include}
            onChange={(event) => setInclude(event.currentTarget.value)}
            error={errorOf('include')}
          />
          <Textarea
            {...common}
            label={t('exclude')}
            description={t('excludeHelp')}
            placeholder={'*.snap\nfixtures/'}
            value={exclude}
            onChange={(event) => setExclude(event.currentTarget.value)}
            error={errorOf('exclude')}
          />
        </SimpleGrid>
        {update.error !== null && !/^(include|exclude)/.test(detail) && <ErrorNotice error={update.error} />}
        <Group>
          <Button type="submit" variant="default" loading={update.pending}>
            {t('saveRules')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
