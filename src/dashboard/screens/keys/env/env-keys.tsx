import { Button, Code, Group, Table, Text } from '@mantine/core';
import { IconAlertTriangle, IconLock } from '@tabler/icons-react';
import { useState } from 'react';
import type { EnvKeyView } from '../../../../contract/keys.js';
import { useRoute } from '../../../api/use-route.js';
import { Loaded } from '../../../parts/notice.js';
import { Section } from '../../../parts/page.js';
import { LastUse } from '../marks.js';
import { t } from '../words.js';
import { Adopt } from './adopt.js';

const NO_WRAP = { whiteSpace: 'nowrap' } as const;

/** What the environment sets: seen here, changed there. For operators. */
export function EnvKeys() {
  const list = useRoute('listEnvKeys');
  const [adopting, setAdopting] = useState<EnvKeyView | null>(null);
  return (
    <Section title={t('envTitle')} about={t('envAbout')}>
      <Loaded from={list}>
        {({ data }) =>
          data.length === 0 ? (
            <Text c="dimmed" size="sm">
              {t('envNone')}
            </Text>
          ) : (
            <Table className="cards" aria-label={t('envTitle')}>
              <Table.Thead>
                <Table.Tr>
                  {[t('envVariable'), t('envFingerprint'), t('envLength'), t('lastUsed'), t('envState')].map(
                    (header) => (
                      <Table.Th key={header}>{header}</Table.Th>
                    ),
                  )}
                  <Table.Th>
                    <span className="visually-hidden">{t('envAdopt')}</span>
                  </Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {data.map((one) => (
                  <EnvRow key={one.fingerprint} one={one} onAdopt={() => setAdopting(one)} />
                ))}
              </Table.Tbody>
            </Table>
          )
        }
      </Loaded>
      {adopting !== null && <Adopt envKey={adopting} onClose={() => setAdopting(null)} />}
    </Section>
  );
}

function EnvRow({ one, onAdopt }: { one: EnvKeyView; onAdopt: () => void }) {
  return (
    <Table.Tr>
      <Table.Td data-label={t('envVariable')}>
        <Code style={NO_WRAP}>{one.variable}</Code>
      </Table.Td>
      <Table.Td data-label={t('envFingerprint')}>
        <Code style={NO_WRAP}>{one.fingerprint}</Code>
      </Table.Td>
      <Table.Td data-label={t('envLength')}>
        {one.weak ? (
          <Group gap={6} wrap="nowrap">
            <IconAlertTriangle size={16} color="var(--mantine-color-orange-6)" aria-hidden style={{ flexShrink: 0 }} />
            <Text size="sm">{t('envWeak', { count: one.length })}</Text>
          </Group>
        ) : (
          t('envStrong', { count: one.length })
        )}
      </Table.Td>
      <Table.Td data-label={t('lastUsed')}>
        <div>
          <LastUse at={one.lastUsedAt} address={one.lastUsedIp} />
        </div>
      </Table.Td>
      <Table.Td data-label={t('envState')}>
        <Group gap={6} wrap="nowrap">
          <IconLock size={16} aria-hidden style={{ flexShrink: 0 }} />
          <Text size="sm">{one.shadowed ? t('envAdopted') : t('envReadOnly')}</Text>
        </Group>
      </Table.Td>
      <Table.Td>
        {!one.shadowed && (
          <Button
            size="compact-sm"
            variant="default"
            aria-label={t('envAdoptNamed', { fingerprint: one.fingerprint })}
            onClick={onAdopt}
          >
            {t('envAdopt')}
          </Button>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
