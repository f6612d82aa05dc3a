import { Anchor, Code, Stack, Text } from '@mantine/core';
import { Link } from 'react-router';
import type { KeyView } from '../../../../contract/keys.js';
import type { Column } from '../../../parts/data-table.js';
import { Sparkline } from '../../../parts/sparkline.js';
import { When } from '../../../parts/when.js';
import type { Family } from '../family.js';
import { Ends, LastUse, StatusMark } from '../marks.js';
import { sayLimit, sayScopes } from '../say.js';
import { t } from '../words.js';

const total = (line: readonly number[]) => line.reduce((sum, one) => sum + one, 0);

/** Where the table has room for who made a key. */
const WIDE_PX = 1440;

/** What bounds it beside its scopes, short: each can be shown whole as a column of its own. */
function boundsOf({ rateLimit, allowedIps, allowedOrigins }: KeyView): string[] {
  return [
    ...(rateLimit === null ? [] : [sayLimit(rateLimit)]),
    ...(allowedIps.length === 0 ? [] : [t('addressCount', { count: allowedIps.length })]),
    ...(allowedOrigins.length === 0 ? [] : [t('originCount', { count: allowedOrigins.length })]),
  ];
}

const TOOLS: Column<KeyView> = {
  key: 'tools',
  header: t('tools'),
  value: ({ tools }) => tools?.join(' ') ?? '',
  cell: ({ tools, readOnly }) => (
    <div>
      {tools == null ? t('toolsAll') : t('toolCount', { count: tools.length })}
      {readOnly === true && (
        <Text size="xs" c="dimmed">
          {t('readOnly')}
        </Text>
      )}
    </div>
  ),
};

interface Asked {
  readonly family: Family;
  readonly path: string;
  /** What each key sent in the last 24 hours, by hour. */
  readonly lines: ReadonlyMap<string, readonly number[]>;
  /** Who an id stands for. */
  readonly actor: (id: string) => string;
}

export function keyColumns({ family, path, lines, actor }: Asked): Column<KeyView>[] {
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
      cell: (row) => (
        <div>
          {sayScopes(row.scopes)}
          {boundsOf(row).map((words) => (
            <Text key={words} size="xs" c="dimmed">
              {words}
            </Text>
          ))}
        </div>
      ),
    },
    ...(family.id === 'mcp' ? [TOOLS] : []),
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
      key: 'origins',
      header: t('origins'),
      hidden: true,
      value: ({ allowedOrigins }) => allowedOrigins.join(' '),
      cell: ({ allowedOrigins }) => (allowedOrigins.length === 0 ? t('addressAny') : allowedOrigins.join(', ')),
    },
    {
      key: 'createdBy',
      header: t('createdBy'),
      hidden: true,
      value: (row) => actor(row.createdBy),
      cell: (row) => actor(row.createdBy),
    },
    {
      key: 'created',
      header: t('created'),
      hidden: window.innerWidth < WIDE_PX,
      value: ({ createdAt }) => createdAt,
      cell: (row) => (
        <div>
          <span style={{ whiteSpace: 'nowrap' }}>
            <When at={row.createdAt} />
          </span>
          <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            {t('by', { actor: actor(row.createdBy) })}
          </Text>
        </div>
      ),
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
