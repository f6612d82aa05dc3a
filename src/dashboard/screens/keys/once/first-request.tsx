import { Group, Loader, Paper, Stack, Text } from '@mantine/core';
import { IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import type { KeyView } from '../../../../contract/keys.js';
import { useSession } from '../../../api/session.js';
import type { Family } from '../family.js';
import { to } from '../words.js';
import { useFirstRequest } from './use-first-request.js';

/** Tells when the new secret is used for the first time, and what became of that. */
export function FirstRequest({ family, keyView: key }: { family: Family; keyView: KeyView }) {
  const { organizationId } = useSession();
  const { id, secrets, last4 } = key;
  const first = useFirstRequest({ family, id, last4, isOnly: secrets.length === 1, organizationId });
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
