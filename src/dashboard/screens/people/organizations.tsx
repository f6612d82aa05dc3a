import { Button, Code, Menu, Modal, Stack, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { OrganizationView } from '../../../contract/organizations.js';
import { useChange, useRoute } from '../../api/use-route.js';
import { type Column, DataTable } from '../../parts/data-table.js';
import { EmptyState, ErrorNotice } from '../../parts/notice.js';
import { Page } from '../../parts/page.js';
import { usePages } from '../../parts/use-pages.js';
import { When } from '../../parts/when.js';
import { t as parts } from '../../parts/words.js';
import { LimitsDialog } from './limits-dialog.js';
import { PeopleTabs } from './tabs.js';
import { t } from './words.js';

export default function Organizations() {
  const { query, paged } = usePages('');
  const organizations = useRoute('listOrganizations', { query });
  const [naming, setNaming] = useState<OrganizationView | 'new' | null>(null);
  const [limiting, setLimiting] = useState<OrganizationView | null>(null);
  const columns: Column<OrganizationView>[] = [
    { key: 'name', header: t('organizationName'), cell: ({ name }) => name, value: ({ name }) => name },
    { key: 'id', header: t('id'), cell: ({ id }) => <Code>{id}</Code>, value: ({ id }) => id },
    { key: 'created', header: t('created'), cell: (one) => <When at={one.createdAt} />, value: (one) => one.createdAt },
  ];
  return (
    <Page
      title={t('organizations')}
      about={t('organizationsAbout')}
      actions={<Button onClick={() => setNaming('new')}>{t('newOrganization')}</Button>}
    >
      <PeopleTabs />
      <DataTable
        label={t('organizations')}
        rows={organizations.data?.data}
        columns={columns}
        rowKey={({ id }) => id}
        rowName={({ name }) => name}
        from={organizations}
        pages={paged(organizations.data?.nextCursor)}
        empty={<EmptyState title={t('organizations')} />}
        rowMenu={(organization) => (
          <>
            <Menu.Item onClick={() => setNaming(organization)}>{t('rename')}</Menu.Item>
            <Menu.Item onClick={() => setLimiting(organization)}>{t('limits')}</Menu.Item>
          </>
        )}
      />
      <Modal
        opened={naming !== null}
        onClose={() => setNaming(null)}
        title={naming === 'new' ? t('newOrganization') : t('rename')}
        closeButtonProps={{ 'aria-label': parts('close') }}
      >
        {naming !== null && <NameForm of={naming} onDone={() => setNaming(null)} />}
      </Modal>
      <LimitsDialog organization={limiting} onClose={() => setLimiting(null)} />
    </Page>
  );
}

function NameForm({ of, onDone }: { of: OrganizationView | 'new'; onDone: () => void }) {
  const [name, setName] = useState(of === 'new' ? '' : of.name);
  const create = useChange('createOrganization', ['listOrganizations', 'showProfile']);
  const rename = useChange('renameOrganization', ['listOrganizations', 'showProfile']);
  const error = create.error ?? rename.error;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const done =
      of === 'new'
        ? await create.run({ body: { name } })
        : await rename.run({ params: { organizationId: of.id }, body: { name } });
    if (done !== null) onDone();
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack>
        <TextInput
          label={t('organizationName')}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          maxLength={100}
          required
          data-autofocus
        />
        {error !== null && <ErrorNotice error={error} />}
        <Button type="submit" loading={create.pending || rename.pending}>
          {of === 'new' ? t('create') : t('save')}
        </Button>
      </Stack>
    </form>
  );
}
