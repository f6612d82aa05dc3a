import { Alert, Button, Code, Group, Loader, Stack, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconLock, IconPlugConnectedX } from '@tabler/icons-react';
import { type ReactNode, useEffect, useState } from 'react';
import type { GatehouseError } from '../api/call.js';
import { t } from './words.js';

/** What went wrong, what to do about it, and the number under which the log knows it. */
export function ErrorNotice({ error, onRetry }: { error: GatehouseError; onRetry?: (() => void) | undefined }) {
  const offline = error.code === 'NETWORK' || error.code === 'TIMEOUT';
  const forbidden = error.status === 403;
  const Icon = offline ? IconPlugConnectedX : forbidden ? IconLock : IconAlertTriangle;
  const title = offline ? t('offlineTitle') : forbidden ? t('forbiddenTitle') : t('failedTitle');
  return (
    <Alert color={forbidden ? 'gray' : 'red'} icon={<Icon aria-hidden />} title={title} role="alert">
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{error.detail}</Text>
        {error.retryAfterSeconds !== null && (
          <Text size="sm">{t('retryAfter', { count: error.retryAfterSeconds })}</Text>
        )}
        {error.requestId !== null && (
          <Code>
            {error.code} · {t('requestId', { id: error.requestId })}
          </Code>
        )}
        {onRetry !== undefined && (
          <Button size="xs" variant="default" onClick={onRetry}>
            {t('retry')}
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

/** Nothing here yet: what this is, and how to begin. */
export function EmptyState({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <Stack align="center" gap="sm" py="xl" px="md" ta="center">
      <Title order={2} size="h3">
        {title}
      </Title>
      {children !== undefined && (
        <Text c="dimmed" maw="60ch" w="100%" component="div">
          {children}
        </Text>
      )}
      {action}
    </Stack>
  );
}

/** Nothing for a moment, since most answers come at once and a flicker is worse than a short wait. */
export function Waiting() {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 200);
    return () => clearTimeout(timer);
  }, []);
  return (
    <Group justify="center" py="xl" role="status" mih={80}>
      {late && <Loader aria-hidden />}
      <span className="visually-hidden">{late ? t('loading') : ''}</span>
    </Group>
  );
}

interface Asked<T> {
  readonly data: T | undefined;
  readonly error: GatehouseError | null;
  refetch(): unknown;
}

/** What was asked for, once it is there; until then a wait, or why it did not come. What was seen before stays on the page. */
export function Loaded<T>({ from, children }: { from: Asked<T>; children: (data: T) => ReactNode }) {
  if (from.data !== undefined)
    return (
      <>
        {from.error !== null && <ErrorNotice error={from.error} onRetry={() => void from.refetch()} />}
        {children(from.data)}
      </>
    );
  if (from.error !== null) return <ErrorNotice error={from.error} onRetry={() => void from.refetch()} />;
  return <Waiting />;
}
