import { Anchor, Code, Group, Table, Text, Tooltip } from '@mantine/core';
import { IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import { Link } from 'react-router';
import type { RecentRequest } from '../../../../contract/requests.js';
import { useSession } from '../../../api/session.js';
import { useRoute } from '../../../api/use-route.js';
import { CopyButton } from '../../../parts/copy.js';
import { Loaded } from '../../../parts/notice.js';
import { Section } from '../../../parts/page.js';
import { routeName } from '../../../parts/route-name.js';
import { When } from '../../../parts/when.js';
import { number } from '../../../words/words.js';
import { explainPath } from '../../explain/question.js';
import { td } from './words.js';

const SHOWN = 8;

/** What it asked for lately, and what became of it; of a refusal, why. */
export function RecentRequests({ id }: { id: string }) {
  const { organizationId } = useSession();
  const list = useRoute(
    'listRequests',
    { query: { keyId: id, limit: SHOWN, organizationId } },
    { refetchEveryMs: 30_000 },
  );
  return (
    <Section title={td('recent')} about={td('recentAbout')}>
      <Loaded from={list}>
        {({ data }) =>
          data.length === 0 ? (
            <Text c="dimmed">{td('recentNone')}</Text>
          ) : (
            <Table className="cards" aria-label={td('recent')} fz="sm">
              <Table.Thead>
                <Table.Tr>
                  {[td('recentWhen'), td('recentOutcome'), td('route'), td('recentFrom'), td('recentId')].map(
                    (header) => (
                      <Table.Th key={header}>{header}</Table.Th>
                    ),
                  )}
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {data.map((one) => (
                  <Row key={one.requestId} one={one} />
                ))}
              </Table.Tbody>
            </Table>
          )
        }
      </Loaded>
    </Section>
  );
}

function Row({ one }: { one: RecentRequest }) {
  const isIn = one.outcome === 'ALLOWED';
  const Icon = isIn ? IconCircleCheck : IconCircleX;
  return (
    <Table.Tr>
      <Table.Td data-label={td('recentWhen')} style={{ whiteSpace: 'nowrap' }}>
        <When at={one.at} />
      </Table.Td>
      <Table.Td data-label={td('recentOutcome')}>
        <div>
          <Group gap={6} wrap="nowrap">
            <Icon
              size={16}
              color={`var(--mantine-color-${isIn ? 'teal' : 'red'}-6)`}
              aria-hidden
              style={{ flexShrink: 0 }}
            />
            {one.status}
            {!isIn && one.explain !== null && (
              <Anchor
                component={Link}
                to={explainPath(one.explain)}
                size="sm"
                aria-label={td('recentWhyNamed', { route: one.route })}
              >
                {td('recentWhy')}
              </Anchor>
            )}
          </Group>
          {!isIn && (
            <Text size="xs" c="dimmed">
              {one.outcome}
            </Text>
          )}
        </div>
      </Table.Td>
      <Table.Td data-label={td('route')} style={{ overflowWrap: 'break-word' }}>
        <div>
          {routeName(one.route)}
          <Text size="xs" c="dimmed">
            {td('recentTook', { ms: number(one.durationMs, { maximumFractionDigits: 1 }) })}
          </Text>
        </div>
      </Table.Td>
      <Table.Td data-label={td('recentFrom')} style={{ overflowWrap: 'anywhere' }}>
        <div>
          {one.address}
          {one.secret?.newest === false && (
            <Text size="xs" c="dimmed">
              {td('withOldSecret')} <span style={{ whiteSpace: 'nowrap' }}>{`…${one.secret.last4}`}</span>
            </Text>
          )}
        </div>
      </Table.Td>
      <Table.Td data-label={td('recentId')}>
        <Group gap={2} wrap="nowrap" justify="flex-end">
          <Tooltip label={one.requestId}>
            <Code fz={11} style={{ whiteSpace: 'nowrap' }}>{`…${one.requestId.slice(-6)}`}</Code>
          </Tooltip>
          <CopyButton text={one.requestId} what={td('recentIdOf', { id: one.requestId })} />
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}
