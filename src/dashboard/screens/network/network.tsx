import { Alert, Button, Code, Group, Text } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { useChange, useRoute } from '../../api/use-route.js';
import { ErrorNotice, Loaded } from '../../parts/notice.js';
import { Page, Section } from '../../parts/page.js';
import { said } from '../../parts/toast.js';
import { relative } from '../../parts/when.js';
import { AddressFound } from './address-found.js';
import { Limits } from './limits.js';
import { SavedList } from './saved-list.js';
import { TurnedAway } from './turned-away.js';
import { t } from './words.js';

export default function Network() {
  const network = useRoute('showNetwork');
  const confirm = useChange('confirmNetwork', ['showNetwork']);
  return (
    <Page title={t('title')} about={t('about')}>
      <Loaded from={network}>
        {(view) => (
          <>
            {view.pending !== null && (
              <Alert color="yellow" title={t('pendingTitle')}>
                <Group justify="space-between">
                  <Text size="sm">{t('pendingText', { when: relative(view.pending.revertsAt) })}</Text>
                  <Button
                    loading={confirm.pending}
                    onClick={async () => {
                      if ((await confirm.run()) !== null) said(t('confirmed'));
                    }}
                  >
                    {t('confirm')}
                  </Button>
                </Group>
              </Alert>
            )}
            {confirm.error !== null && <ErrorNotice error={confirm.error} />}
            <SavedList key={JSON.stringify(view.allowedIps)} network={view} />
            <Section title={t('environmentList')} about={t('environmentAbout')}>
              {view.environment === null ? (
                <Text>{t('environmentAll')}</Text>
              ) : (
                <Group gap="xs">
                  <IconLock size={16} aria-hidden />
                  {view.environment.map((entry) => (
                    <Code key={entry}>{entry}</Code>
                  ))}
                </Group>
              )}
            </Section>
            <TurnedAway />
            <AddressFound />
            <Limits />
          </>
        )}
      </Loaded>
    </Page>
  );
}
