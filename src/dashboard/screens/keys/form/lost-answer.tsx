import { Alert, Anchor, Button, Group, Stack, Text } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { Link } from 'react-router';
import { useSession } from '../../../api/session.js';
import { useRoute } from '../../../api/use-route.js';
import type { Family } from '../family.js';
import { tf } from '../words.js';

const EVERY_MS = 3000;

/** The answer with the token was lost on its way: the key may be there all the same, and a new secret is one step away. */
export function LostAnswer({ family, name, sinceMs }: { family: Family; name: string; sinceMs: number }) {
  const session = useSession();
  const found = useRoute(
    family.list,
    { query: { search: name.slice(0, 100), limit: 25, organizationId: session.organizationId } },
    { refetchEveryMs: EVERY_MS },
  );
  // Clocks differ: a little before the click counts as after it.
  const made = found.data?.data.find(
    (key) => key.name === name && key.status !== 'revoked' && Date.parse(key.createdAt) >= sinceMs - 60_000,
  );
  const at = `${family.path(session)}/${made?.id}`;
  return (
    <Alert color="orange" icon={<IconPlugConnectedX aria-hidden />} title={tf('lostTitle')} role="alert">
      <Stack gap="xs">
        <Text size="sm">{made === undefined ? tf('lostText', { name }) : tf('lostFound', { name })}</Text>
        {made !== undefined && (
          <Group gap="sm">
            <Button size="xs" component={Link} to={`${at}?do=rotate`}>
              {tf('lostRotate')}
            </Button>
            <Anchor component={Link} to={at} size="sm">
              {tf('lostOpen')}
            </Anchor>
          </Group>
        )}
      </Stack>
    </Alert>
  );
}
