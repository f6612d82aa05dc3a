import { Alert, Button, List } from '@mantine/core';
import { useState } from 'react';
import { useRoute } from '../../api/use-route.js';
import { Loaded } from '../../parts/notice.js';
import { Page, Section } from '../../parts/page.js';
import { DeclaredScopes } from './declared-scopes.js';
import { RouteEditor } from './route-editor.js';
import { RouteTable } from './route-table.js';
import { RouteTest } from './route-test.js';
import { t } from './words.js';

export default function Routes() {
  const routes = useRoute('showRoutes');
  const [editing, setEditing] = useState(false);
  return (
    <Page title={t('title')} about={t('about')}>
      <Loaded from={routes}>
        {({ file, fault, warnings }) => (
          <>
            {fault !== null && (
              <Alert color="red" title={t('fault')}>
                {fault}
              </Alert>
            )}
            {warnings.length > 0 && (
              <Alert color="yellow">
                <List size="sm">
                  {warnings.map((warning) => (
                    <List.Item key={warning}>{warning}</List.Item>
                  ))}
                </List>
              </Alert>
            )}
            <Section
              title={t('routes')}
              about={t('routesAbout')}
              actions={
                <Button variant="default" size="xs" onClick={() => setEditing(true)}>
                  {t('edit')}
                </Button>
              }
            >
              {file === null ? <Alert color="red">{t('missing')}</Alert> : <RouteTable file={file} />}
            </Section>
            <RouteEditor opened={editing} file={file} onClose={() => setEditing(false)} />
          </>
        )}
      </Loaded>
      <RouteTest />
      <DeclaredScopes />
    </Page>
  );
}
