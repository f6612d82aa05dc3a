import { Button } from '@mantine/core';
import { Link } from 'react-router';
import { useSession } from '../../api/session.js';
import { useRoute } from '../../api/use-route.js';
import { EmptyState, Loaded } from '../../parts/notice.js';
import { Page } from '../../parts/page.js';
import { Attention } from './attention.js';
import { FirstSteps } from './first-steps.js';
import { RefusedLately } from './refused-lately.js';
import { Tiles } from './tiles.js';
import { Traffic } from './traffic.js';
import { t } from './words.js';

/** What happened in a day, and what deserves a look. */
export default function Overview() {
  const session = useSession();
  const { organizationId, organizationName, may } = session;
  const seesKeys = may('keys:read');
  const overview = useRoute(
    'showOverview',
    { query: { organizationId } },
    { enabled: seesKeys, refetchEveryMs: 30_000 },
  );
  return (
    <Page title={t('title')} {...(seesKeys ? { about: t('about', { organization: organizationName }) } : {})}>
      {!seesKeys && <Welcome organization={organizationName} mayAsk={may('ask:run')} />}
      {seesKeys && (
        <Loaded from={overview}>
          {({ tiles, attention }) => (
            <>
              <Tiles tiles={tiles} />
              <FirstSteps tiles={tiles} />
              <Attention items={attention} />
              <Traffic quiet={tiles.requests24h === 0} />
              <RefusedLately />
            </>
          )}
        </Loaded>
      )}
    </Page>
  );
}

/** For those who see no keys and no traffic: what they can do here. */
function Welcome({ organization, mayAsk }: { organization: string; mayAsk: boolean }) {
  const [to, label] = mayAsk ? ['/ask', t('welcomeAsk')] : ['/workspaces', t('welcomeLook')];
  return (
    <EmptyState
      title={t('welcome', { organization })}
      action={
        <Button component={Link} to={to}>
          {label}
        </Button>
      }
    >
      {mayAsk ? t('welcomeAskText') : t('welcomeLookText')}
    </EmptyState>
  );
}
