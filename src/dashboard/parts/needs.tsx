import { Alert } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useSession } from '../api/session.js';
import { t } from './words.js';

/** Shows what somebody may see or do; else which scope it takes, and that nothing was asked for. */
export function Needs({ scope, children }: { scope: string; children: ReactNode }) {
  const { may, role, organizationName } = useSession();
  if (may(scope)) return <>{children}</>;
  return (
    <Alert color="gray" icon={<IconLock aria-hidden />} title={t('forbiddenTitle')}>
      {t('needsScope', { scope, role, organization: organizationName })}
    </Alert>
  );
}
