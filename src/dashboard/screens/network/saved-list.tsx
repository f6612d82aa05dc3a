import { Alert, Button, Card, Group, Stack, Table, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { NetworkView } from '../../../contract/settings.js';
import type { Answer } from '../../api/call.js';
import { useChange } from '../../api/use-route.js';
import { Confirm } from '../../parts/confirm.js';
import { ErrorNotice } from '../../parts/notice.js';
import { Section } from '../../parts/page.js';
import { said } from '../../parts/toast.js';
import { When } from '../../parts/when.js';
import { number } from '../../words/words.js';
import { t } from './words.js';

type Outcome = Answer<'setNetwork'>;

/** The list that is kept here: tried against the last day before it holds, and guarded against locking oneself out. */
export function SavedList({ network }: { network: NetworkView }) {
  const [text, setText] = useState((network.allowedIps ?? []).join('\n'));
  const [tried, setTried] = useState<Outcome | null>(null);
  const [asking, setAsking] = useState(false);
  const attempt = useChange('setNetwork');
  const apply = useChange('setNetwork', ['showNetwork', 'showOwnAddress']);
  const entries = text.split(/[\s,]+/).filter((entry) => entry !== '');
  const allowedIps = entries.length === 0 ? null : entries;
  const change = (next: string) => {
    setText(next);
    setTried(null);
  };
  const tryOut = async () => setTried(await attempt.run({ body: { allowedIps, dryRun: true } }));
  const put = async (confirm: boolean) => {
    const done = await apply.run({ body: { allowedIps, confirm } });
    if (done === null) return;
    setAsking(false);
    setTried(null);
    said(t('inForce'));
  };
  const isUnchanged = JSON.stringify(allowedIps) === JSON.stringify(network.allowedIps);
  return (
    <Section title={t('savedList')} about={t('savedAbout')}>
      <Card withBorder>
        <Stack>
          <Textarea
            label={t('addresses')}
            description={entries.length === 0 ? t('savedAll') : null}
            value={text}
            onChange={(event) => change(event.currentTarget.value)}
            autosize
            minRows={3}
            maxRows={16}
            spellCheck={false}
            styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
          />
          <Group gap="xs">
            <Button variant="default" loading={attempt.pending} onClick={() => void tryOut()}>
              {t('check')}
            </Button>
            <Button
              disabled={isUnchanged || tried === null}
              loading={apply.pending}
              onClick={() => (tried?.blocksYou ? setAsking(true) : void put(false))}
            >
              {t('apply')}
            </Button>
            {!entries.includes(network.yourAddress) && (
              <Button variant="subtle" onClick={() => change([...entries, network.yourAddress].join('\n'))}>
                {t('addMine')}
              </Button>
            )}
            {entries.length > 0 && (
              <Button variant="subtle" onClick={() => change('')}>
                {t('clear')}
              </Button>
            )}
          </Group>
          {attempt.error !== null && <ErrorNotice error={attempt.error} />}
          {apply.error !== null && !asking && <ErrorNotice error={apply.error} />}
          {tried !== null && <Outcomes tried={tried} />}
        </Stack>
      </Card>
      <Confirm
        opened={asking}
        onClose={() => setAsking(false)}
        title={t('blocksYouTitle')}
        name={t('phrase')}
        action={t('apply')}
        pending={apply.pending}
        error={apply.error}
        onConfirm={() => void put(true)}
      >
        <Text>{t('blocksYouText', { address: network.yourAddress })}</Text>
      </Confirm>
    </Section>
  );
}

function Outcomes({ tried }: { tried: Outcome }) {
  const { blocked, blockedCount, seenCount, blocksYou } = tried;
  const seen = number(seenCount);
  return (
    <Stack gap="xs" role="status">
      {blocksYou && <Alert color="red">{t('blocksYou')}</Alert>}
      <Text>{blockedCount === 0 ? t('wouldBlockNone', { seen }) : t('wouldBlock', { count: blockedCount, seen })}</Text>
      {blocked.length > 0 && (
        <Table className="cards" aria-label={t('blocked')}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('address')}</Table.Th>
              <Table.Th>{t('requests')}</Table.Th>
              <Table.Th>{t('lastUsed')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {blocked.map(({ address, requests, lastUsedAt }) => (
              <Table.Tr key={address}>
                <Table.Td data-label={t('address')}>{address}</Table.Td>
                <Table.Td data-label={t('requests')}>{number(requests)}</Table.Td>
                <Table.Td data-label={t('lastUsed')}>
                  <When at={lastUsedAt} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Stack>
  );
}
