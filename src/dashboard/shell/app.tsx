import { Button, Center } from '@mantine/core';
import { Suspense } from 'react';
import { Link, Navigate, Route, Routes, useParams } from 'react-router';
import type { Profile } from '../../contract/auth.js';
import { leave } from '../api/call.js';
import { SessionProvider, useSession } from '../api/session.js';
import { useRoute } from '../api/use-route.js';
import { ConfirmIdentity } from '../parts/confirm-identity.js';
import { EmptyState, Loaded, Waiting } from '../parts/notice.js';
import { Page } from '../parts/page.js';
import { Guarded } from './guarded.js';
import { Layout } from './layout.js';
import { LED, SCREENS } from './screens.js';
import { t } from './words.js';

/** Everything behind the sign-in page. */
export function App() {
  const profile = useRoute('showProfile');
  return (
    <Loaded from={profile}>
      {({ user }) => (user.memberships.length === 0 ? <Nowhere /> : <Inside user={user} />)}
    </Loaded>
  );
}

function Inside({ user }: { user: Profile }) {
  return (
    <SessionProvider user={user}>
      <ConfirmIdentity />
      <Layout>
        <Guarded>
          <Suspense fallback={<Waiting />}>
            <Routes>
              {SCREENS.map(([path, Screen]) => (
                <Route key={path} path={path} element={<Screen />} />
              ))}
              {LED.map(([from, to]) => (
                <Route key={from} path={from} element={<Led to={to} />} />
              ))}
              <Route path="*" element={<NotFound />} />
            </Routes>
          </Suspense>
        </Guarded>
      </Layout>
    </SessionProvider>
  );
}

function Led({ to }: { to: string }) {
  const { organizationId } = useSession();
  return <Navigate replace to={to.replace(':organizationId', useParams()['organizationId'] ?? organizationId)} />;
}

function NotFound() {
  return (
    <Page title={t('notFound')} about={t('notFoundText')}>
      <div>
        <Button component={Link} to="/">
          {t('toOverview')}
        </Button>
      </div>
    </Page>
  );
}

/** Operators of an instance need not belong to an organization; whoever was removed from their last one does not either. */
function Nowhere() {
  return (
    <Center component="main" mih="100vh">
      <EmptyState title={t('noOrganization')} action={<Button onClick={() => leave('left')}>{t('signOut')}</Button>}>
        {t('noOrganizationText')}
      </EmptyState>
    </Center>
  );
}
