import { Alert, Text } from '@mantine/core';
import { IconAlertTriangle, IconBan, IconClockOff } from '@tabler/icons-react';
import type { KeyView } from '../../../../contract/keys.js';
import { useSession } from '../../../api/session.js';
import { useRoute } from '../../../api/use-route.js';
import { useActors } from '../../../parts/use-actors.js';
import { absolute, relative } from '../../../parts/when.js';
import { td } from './words.js';

/** Why it does not work, or soon will not for somebody. */
export function Notices({ keyView: key }: { keyView: KeyView }) {
  if (key.lateUntil !== null) return <Late keyView={key} until={key.lateUntil} />;
  if (key.status === 'revoked') return <Revoked keyView={key} />;
  if (key.status === 'expired')
    return (
      <Alert color="gray" icon={<IconClockOff aria-hidden />} title={td('expiredTitle')}>
        {td('expiredText')}
      </Alert>
    );
  return null;
}

/** Nearly over, and somebody has not changed over: the last moment to find out who. */
function Late({ keyView: key, until }: { keyView: KeyView; until: string }) {
  const old = key.secrets.find(({ expiresAt }) => expiresAt === until);
  return (
    <Alert
      color="orange"
      icon={<IconAlertTriangle aria-hidden />}
      title={td('lateTitle', { when: relative(until) })}
      role="status"
    >
      {td('lateText', {
        last4: old?.last4 ?? '',
        date: absolute(until),
        when: relative(old?.lastUsedAt ?? until),
        address: old?.lastUsedIp ?? '?',
      })}
    </Alert>
  );
}

function Revoked({ keyView: key }: { keyView: KeyView }) {
  const { may, organizationId } = useSession();
  const lines = useRoute(
    'listAudit',
    { query: { target: key.id, limit: 10, organizationId } },
    { enabled: may('audit:read') },
  );
  const line = lines.data?.data.find(({ action, outcome }) => action.endsWith('.revoke') && outcome === 'ok');
  const actor = useActors([line?.actor]);
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
