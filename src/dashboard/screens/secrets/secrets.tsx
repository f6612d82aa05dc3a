import { Tabs } from '@mantine/core';
import { useSearchParams } from 'react-router';
import { Needs } from '../../parts/needs.js';
import { Page } from '../../parts/page.js';
import { InWorkspace, useWorkspaceChoice, WorkspacePicker } from '../workspaces/workspace-choice.js';
import { Explainer } from './explainer.js';
import { SecretList } from './secret-list.js';
import { VariableList } from './variable-list.js';
import { t } from './words.js';

/** Values by name: the sealed ones, and the public ones. */
export default function Secrets() {
  const choice = useWorkspaceChoice();
  const [params, setParams] = useSearchParams();
  const tab = params.get('tab') === 'variables' ? 'variables' : 'secrets';
  const go = (next: string | null) =>
    setParams((before) => {
      before.delete('sort');
      if (next === 'variables') before.set('tab', next);
      else before.delete('tab');
      return before;
    });
  return (
    <Page title={t('title')} about={t('about')} actions={<WorkspacePicker choice={choice} />}>
      <Explainer />
      <InWorkspace choice={choice}>
        {({ id }) => (
          <Tabs value={tab} onChange={go} keepMounted={false}>
            <Tabs.List>
              <Tabs.Tab value="secrets">{t('tab.secret')}</Tabs.Tab>
              <Tabs.Tab value="variables">{t('tab.variable')}</Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="secrets" pt="md">
              <Needs scope="secrets:read">
                <SecretList key={id} workspaceId={id} />
              </Needs>
            </Tabs.Panel>
            <Tabs.Panel value="variables" pt="md">
              <Needs scope="projects:read">
                <VariableList key={id} workspaceId={id} />
              </Needs>
            </Tabs.Panel>
          </Tabs>
        )}
      </InWorkspace>
    </Page>
  );
}
