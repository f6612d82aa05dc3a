import { Button, Group, Menu, Stack, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import type { KeyView } from '../../../../contract/keys.js';
import { useSession } from '../../../api/session.js';
import { useRoute } from '../../../api/use-route.js';
import { CodeBlock } from '../../../parts/copy.js';
import { DataTable } from '../../../parts/data-table.js';
import { EmptyState } from '../../../parts/notice.js';
import { Page } from '../../../parts/page.js';
import { useActors } from '../../../parts/use-actors.js';
import { usePages } from '../../../parts/use-pages.js';
import { EnvKeys } from '../env/env-keys.js';
import type { Family } from '../family.js';
import { t } from '../words.js';
import { BulkRevoke } from './bulk-revoke.js';
import { keyColumns } from './columns.js';
import { FILTERS, Filters, queryOf } from './filters.js';

const works = ({ status }: KeyView) => status === 'active' || status === 'expiring';

/** The keys of one family, page by page. */
export function KeyList({ family }: { family: Family }) {
  const session = useSession();
  const [params] = useSearchParams();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const asked = queryOf(params);
  const { query, paged } = usePages(JSON.stringify([asked, session.organizationId]));
  const list = useRoute(
    family.list,
    { query: { ...query, ...asked, organizationId: session.organizationId } },
    { refetchEveryMs: 10_000 },
  );
  const rows = list.data?.data;
  const ids = rows?.map(({ id }) => id).join(',') ?? '';
  const hours = useRoute(
    'showKeysUsage',
    { query: { ids, organizationId: session.organizationId } },
    { enabled: ids !== '' },
  );
  const lines = new Map(hours.data?.data.map(({ id, requests }) => [id, requests]));
  const actor = useActors(rows?.map(({ createdBy }) => createdBy) ?? []);
  const path = family.path(session);
  const mayWrite = session.may('keys:write');
  const withEnv = family.id === 'api' && session.isOperator;
  const onlyEnv = withEnv && params.get('show') === 'environment';
  const selected = rows?.filter((row) => chosen.has(row.id) && works(row)) ?? [];
  const create = mayWrite && (
    <Button component={Link} to={`${path}/new`} leftSection={<IconPlus size={18} aria-hidden />}>
      {t(`${family.id}New`)}
    </Button>
  );
  return (
    <Page title={t(`${family.id}Title`)} about={t(`${family.id}About`)} actions={create}>
      {onlyEnv ? (
        <Group gap="xs">
          <Filters family={family} withEnv />
        </Group>
      ) : (
        <DataTable
          label={t(`${family.id}Title`)}
          rows={rows}
          from={list}
          rowKey={({ id }) => id}
          rowName={({ name }) => name}
          columns={keyColumns({ family, path, lines, actor })}
          searchable
          filters={<Filters family={family} withEnv={withEnv} />}
          filterNames={FILTERS}
          pages={paged(list.data?.nextCursor)}
          {...(mayWrite ? { selection: { chosen, onChange: setChosen, canChoose: works } } : {})}
          rowMenu={(row) => <RowItems row={row} path={path} mayWrite={mayWrite} />}
          empty={<NoKeys family={family} action={create} />}
        />
      )}
      {selected.length > 0 && (
        <BulkRevoke family={family} keys={selected} lines={lines} onDone={() => setChosen(new Set())} />
      )}
      {withEnv && <EnvKeys />}
    </Page>
  );
}

function RowItems({ row, path, mayWrite }: { row: KeyView; path: string; mayWrite: boolean }) {
  const at = `${path}/${row.id}`;
  return (
    <>
      <Menu.Item component={Link} to={at}>
        {t('open')}
      </Menu.Item>
      {mayWrite && row.status !== 'revoked' && (
        <>
          <Menu.Item component={Link} to={`${at}?do=edit`}>
            {t('edit')}
          </Menu.Item>
          {works(row) && (
            <Menu.Item component={Link} to={`${at}?do=rotate`}>
              {t('rotate')}
            </Menu.Item>
          )}
          <Menu.Item component={Link} to={`${at}?do=revoke`} c="red">
            {t('revoke')}
          </Menu.Item>
        </>
      )}
    </>
  );
}

function NoKeys({ family, action }: { family: Family; action: React.ReactNode }) {
  return (
    <EmptyState title={t(`${family.id}Empty`)} action={action}>
      <Stack gap="md" align="center">
        <Text>{t(`${family.id}EmptyText`)}</Text>
        <Text size="sm">{t('orCli')}</Text>
        <CodeBlock text={`gatehouse ${family.command} create my-first --expires 90d`} what={t('command')} />
      </Stack>
    </EmptyState>
  );
}
