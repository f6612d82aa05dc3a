import { Anchor, Group, Table, Text } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { useRoute } from '../../api/use-route.js';
import { Loaded } from '../../parts/notice.js';
import { Section } from '../../parts/page.js';
import { t } from './words.js';

const Change = ({ to, children }: { to: string; children: ReactNode }) => (
  <Anchor component={Link} to={to} size="sm">
    {children}
  </Anchor>
);

/** How much may come in, by whom it is counted, and where each limit is changed. */
export function Limits() {
  const system = useRoute('showSystem');
  return (
    <Section title={t('limits')} about={t('limitsAbout')}>
      <Loaded from={system}>
        {({ settings }) => {
          const setting = settings.find(({ name }) => name === 'API_RATE_LIMIT');
          const rows: (readonly [string, string, ReactNode])[] = [
            [
              t('limitDefault'),
              setting === undefined
                ? '–'
                : setting.value === 'off'
                  ? t('limitOff')
                  : t('limitHour', { value: setting.value }),
              <Group key="lock" gap={6} wrap="nowrap">
                <IconLock size={16} aria-hidden style={{ flexShrink: 0 }} />
                <Text size="sm">{t('limitLocked', { source: setting?.source ?? '' })}</Text>
              </Group>,
            ],
            [
              t('limitKey'),
              t('limitOwn'),
              <Change key="keys" to="/settings/api-keys">
                {t('limitKeyWhere')}
              </Change>,
            ],
            [
              t('limitRoute'),
              t('limitOwn'),
              <Change key="routes" to="/settings/routes">
                {t('limitRouteWhere')}
              </Change>,
            ],
            [
              t('limitOrganization'),
              t('limitOwn'),
              <Change key="people" to="/people/organizations">
                {t('limitOrganizationWhere')}
              </Change>,
            ],
            [t('limitPerson'), t('limitPersonValue'), t('limitFixed')],
            [t('limitFailures'), t('limitFailuresValue'), t('limitFixed')],
          ];
          return (
            <Table className="cards" aria-label={t('limits')}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('limitWho')}</Table.Th>
                  <Table.Th>{t('limitMuch')}</Table.Th>
                  <Table.Th>{t('limitWhere')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {rows.map(([who, much, where]) => (
                  <Table.Tr key={who}>
                    <Table.Td data-label={t('limitWho')}>{who}</Table.Td>
                    <Table.Td data-label={t('limitMuch')}>{much}</Table.Td>
                    <Table.Td data-label={t('limitWhere')}>{where}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          );
        }}
      </Loaded>
    </Section>
  );
}
