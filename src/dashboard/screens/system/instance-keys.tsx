import { Alert, Button, Card, Code, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { SystemView } from '../../../contract/system.js';
import { useChange, useRoute } from '../../api/use-route.js';
import { Confirm } from '../../parts/confirm.js';
import { Section } from '../../parts/page.js';
import { said } from '../../parts/toast.js';
import { relative } from '../../parts/when.js';
import { t } from './words.js';

/** What seals and what signs, by fingerprint; both can be replaced. */
export function InstanceKeys({ fingerprints }: { fingerprints: SystemView['fingerprints'] }) {
  const secretKeys = useRoute('listSecretKeys');
  const rotateSigning = useChange('rotateSigningKey', ['showSystem']);
  const rotateSecret = useChange('rotateSecretKey', ['showSystem', 'listSecretKeys']);
  const [asking, setAsking] = useState<'signing' | 'secret' | null>(null);
  const locked = secretKeys.data?.instance.locked ?? null;
  const act = async () => {
    if (asking === 'signing') {
      if ((await rotateSigning.run()) === null) return;
      said(t('rotated'));
    } else {
      const done = await rotateSecret.run({ body: {} });
      if (done === null) return;
      said(done.state === 'staged' ? t('rotateSecretStaged') : `${t('instanceKey')}: ${done.fingerprint}`);
    }
    setAsking(null);
  };
  return (
    <Section title={t('keys')} about={t('keysAbout')}>
      {locked !== null && (
        <Alert color="red" title={t('locked')}>
          {t('lockedText', { wanted: locked.wanted, found: locked.found ?? t('foundNone'), remedy: locked.remedy })}
        </Alert>
      )}
      <Card withBorder>
        <Stack gap="sm">
          <Group justify="space-between">
            <Group gap="xs">
              <Text>{t('instanceKey')}</Text>
              <Code>{fingerprints.instanceKey ?? t('locked')}</Code>
            </Group>
            <Button size="xs" variant="default" disabled={locked !== null} onClick={() => setAsking('secret')}>
              {t('rotateSecret')}
            </Button>
          </Group>
          {fingerprints.signingKeys.map(({ id, createdAt, retiredAt }) => (
            <Group key={id} gap="xs">
              <Text>{t('signingKey')}</Text>
              <Code>{id}</Code>
              <Text size="sm" c="dimmed">
                {retiredAt === null
                  ? t('since', { when: relative(createdAt) })
                  : t('retired', { when: relative(retiredAt) })}
              </Text>
            </Group>
          ))}
          <div>
            <Button size="xs" variant="default" onClick={() => setAsking('signing')}>
              {t('rotateSigning')}
            </Button>
          </div>
        </Stack>
      </Card>
      <Confirm
        opened={asking !== null}
        onClose={() => setAsking(null)}
        title={asking === 'signing' ? t('rotateSigning') : t('rotateSecret')}
        action={asking === 'signing' ? t('rotateSigning') : t('rotateSecret')}
        pending={rotateSigning.pending || rotateSecret.pending}
        error={asking === 'signing' ? rotateSigning.error : rotateSecret.error}
        onConfirm={() => void act()}
        danger={false}
      >
        <Text>{asking === 'signing' ? t('rotateSigningText') : t('rotateSecretText')}</Text>
      </Confirm>
    </Section>
  );
}
