import { Anchor, Button, Text } from '@mantine/core';
import { Link } from 'react-router';
import { useSession } from '../../api/session.js';
import { useRoute } from '../../api/use-route.js';
import { CodeBlock } from '../../parts/copy.js';
import { DataTable } from '../../parts/data-table.js';
import { Needs } from '../../parts/needs.js';
import { EmptyState } from '../../parts/notice.js';
import { Page } from '../../parts/page.js';
import { usePages } from '../../parts/use-pages.js';
import { When } from '../../parts/when.js';
import { t } from './words.js';

/** Instructions that are saved for questions. */
export default function PromptList() {
  const { organizationId, may } = useSession();
  const pages = usePages(organizationId);
  const list = useRoute('listPrompts', { query: { ...pages.query, organizationId } }, { enabled: may('agents:read') });
  const button = may('agents:write') && (
    <Button component={Link} to="/prompts/new">
      {t('create')}
    </Button>
  );
  return (
    <Page title={t('title')} about={t('about')} actions={list.data?.data.length === 0 ? undefined : button}>
      <Needs scope="agents:read">
        <DataTable
          label={t('title')}
          rows={list.data?.data}
          from={list}
          rowKey={({ id }) => id}
          pages={pages.paged(list.data?.nextCursor)}
          empty={
            <EmptyState title={t('noneTitle')} action={button}>
              <Text mb="sm">{t('noneText')}</Text>
              <CodeBlock text="gatehouse prompts create brief < prompt.txt" what={t('command')} />
            </EmptyState>
          }
          columns={[
            {
              key: 'name',
              header: t('name'),
              cell: ({ id, name }) => (
                <Anchor component={Link} to={`/prompts/${id}`} size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
                  {name}
                </Anchor>
              ),
              value: ({ name }) => name,
            },
            {
              key: 'description',
              header: t('description'),
              cell: ({ description }) => description,
              value: ({ description }) => description,
            },
            {
              key: 'variables',
              header: t('variables'),
              cell: ({ variables }) => variables.map(({ name }) => name).join(', ') || '–',
              value: ({ variables }) => variables.map(({ name }) => name).join(' '),
            },
            {
              key: 'version',
              header: t('version'),
              cell: ({ version }) => version,
              value: ({ version }) => version,
            },
            {
              key: 'updated',
              header: t('updated'),
              cell: ({ updatedAt }) => <When at={updatedAt} />,
              value: ({ updatedAt }) => updatedAt,
            },
          ]}
        />
      </Needs>
    </Page>
  );
}
