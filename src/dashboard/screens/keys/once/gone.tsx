import { Button, Group } from '@mantine/core';
import { Link } from 'react-router';
import { useSession } from '../../../api/session.js';
import { Page } from '../../../parts/page.js';
import type { Family } from '../family.js';
import { to } from '../words.js';

/** Where a token was shown once. The key is there; a new secret is one step away. */
export function Gone({ family, id }: { family: Family; id: string }) {
  const at = `${family.path(useSession())}/${id}`;
  return (
    <Page title={to('goneTitle')} about={to('goneText')}>
      <Group gap="xs">
        <Button component={Link} to={at}>
          {to('goneOpen')}
        </Button>
        <Button component={Link} to={`${at}?do=rotate`} variant="default">
          {to('goneRotate')}
        </Button>
      </Group>
    </Page>
  );
}
