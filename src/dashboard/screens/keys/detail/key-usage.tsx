import { Progress, Stack, Table, Text } from '@mantine/core';
import type { KeyView } from '../../../../contract/keys.js';
import type { Headroom } from '../../../../contract/usage.js';
import { useSession } from '../../../api/session.js';
import { useRoute } from '../../../api/use-route.js';
import { Chart } from '../../../parts/chart.js';
import { Loaded } from '../../../parts/notice.js';
import { Section } from '../../../parts/page.js';
import { routeName } from '../../../parts/route-name.js';
import { relative } from '../../../parts/when.js';
import { number } from '../../../words/words.js';
import { outcomeSeries } from '../../usage/outcomes.js';
import type { Family } from '../family.js';
import { sayLimit } from '../say.js';
import { Addresses } from './addresses.js';
import { td } from './words.js';

/** What it sent in the last day, by what became of it. */
export function KeyUsage({ family, keyView: key }: { family: Family; keyView: KeyView }) {
  const { organizationId } = useSession();
  const report = useRoute(
    family.usage,
    { params: { id: key.id }, query: { organizationId } },
    { refetchEveryMs: 15_000 },
  );
  return (
    <Section title={td('usage')}>
      <Loaded from={report}>
        {({ totals, series, routes, lastUsedAt, headroom, addresses }) => {
          const when = lastUsedAt === null ? '' : relative(lastUsedAt);
          if (totals.requests === 0)
            return (
              <Stack gap="md">
                <Text c="dimmed">{lastUsedAt === null ? td('usageNever') : td('usageQuiet', { when })}</Text>
                {headroom !== null && <HeadroomLeft headroom={headroom} />}
              </Stack>
            );
          return (
            <Stack gap="md">
              {headroom !== null && <HeadroomLeft headroom={headroom} />}
              <Chart
                kind="stacked"
                sentence={td('usageSentence', { count: totals.requests, allowed: number(totals.allowed), when })}
                times={series.map(({ at }) => at)}
                series={outcomeSeries(series)}
              />
              <Table aria-label={td('routes')}>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{td('route')}</Table.Th>
                    <Table.Th ta="end">{td('requests')}</Table.Th>
                    <Table.Th ta="end">{td('requestsAllowed')}</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {routes.slice(0, 5).map(({ route, requests, allowed }) => (
                    <Table.Tr key={route}>
                      <Table.Td style={{ overflowWrap: 'anywhere' }}>{routeName(route)}</Table.Td>
                      <Table.Td ta="end">{number(requests)}</Table.Td>
                      <Table.Td ta="end">{number(allowed)}</Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
              <Addresses addresses={addresses} total={totals.requests} />
            </Stack>
          );
        }}
      </Loaded>
    </Section>
  );
}

/** How near it is to its limit, as a bar and in words. */
function HeadroomLeft({ headroom: { limit, remaining, resetsAt } }: { headroom: Headroom }) {
  const used = limit.requests - remaining;
  const sentence = td('headroom', {
    remaining: number(remaining),
    limit: sayLimit(limit),
    when: resetsAt === null ? td('headroomFresh') : relative(resetsAt),
  });
  return (
    <Stack gap={4}>
      <Text size="sm">{sentence}</Text>
      <Progress value={(100 * used) / limit.requests} color={remaining === 0 ? 'red' : 'gate'} aria-label={sentence} />
    </Stack>
  );
}
