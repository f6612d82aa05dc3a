import { Alert, Badge, Group, Stack, Table, Text } from '@mantine/core';
import { useRoute } from '../../api/use-route.js';
import { Loaded } from '../../parts/notice.js';
import { Section } from '../../parts/page.js';
import { t } from './words.js';

/** How the address of this very page was found, hop by hop: what a wrong proxy setting is seen by. */
export function AddressFound() {
  const trace = useRoute('showOwnAddress');
  return (
    <Section title={t('yourAddress')}>
      <Loaded from={trace}>
        {({ address, hops, words, headers, trustProxy, advice }) => (
          <Stack>
            <Text>{t('yourAddressIs', { address: address ?? t('noAddress') })}</Text>
            <Text size="sm" c="dimmed">
              {`${words.charAt(0).toUpperCase()}${words.slice(1)}.`}{' '}
              {trustProxy === null ? t('trustProxyNone') : t('trustProxy', { value: trustProxy })}
            </Text>
            {advice !== null && <Alert color="yellow">{advice}</Alert>}
            <Table className="cards" aria-label={t('howFound')}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('hop')}</Table.Th>
                  <Table.Th>{t('from')}</Table.Th>
                  <Table.Th>{t('trust')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {hops.map((hop, index) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: hops have no other name than their place
                  <Table.Tr key={index}>
                    <Table.Td data-label={t('hop')}>{hop.address ?? t('noAddress')}</Table.Td>
                    <Table.Td data-label={t('from')}>{hop.from}</Table.Td>
                    <Table.Td data-label={t('trust')}>{hop.trusted ? t('trusted') : t('notTrusted')}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
            <Text size="sm">{t('headersSeen')}</Text>
            {headers.length === 0 ? (
              <Text size="sm" c="dimmed">
                {t('noHeaders')}
              </Text>
            ) : (
              headers.map(({ name, value, read }) => (
                <Group key={name} gap="xs">
                  <Text size="sm" ff="monospace" style={{ overflowWrap: 'anywhere' }}>
                    {name}: {value}
                  </Text>
                  <Badge color={read ? 'gate' : 'gray'}>{read ? t('read') : t('ignored')}</Badge>
                </Group>
              ))
            )}
          </Stack>
        )}
      </Loaded>
    </Section>
  );
}
