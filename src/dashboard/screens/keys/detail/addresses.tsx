import { Table, Text } from '@mantine/core';
import type { KeyUsage } from '../../../../contract/usage.js';
import { When } from '../../../parts/when.js';
import { number } from '../../../words/words.js';
import { td } from './words.js';

const SHOWN = 10;

/** From where it was used in the last day. */
export function Addresses({ addresses, total }: { addresses: KeyUsage['addresses']; total: number }) {
  const { data, count, requests } = addresses;
  if (count === 0) return null;
  return (
    <>
      <Table className="cards" aria-label={td('addresses')} fz="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{td('address')}</Table.Th>
            <Table.Th ta="end">{td('requests')}</Table.Th>
            <Table.Th ta="end">{td('requestsAllowed')}</Table.Th>
            <Table.Th>{td('lastSeen')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {data.slice(0, SHOWN).map((one) => (
            <Table.Tr key={one.address}>
              <Table.Td data-label={td('address')} ff="monospace" style={{ overflowWrap: 'anywhere' }}>
                {one.address}
              </Table.Td>
              <Table.Td data-label={td('requests')} ta="end">
                {number(one.requests)}
              </Table.Td>
              <Table.Td data-label={td('requestsAllowed')} ta="end">
                {number(one.allowed)}
              </Table.Td>
              <Table.Td data-label={td('lastSeen')} style={{ whiteSpace: 'nowrap' }}>
                <When at={one.lastAt} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {(requests < total || count > SHOWN) && (
        <Text size="xs" c="dimmed">
          {td('addressesPart', { count, requests: number(requests), total: number(total) })}
        </Text>
      )}
    </>
  );
}
