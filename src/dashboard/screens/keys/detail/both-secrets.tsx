import { Progress, Stack, Table, Text } from '@mantine/core';
import type { KeyUsage } from '../../../../contract/usage.js';
import { useSession } from '../../../api/session.js';
import { useRoute } from '../../../api/use-route.js';
import { number } from '../../../words/words.js';
import type { Family } from '../family.js';
import { td } from './words.js';

const SHOWN = 5;

/** While a rotation runs: how much of what comes in still shows the old secret, and from where. */
export function BothSecrets({ family, id }: { family: Family; id: string }) {
  const { organizationId } = useSession();
  const { data } = useRoute(family.usage, { params: { id }, query: { organizationId } }, { refetchEveryMs: 15_000 });
  const since = data?.addresses.sinceRotation;
  if (data === undefined || since == null || since.requests === 0) return null;
  const { requests, oldSecret } = since;
  return (
    <Stack gap={6} w="100%">
      <Text size="sm">{td('bothSentence', { old: number(oldSecret), requests: number(requests) })}</Text>
      <Progress.Root size="lg" aria-hidden>
        <Progress.Section value={(100 * oldSecret) / requests} color="orange.6" />
        <Progress.Section value={100 - (100 * oldSecret) / requests} color="gate.6" />
      </Progress.Root>
      <OldUsers addresses={data.addresses} />
    </Stack>
  );
}

function OldUsers({ addresses: { data } }: Pick<KeyUsage, 'addresses'>) {
  const users = data.filter(({ oldSecret }) => oldSecret > 0).sort((a, b) => b.oldSecret - a.oldSecret);
  if (users.length === 0) return null;
  return (
    <Table className="cards" aria-label={td('oldUsers')} fz="sm">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{td('oldUsers')}</Table.Th>
          <Table.Th ta="end">{td('requests')}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {users.slice(0, SHOWN).map(({ address, oldSecret }) => (
          <Table.Tr key={address}>
            <Table.Td data-label={td('oldUsers')} ff="monospace" style={{ overflowWrap: 'anywhere' }}>
              {address}
            </Table.Td>
            <Table.Td data-label={td('requests')} ta="end">
              {number(oldSecret)}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
