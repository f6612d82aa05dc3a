import { Code, Stack } from '@mantine/core';
import type { AddressTrace } from '../../../contract/settings.js';
import { ORIGIN } from '../../api/place.js';
import { Fact, FactList } from '../../parts/facts.js';
import { Section } from '../../parts/page.js';
import { t } from './words.js';

/** What arrived with the request for this page, as the server saw it. */
export function Seen({ trace }: { trace: AddressTrace }) {
  const { hops, headers, address, host } = trace;
  return (
    <Section title={t('seenTitle')} about={t('seenAbout')}>
      <FactList columns={2}>
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
      </FactList>
    </Section>
  );
}
