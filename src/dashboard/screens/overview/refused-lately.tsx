import { Badge, Button, Text } from '@mantine/core';
import { Link } from 'react-router';
import type { RecentRequest } from '../../../contract/requests.js';
import { useSession } from '../../api/session.js';
import { useRoute } from '../../api/use-route.js';
import { type Column, DataTable } from '../../parts/data-table.js';
import { Section } from '../../parts/page.js';
import { When } from '../../parts/when.js';
import { t } from './words.js';

/** The last requests that did not pass, each with the way to the reason. */
export function RefusedLately() {
  const { organizationId, isOperator } = useSession();
  const where = isOperator ? {} : { organizationId };
  const requests = useRoute(
    'listRequests',
    { query: { limit: 10, outcome: 'REFUSED', ...where } },
    { refetchEveryMs: 15_000 },
  );
  const columns: Column<RecentRequest>[] = [
    { key: 'when', header: t('when'), cell: ({ at }) => <When at={at} />, value: ({ at }) => at },
    { key: 'request', header: t('request'), cell: (one) => <Text size="sm">{nameOf(one)}</Text>, value: nameOf },
    {
      key: 'code',
      header: t('code'),
      cell: ({ outcome, status }) => <Badge color="orange">{`${status} ${outcome}`}</Badge>,
      value: ({ outcome }) => outcome,
    },
    {
      key: 'key',
      header: t('key'),
      cell: ({ keyName, principal }) => keyName ?? principal.id ?? t('nobody'),
      value: ({ keyName }) => keyName,
    },
    { key: 'from', header: t('from'), cell: ({ address }) => address ?? '–', value: ({ address }) => address },
    {
      key: 'why',
      header: t('why'),
      cell: (one) =>
        one.explain === null ? null : (
          <Button
            component={Link}
            to={`/explain?${queryOf(one.explain)}`}
            size="compact-xs"
            variant="default"
            aria-label={t('whyNamed', { request: nameOf(one) })}
          >
            {t('why')}
          </Button>
        ),
    },
  ];
  return (
    <Section title={t('refusedLately')}>
      <DataTable
        label={t('refusedLately')}
        rows={requests.data?.data}
        columns={columns}
        rowKey={({ requestId }) => requestId}
        from={requests}
        empty={<Text c="dimmed">{t('refusedNone')}</Text>}
      />
    </Section>
  );
}

const nameOf = ({ method, path, route }: RecentRequest) => `${method} ${path ?? route}`;

/** The explain page takes its facts from its address; no key is ever among them. */
function queryOf({ method, path, door, ip, keyId, headers }: NonNullable<RecentRequest['explain']>): URLSearchParams {
  const facts = { method, path, door, ip, keyId, host: headers?.host };
  return new URLSearchParams(
    Object.entries(facts).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
