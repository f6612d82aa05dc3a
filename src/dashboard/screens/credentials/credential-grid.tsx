import { Tabs } from '@mantine/core';
import { useSearchParams } from 'react-router';
import { Needs } from '../../parts/needs.js';
import { Page } from '../../parts/page.js';
import { InWorkspace, useWorkspaceChoice, WorkspacePicker } from '../workspaces/workspace-choice.js';
import { SavedList } from './saved-list.js';
import { TypeCards } from './type-cards.js';
import { t } from './words.js';

/** What one's own side sends to others: every type there is, and what is saved. */
export default function CredentialGrid() {
  const choice = useWorkspaceChoice();
  const [params, setParams] = useSearchParams();
  const tab = params.get('tab') ?? 'types';
  const go = (next: string | null) =>
    setParams((before) => {
      for (const name of ['search', 'sort', 'type', 'health']) before.delete(name);
      if (next === null || next === 'types') before.delete('tab');
      else before.set('tab', next);
      return before;
    });
  return (
    <Page title={t('title')} about={t('about')} actions={<WorkspacePicker choice={choice} />}>
      <Needs scope="secrets:read">
        <InWorkspace choice={choice}>
          {({ id }) => (
            <Tabs value={tab} onChange={go} keepMounted={false}>
              <Tabs.List>
                <Tabs.Tab value="types">{t('tabTypes')}</Tabs.Tab>
                <Tabs.Tab value="saved">{t('tabSaved')}</Tabs.Tab>
              </Tabs.List>
              <Tabs.Panel value="types" pt="md">
                <TypeCards workspaceId={id} />
              </Tabs.Panel>
              <Tabs.Panel value="saved" pt="md">
                <SavedList workspaceId={id} />
              </Tabs.Panel>
            </Tabs>
          )}
        </InWorkspace>
      </Needs>
    </Page>
  );
}
