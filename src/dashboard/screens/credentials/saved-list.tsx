import { Anchor, Button, Menu, Select, Text } from '@mantine/core';
import { Link, useNavigate, useSearchParams } from 'react-router';
import type { CredentialView } from '../../../contract/credentials.js';
import { useSession } from '../../api/session.js';
import { useRoute } from '../../api/use-route.js';
import { CodeBlock } from '../../parts/copy.js';
import { DataTable } from '../../parts/data-table.js';
import { EmptyState } from '../../parts/notice.js';
import { usePages } from '../../parts/use-pages.js';
import { When } from '../../parts/when.js';
import { Health } from './health.js';
import { t } from './words.js';

const HEALTHS = ['ok', 'limited', 'invalid', 'unreachable', 'unknown', 'untested'] as const;

/** What is saved in a workspace, who uses it, how its last test went and when it was last used. */
export function SavedList({ workspaceId }: { workspaceId: string }) {
  const { may } = useSession();
  const navigate = useNavigate();
  const [params, setParams] = useSearchParams();
  const type = params.get('type') ?? undefined;
  const health = HEALTHS.find((one) => one === params.get('health'));
  const pages = usePages(`${workspaceId} ${type} ${health}`);
  const types = useRoute('listCredentialTypes');
  const query = { ...pages.query, ...(type ? { type } : {}), ...(health ? { health } : {}) };
  const list = useRoute('listCredentials', { params: { workspaceId }, query });
  const labelOf = (id: string) => types.data?.data.find((one) => one.id === id)?.label ?? id;
  const pathOf = ({ id }: CredentialView) => `/credentials/${workspaceId}/${id}`;
  const filter = (name: string) => (value: string | null) =>
    setParams(
      (before) => {
        if (value === null) before.delete(name);
        else before.set(name, value);
        return before;
      },
      { replace: true },
    );
  return (
    <DataTable
      label={t('tabSaved')}
      rows={list.data?.data}
      from={list}
      rowKey={({ id }) => id}
      rowName={({ name }) => name}
      pages={pages.paged(list.data?.nextCursor)}
      filterNames={['type', 'health']}
      filters={
        <>
          <Select
            aria-label={t('type')}
            placeholder={t('anyType')}
            data={(types.data?.data ?? []).map(({ id, label }) => ({ value: id, label }))}
            value={type ?? null}
            onChange={filter('type')}
            searchable
            clearable
            w={190}
          />
          <Select
            aria-label={t('lastTest')}
            placeholder={t('anyOutcome')}
            data={HEALTHS.map((value) => ({
              value,
              label: value === 'untested' ? t('untested') : t(`outcome.${value}`),
            }))}
            value={health ?? null}
            onChange={filter('health')}
            clearable
            w={190}
          />
        </>
      }
      empty={
        <EmptyState
          title={t('noneSavedTitle')}
          action={
            may('secrets:write') ? (
              <Button component={Link} to={`/credentials?workspace=${workspaceId}`}>
                {t('chooseType')}
              </Button>
            ) : undefined
          }
        >
          <Text mb="sm">{t('noneSavedText')}</Text>
          <CodeBlock
            text={`gatehouse credentials add ${workspaceId} stripe --type stripe < key.txt`}
            what={t('command')}
          />
        </EmptyState>
      }
      columns={[
        {
          key: 'name',
          header: t('name'),
          cell: (row) => (
            <Anchor component={Link} to={pathOf(row)} fw={600} size="sm" style={{ overflowWrap: 'anywhere' }}>
              {row.name}
            </Anchor>
          ),
          value: ({ name }) => name,
        },
        { key: 'type', header: t('type'), cell: ({ type: id }) => labelOf(id), value: ({ type: id }) => labelOf(id) },
        {
          key: 'health',
          header: t('health'),
          cell: (row) => <Health credential={row} />,
          value: ({ state, lastTest }) => (state === 'ready' ? (lastTest?.outcome ?? 'untested') : state),
        },
        {
          key: 'usedBy',
          header: t('usedBy'),
          cell: ({ id }) => <UsedBy workspaceId={workspaceId} credential={id} />,
        },
        {
          key: 'lastTest',
          header: t('lastTest'),
          cell: ({ lastTest }) => <When at={lastTest?.at} />,
          value: ({ lastTest }) => lastTest?.at ?? null,
        },
        {
          key: 'lastUse',
          header: t('lastUse'),
          cell: ({ lastUsedAt }) => <When at={lastUsedAt} />,
          value: ({ lastUsedAt }) => lastUsedAt,
        },
        {
          key: 'hosts',
          header: t('hosts'),
          cell: ({ hosts }) => hosts.join(', '),
          value: ({ hosts }) => hosts.join(' '),
          hidden: true,
        },
        {
          key: 'updated',
          header: t('updated'),
          cell: ({ updatedAt }) => <When at={updatedAt} />,
          value: ({ updatedAt }) => updatedAt,
          hidden: true,
        },
      ]}
      rowMenu={(row) => (
        <>
          <Menu.Item onClick={() => navigate(pathOf(row))}>{t('open')}</Menu.Item>
          {may('secrets:write') && (
            <Menu.Item
              onClick={() => navigate(`/credentials/configure/${row.type}?workspace=${workspaceId}&replace=${row.id}`)}
            >
              {t('replace')}
            </Menu.Item>
          )}
        </>
      )}
    />
  );
}

/** Asked for each row by itself, and only for the rows that are looked at. */
function UsedBy({ workspaceId, credential }: { workspaceId: string; credential: string }) {
  const shown = useRoute('showCredential', { params: { workspaceId, credential } });
  const count = shown.data?.usedBy.length;
  if (count === undefined) return <span aria-hidden>…</span>;
  return <span>{count === 0 ? t('nobody') : t('keys', { count })}</span>;
}
