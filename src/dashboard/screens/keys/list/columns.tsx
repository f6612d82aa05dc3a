import { Anchor, Code, Stack, Text } from '@mantine/core';
import { Link } from 'react-router';
import type { KeyView } from '../../../../contract/keys.js';
import type { Column } from '../../../parts/data-table.js';
import { Sparkline } from '../../../parts/sparkline.js';
import { When } from '../../../parts/when.js';
import { Ends, LastUse, StatusMark } from '../marks.js';
import { sayLimit, sayScopes } from '../say.js';
import { t } from '../words.js';

const total = (line: readonly number[]) => line.reduce((sum, one) => sum + one, 0);

/** @param lines - what each key sent in the last 24 hours, by hour */
export function keyColumns(path: string, lines: ReadonlyMap<string, readonly number[]>): Column<KeyView>[] {
  return [
    {
      key: 'name',
      header: t('name'),
      value: ({ name }) => name,
      cell: ({ id, name, start, last4 }) => (
        <Stack gap={2} align="flex-start">
          <Anchor component={Link} to={`${path}/${id}`} fw={600} size="sm" style={{ overflowWrap: 'anywhere' }}>
            {name}
          </Anchor>
          <Code fz={11}>{`${start}…${last4}`}</Code>
        </Stack>
      ),
    },
    {
      key: 'type',
      header: t('type'),
      value: ({ type }) => type,
      cell: ({ type, environment }) => (
        <div>
          {t(type)}
          <Text size="xs" c="dimmed">
            {t(environment)}
          </Text>
        </div>
      ),
    },
    {
      key: 'environment',
      header: t('environment'),
      hidden: true,
      value: ({ environment }) => environment,
      cell: ({ environment }) => t(environment),
    },
    {
      key: 'scopes',
      header: t('scopes'),
      value: ({ scopes }) => scopes.join(' '),
      cell: ({ scopes }) => sayScopes(scopes),
    },
    {
      key: 'limit',
      header: t('limit'),
      hidden: true,
      value: ({ rateLimit }) => rateLimit?.requests ?? null,
      cell: ({ rateLimit }) => sayLimit(rateLimit),
    },
    {
      key: 'addresses',
      header: t('addresses'),
      hidden: true,
      value: ({ allowedIps }) => allowedIps.join(' '),
      cell: ({ allowedIps }) => (allowedIps.length === 0 ? t('addressAny') : allowedIps.join(', ')),
    },
    {
      key: 'createdBy',
      header: t('createdBy'),
      hidden: true,
      value: (row) => row.createdBy,
      cell: (row) => row.createdBy,
    },
    {
      key: 'created',
      header: t('created'),
      hidden: true,
      value: ({ createdAt }) => createdAt,
      cell: ({ createdAt }) => <When at={createdAt} />,
    },
    {
      key: 'lastUsed',
      header: t('lastUsed'),
      value: ({ lastUsedAt }) => lastUsedAt,
      cell: ({ lastUsedAt, lastUsedIp }) => (
        <div>
          <LastUse at={lastUsedAt} address={lastUsedIp} />
        </div>
      ),
    },
    {
      key: 'expires',
      header: t('expires'),
      value: ({ expiresAt }) => expiresAt ?? '9999',
      cell: ({ expiresAt, status }) => <Ends at={expiresAt} over={status === 'revoked'} />,
    },
    {
      key: 'status',
      header: t('status'),
      value: ({ status }) => status,
      cell: ({ status }) => <StatusMark status={status} />,
    },
    {
      key: 'lastDay',
      header: t('lastDay'),
      value: ({ id }) => total(lines.get(id) ?? []),
      cell: ({ id }) => <LastDay line={lines.get(id)} />,
    },
  ];
}

function LastDay({ line }: { line: readonly number[] | undefined }) {
  if (line === undefined) return null;
  const count = total(line);
  if (count === 0)
    return (
      <Text span size="sm" c="dimmed">
        0
      </Text>
    );
  return <Sparkline values={line} sentence={t('lastDaySentence', { count })} width={80} />;
}
