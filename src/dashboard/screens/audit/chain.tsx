import { Alert, Button, Group, List, Stack, Text } from '@mantine/core';
import { IconLinkOff, IconQuestionMark, IconShieldCheck } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import type { AuditSummary } from '../../../contract/audit.js';
import { call, type GatehouseError } from '../../api/call.js';
import { asGatehouseError } from '../../api/use-route.js';
import { ErrorNotice } from '../../parts/notice.js';
import { absolute, relative } from '../../parts/when.js';
import { number } from '../../words/words.js';
import { t } from './words.js';

type Log = NonNullable<AuditSummary['log']>;

/** A log of this size is read in a moment, so nobody has to ask for it. */
const CHECKED_UNASKED_BYTES = 4_000_000;
const MEGABYTE = 1_000_000;

/** How far back lines are kept; for operators also whether the chain holds, which is found out by reading all of it. */
export function Chain({ summary, onChecked }: { summary: AuditSummary; onChecked: () => void }) {
  const { keptSince, log } = summary;
  const [error, setError] = useState<GatehouseError | null>(null);
  const [pending, setPending] = useState(false);
  const verify = async () => {
    setPending(true);
    setError(null);
    try {
      await call('verifyAudit');
      onChecked();
    } catch (failure) {
      setError(asGatehouseError(failure));
    } finally {
      setPending(false);
    }
  };
  const isDue = log !== null && log.lastCheck === null && log.bytes < CHECKED_UNASKED_BYTES;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when one comes here
  useEffect(() => {
    if (isDue) void verify();
  }, []);
  return (
    <Stack gap="sm" align="stretch">
      {log !== null && (
        <Standing log={log}>
          <Button size="xs" variant="default" loading={pending} onClick={() => void verify()}>
            {t('verify')}
          </Button>
        </Standing>
      )}
      {error !== null && <ErrorNotice error={error} />}
      <Text size="sm" c="dimmed">
        {keptSince === null ? t('keptAll') : t('keptSince', { when: absolute(keptSince) })}{' '}
        {log !== null &&
          t(log.firstSeq > 1 ? 'keptRoomCut' : 'keptRoom', {
            seq: number(log.firstSeq),
            used: number(log.bytes / MEGABYTE, { maximumFractionDigits: 1 }),
            most: number(log.maxBytes / MEGABYTE),
          })}
      </Text>
    </Stack>
  );
}

interface StandingProps {
  readonly log: Log;
  readonly children: React.ReactNode;
}

const LOOKS = {
  holds: { color: 'gate', Icon: IconShieldCheck },
  broken: { color: 'red', Icon: IconLinkOff },
  unproven: { color: 'yellow', Icon: IconQuestionMark },
  unchecked: { color: 'gray', Icon: IconQuestionMark },
} as const;

function stateOf({ lastCheck, broken }: Log): keyof typeof LOOKS {
  if (lastCheck?.fault != null || (lastCheck === null && broken !== null)) return 'broken';
  if (lastCheck === null) return 'unchecked';
  return lastCheck.ok ? 'holds' : 'unproven';
}

function Standing({ log, children }: StandingProps) {
  const { lastCheck, broken } = log;
  const state = stateOf(log);
  const { color, Icon } = LOOKS[state];
  const lines = number(lastCheck?.lines ?? 0);
  return (
    <Alert color={color} icon={<Icon aria-hidden />} title={t(`chain.${state}`)} role="status">
      <Stack gap="xs">
        <Group justify="space-between" gap="xs">
          <Text size="sm" flex="1 1 16rem">
            {lastCheck === null ? t('checkedNever') : t('checkedAt', { lines, when: relative(lastCheck.at) })}
          </Text>
          {children}
        </Group>
        {lastCheck?.fault != null && <Text size="sm">{t('chainFault', lastCheck.fault)}</Text>}
        {broken !== null && <Text size="sm">{t('brokenAtStart', { reason: broken })}</Text>}
        {lastCheck !== null && lastCheck.uncovered > 0 && (
          <Text size="sm">{t('chainUncovered', { count: lastCheck.uncovered })}</Text>
        )}
        {lastCheck !== null && (
          <details>
            <summary style={{ cursor: 'pointer', minHeight: 24 }}>
              <Text component="span" size="sm" fw={600}>
                {t('limits')}
              </Text>
            </summary>
            <List size="sm" mt={4}>
              {lastCheck.limits.map((limit) => (
                <List.Item key={limit}>{limit}</List.Item>
              ))}
            </List>
          </details>
        )}
      </Stack>
    </Alert>
  );
}
