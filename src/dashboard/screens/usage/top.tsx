import { Anchor, Button, Progress, Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { CallerKind, UsageReport } from '../../../contract/usage.js';
import { useSession } from '../../api/session.js';
import { Section } from '../../parts/page.js';
import { routeName } from '../../parts/route-name.js';
import { exportRows } from '../../parts/table-export.js';
import { t as parts } from '../../parts/words.js';
import { number } from '../../words/words.js';
import { t } from './words.js';

interface Row {
  readonly id: string;
  readonly name: string;
  readonly what: ReactNode;
  readonly requests: number;
  readonly allowed: number;
}

/** Whoever sent most; a key leads to its page. */
export function TopCallers({ keys }: Pick<UsageReport, 'keys'>) {
  const { organizationId } = useSession();
  const rows = keys.map(({ id, kind, name, requests, allowed }) => {
    const at = pathOf(kind, id, organizationId);
    const words = name ?? t(kind);
    return {
      id: kind + id,
      name: words,
      requests,
      allowed,
      what: (
        <>
          {at === null ? (
            words
          ) : (
            <Anchor component={Link} to={at} size="sm" fw={600}>
              {words}
            </Anchor>
          )}
          {name !== null && (
            <Text size="xs" c="dimmed">
              {t(kind)}
            </Text>
          )}
        </>
      ),
    };
  });
  return <Top title={t('topKeys')} header={t('caller')} rows={rows} />;
}

export function TopRoutes({ routes }: Pick<UsageReport, 'routes'>) {
  const rows = routes.map(({ route, requests, allowed }) => ({
    id: route,
    name: routeName(route),
    what: routeName(route),
    requests,
    allowed,
  }));
  return <Top title={t('topRoutes')} header={t('route')} rows={rows} />;
}

function Top({ title, header, rows }: { title: string; header: string; rows: readonly Row[] }) {
  const most = Math.max(1, ...rows.map(({ requests }) => requests));
  return (
    <Section
      title={title}
      actions={
        <Button
          size="compact-sm"
          variant="default"
          aria-label={`${parts('exportCsv')}: ${title}`}
          onClick={() =>
            exportRows('csv', title, rows, [
              { key: 'what', header, value: ({ name }) => name },
              { key: 'requests', header: t('requests'), value: ({ requests }) => requests },
              { key: 'refused', header: t('refused'), value: ({ requests, allowed }) => requests - allowed },
            ])
          }
        >
          {parts('exportCsv')}
        </Button>
      }
    >
      <Table aria-label={title}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{header}</Table.Th>
            <Table.Th ta="end">{t('requests')}</Table.Th>
            <Table.Th ta="end">{t('refusedShare')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(({ id, what, requests, allowed }) => (
            <Table.Tr key={id}>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>
                {what}
                <Progress value={(requests / most) * 100} size={4} mt={4} aria-hidden />
              </Table.Td>
              <Table.Td ta="end">{number(requests)}</Table.Td>
              <Table.Td ta="end">
                {number((requests - allowed) / Math.max(1, requests), { style: 'percent', maximumFractionDigits: 0 })}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Section>
  );
}

function pathOf(kind: CallerKind, id: string, organizationId: string): string | null {
  if (kind === 'api_key') return `/settings/api-keys/${id}`;
  if (kind === 'service_key') return `/settings/service-keys/${id}`;
  if (kind === 'mcp_token') return `/${organizationId}/mcp/tokens/${id}`;
  return null;
}
