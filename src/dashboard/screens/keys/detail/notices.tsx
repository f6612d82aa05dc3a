import { Alert, Text } from '@mantine/core';
import { IconBan, IconClockOff } from '@tabler/icons-react';
import type { KeyView } from '../../../../contract/keys.js';
import { useSession } from '../../../api/session.js';
import { useRoute } from '../../../api/use-route.js';
import { relative } from '../../../parts/when.js';
import { useActors } from './actors.js';
import { td } from './words.js';

/** Why it does not work. */
export function Notices({ keyView: key }: { keyView: KeyView }) {
  if (key.status === 'revoked') return <Revoked keyView={key} />;
  if (key.status === 'expired')
    return (
      <Alert color="gray" icon={<IconClockOff aria-hidden />} title={td('expiredTitle')}>
        {td('expiredText')}
      </Alert>
    );
  return null;
}

function Revoked({ keyView: key }: { keyView: KeyView }) {
  const { may, organizationId } = useSession();
  const actor = useActors();
  const lines = useRoute(
    'listAudit',
    { query: { target: key.id, limit: 10, organizationId } },
    { enabled: may('audit:read') },
  );
  const line = lines.data?.data.find(({ action, outcome }) => action.endsWith('.revoke') && outcome === 'ok');
  const reason = line?.detail['reason'];
  return (
    <Alert color="red" icon={<IconBan aria-hidden />} title={td('revokedTitle')}>
      <Text size="sm">
        {td('revokedText', { when: relative(key.revokedAt ?? '') })}{' '}
        {line !== undefined && td('revokedBy', { actor: actor(line.actor) })}{' '}
        {typeof reason === 'string' && td('revokedReason', { reason })}
      </Text>
    </Alert>
  );
}
