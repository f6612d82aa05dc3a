import { Alert, Button, Group, List, Stack, Text } from '@mantine/core';
import { IconLinkOff, IconShieldCheck } from '@tabler/icons-react';
import { useState } from 'react';
import { type Answer, call, type GatehouseError } from '../../api/call.js';
import { asGatehouseError } from '../../api/use-route.js';
import { ErrorNotice } from '../../parts/notice.js';
import { absolute } from '../../parts/when.js';
import { number } from '../../words/words.js';
import { t } from './words.js';

type Verified = Answer<'verifyAudit'>;

/** Walks the whole log on demand: it is read from the first line, which takes a moment. */
export function ChainCheck() {
  const [found, setFound] = useState<Verified | null>(null);
  const [error, setError] = useState<GatehouseError | null>(null);
  const [pending, setPending] = useState(false);
  const verify = async () => {
    setPending(true);
    setError(null);
    try {
      setFound(await call('verifyAudit'));
    } catch (failure) {
      setError(asGatehouseError(failure));
    } finally {
      setPending(false);
    }
  };
  return (
    <Stack gap="sm" align="stretch">
      <div>
        <Button variant="default" loading={pending} onClick={() => void verify()}>
          {t('verify')}
        </Button>
      </div>
      {error !== null && <ErrorNotice error={error} />}
      <div role="status">{found !== null && <Verdict of={found} />}</div>
    </Stack>
  );
}

function Verdict({ of: { ok, lines, uncovered, firstAt, lastAt, fault, limits } }: { of: Verified }) {
  const span = (at: string | null) => (at === null ? '–' : absolute(at));
  return (
    <Alert
      color={ok ? 'gate' : 'red'}
      icon={ok ? <IconShieldCheck aria-hidden /> : <IconLinkOff aria-hidden />}
      title={ok ? t('chainOk', { lines: number(lines), from: span(firstAt), to: span(lastAt) }) : t('chainBroken')}
    >
      <Stack gap="xs">
        {fault !== null && <Text size="sm">{t('chainFault', fault)}</Text>}
        {uncovered > 0 && <Text size="sm">{t('chainUncovered', { count: uncovered })}</Text>}
        {limits.length > 0 && (
          <Group gap={4} align="flex-start">
            <Text size="sm" fw={600}>
              {t('limits')}
            </Text>
            <List size="sm">
              {limits.map((limit) => (
                <List.Item key={limit}>{limit}</List.Item>
              ))}
            </List>
          </Group>
        )}
      </Stack>
    </Alert>
  );
}
