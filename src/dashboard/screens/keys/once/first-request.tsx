import { Group, Loader, Paper, Stack, Text } from '@mantine/core';
import { IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import { useSession } from '../../../api/session.js';
import type { Family } from '../family.js';
import { to } from '../words.js';
import { useFirstRequest } from './use-first-request.js';

/** Tells when the new secret is used for the first time, and what became of that. */
export function FirstRequest({ family, id, secretMadeAt }: { family: Family; id: string; secretMadeAt: string }) {
  const { organizationId } = useSession();
  const first = useFirstRequest(family, id, secretMadeAt, organizationId);
  return (
    <Paper withBorder p="md" role="status" aria-live="polite">
      {first === null ? (
        <Group gap="md" wrap="nowrap">
          <Loader size="sm" aria-hidden />
          <div>
            <Text fw={600}>{to('waiting')}</Text>
            <Text size="sm" c="dimmed">
              {to('waitingText')}
            </Text>
          </div>
        </Group>
      ) : (
        <Group gap="md" wrap="nowrap">
          {first.refusal === null ? (
            <IconCircleCheck size={28} color="var(--mantine-color-teal-6)" aria-hidden />
          ) : (
            <IconCircleX size={28} color="var(--mantine-color-red-6)" aria-hidden />
          )}
          <Stack gap={0}>
            <Text fw={600}>
              {first.status === null
                ? to('arrivedPlain', { address: first.address })
                : to('arrived', { status: first.status, address: first.address })}
            </Text>
            <Text size="sm" c="dimmed">
              {first.refusal === null ? to('arrivedText') : to('refusedText', { code: first.refusal })}
            </Text>
          </Stack>
        </Group>
      )}
    </Paper>
  );
}
