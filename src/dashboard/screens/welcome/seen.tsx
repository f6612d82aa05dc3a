import { Box, Code, Paper, SimpleGrid, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { AddressTrace } from '../../../contract/settings.js';
import { ORIGIN } from '../../api/place.js';
import { Section } from '../../parts/page.js';
import { t } from './words.js';

/** What arrived with the request for this page, as the server saw it. */
export function Seen({ trace }: { trace: AddressTrace }) {
  const { hops, headers, address, host } = trace;
  return (
    <Section title={t('seenTitle')} about={t('seenAbout')}>
      <Paper withBorder p="md">
        <SimpleGrid cols={{ base: 1, xs: 2 }} component="dl" m={0} spacing="md" verticalSpacing="md">
          <Fact label={t('opened')}>{ORIGIN}</Fact>
          <Fact label={t('host')}>{host ?? t('none')}</Fact>
          <Fact label={t('peer')}>{hops[0]?.address ?? t('none')}</Fact>
          <Fact label={t('takenFor')}>{address ?? t('none')}</Fact>
          <Fact label={t('headers')}>
            {headers.length === 0 ? (
              t('headersNone')
            ) : (
              <Stack gap={4}>
                {headers.map(({ name, value, read }) => (
                  <span key={name}>
                    <Code style={{ overflowWrap: 'anywhere' }}>{`${name}: ${value}`}</Code>{' '}
                    {read ? t('headerRead') : t('headerIgnored')}
                  </span>
                ))}
              </Stack>
            )}
          </Fact>
        </SimpleGrid>
      </Paper>
    </Section>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Box miw={0}>
      <Text component="dt" size="sm" c="dimmed">
        {label}
      </Text>
      <Text component="dd" size="sm" m={0} style={{ overflowWrap: 'anywhere' }}>
        {children}
      </Text>
    </Box>
  );
}
