import { useSession } from '../../api/session.js';
import { useRoute } from '../../api/use-route.js';
import { Loaded } from '../../parts/notice.js';
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
    <Page title={t('title')} about={t('about', { organization: organizationName })}>
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
