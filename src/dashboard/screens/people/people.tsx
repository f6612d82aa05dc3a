import { Button } from '@mantine/core';
import { useState } from 'react';
import { useSession } from '../../api/session.js';
import { Page } from '../../parts/page.js';
import { InviteDialog } from './invite-dialog.js';
import { Invites } from './invites.js';
import { Members } from './members.js';
import { PeopleTabs } from './tabs.js';
import { t } from './words.js';

export default function People() {
  const { organizationName, may } = useSession();
  const [inviting, setInviting] = useState(false);
  return (
    <Page
      title={t('title')}
      about={t('about', { organization: organizationName })}
      actions={may('members:write') && <Button onClick={() => setInviting(true)}>{t('invite')}</Button>}
    >
      <PeopleTabs />
      <Members />
      <Invites />
      <InviteDialog opened={inviting} onClose={() => setInviting(false)} />
    </Page>
  );
}
