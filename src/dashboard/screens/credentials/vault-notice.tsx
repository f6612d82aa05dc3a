import { Alert, Code, Stack, Text } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { useSession } from '../../api/session.js';
import { useRoute } from '../../api/use-route.js';
import { t } from './words.js';

interface Sealed {
  readonly name: string;
  readonly state: 'ready' | 'locked' | 'key_missing' | 'damaged';
  readonly wants: string | null;
}

/**
 * Says why sealed values do not open: which key they want, which one is here, and what to do.
 * What is wanted stands on each of them; what was found is for operators, who can do something about it.
 */
export function VaultNotice({ sealed }: { sealed: readonly Sealed[] }) {
  const { isOperator } = useSession();
  const locked = sealed.find(({ state }) => state === 'locked');
  const missing = sealed.filter(({ state }) => state === 'key_missing');
  const keys = useRoute('listSecretKeys', {}, { enabled: isOperator && (locked !== undefined || missing.length > 0) });
  const lock = keys.data?.instance.locked;
  if (locked !== undefined)
    return (
      <Alert color="red" icon={<IconLock aria-hidden />} title={t('lockedTitle')} role="alert">
        <Stack gap={6}>
          <Text size="sm">{t('lockedText')}</Text>
          <Fact label={t('keyWanted')} value={lock?.wanted ?? locked.wants} />
          {isOperator && <Fact label={t('keyFound')} value={lock?.found ?? null} />}
          <Text size="sm">{lock?.remedy ?? t('lockedAsk')}</Text>
        </Stack>
      </Alert>
    );
  if (missing.length === 0) return null;
  return (
    <Alert color="yellow" icon={<IconLock aria-hidden />} title={t('missingTitle', { count: missing.length })}>
      <Stack gap={6}>
        <Text size="sm">{missing.map(({ name }) => name).join(', ')}</Text>
        <Fact label={t('keyWanted')} value={missing[0]?.wants ?? null} />
        {isOperator && <Fact label={t('keyFound')} value={keys.data?.instance.fingerprint ?? null} />}
        <Text size="sm">{t('missingText')}</Text>
        <Code>gatehouse secret-key add-old</Code>
      </Stack>
    </Alert>
  );
}

function Fact({ label, value }: { label: string; value: string | null | undefined }) {
  return (
    <Text size="sm">
      {label}: <Code>{value ?? t('none')}</Code>
    </Text>
  );
}
