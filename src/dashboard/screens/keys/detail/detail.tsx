import { Button, Grid, Group, Stack, Text } from '@mantine/core';
import { IconBan, IconPencil, IconRefresh } from '@tabler/icons-react';
import { Link, useParams, useSearchParams } from 'react-router';
import type { KeyView } from '../../../../contract/keys.js';
import { useSession } from '../../../api/session.js';
import { useRoute } from '../../../api/use-route.js';
import { Loaded } from '../../../parts/notice.js';
import { Page } from '../../../parts/page.js';
import type { Family } from '../family.js';
import { StatusMark } from '../marks.js';
import { Gone } from '../once/gone.js';
import { Reveal } from '../once/reveal.js';
import { useShownOnce } from '../once/use-shown-once.js';
import { t } from '../words.js';
import { ClockSkew } from './clock-skew.js';
import { EditKey } from './edit.js';
import { Facts } from './facts.js';
import { KeyHistory } from './history.js';
import { KeyUsage } from './key-usage.js';
import { Notices } from './notices.js';
import { RecentRequests } from './recent-requests.js';
import { RevokeDialog } from './revoke.js';
import { RotateDialog } from './rotate.js';
import { Secrets } from './secrets.js';
import { useWatch } from './use-watch.js';
import { td } from './words.js';
import { WouldItPass } from './would-it-pass.js';

/** One key: what it is, what it did, and what can be done with it. `?do=` opens a dialog, so that lists can link to it. */
export function KeyDetail({ family }: { family: Family }) {
  const { id = '' } = useParams();
  const [params, setParams] = useSearchParams();
  const { organizationId } = useSession();
  const shown = useRoute(family.show, { params: { id }, organizationId }, { refetchEveryMs: 15_000 });
  useWatch(family, id, organizationId);
  const rotated = useShownOnce('rotated');
  const act = (name: string | null) => setParams(name === null ? {} : { do: name }, { replace: true });
  if (rotated.made !== null) return <Reveal family={family} made={rotated.made} isRotation />;
  if (rotated.goneId !== null) return <Gone family={family} id={id} />;
  if (shown.data === undefined) return <NotShown family={family} from={shown} />;
  return (
    <Loaded from={shown}>
      {({ key }) =>
        params.get('do') === 'edit' && key.status !== 'revoked' ? (
          <EditKey family={family} keyView={key} onClose={() => act(null)} />
        ) : (
          <>
            <Shown family={family} keyView={key} act={act} />
            <RotateDialog
              family={family}
              keyView={key}
              opened={params.get('do') === 'rotate' && key.status !== 'revoked'}
              onClose={() => act(null)}
              onRotated={rotated.show}
            />
            <RevokeDialog
              family={family}
              keyView={key}
              opened={params.get('do') === 'revoke' && key.status !== 'revoked'}
              onClose={() => act(null)}
            />
          </>
        )
      }
    </Loaded>
  );
}

type Asked = Pick<ReturnType<typeof useRoute<'showKey'>>, 'data' | 'error' | 'refetch'>;

function NotShown({ family, from }: { family: Family; from: Asked }) {
  const session = useSession();
  if (from.error?.code !== 'NOT_FOUND' && from.error?.code !== 'BAD_REQUEST')
    return (
      <Page title={t(`${family.id}Title`)}>
        <Loaded from={from}>{() => null}</Loaded>
      </Page>
    );
  return (
    <Page title={td('missing')} about={td('missingText')}>
      <div>
        <Button component={Link} to={family.path(session)}>
          {td('toList')}
        </Button>
      </div>
    </Page>
  );
}

interface ShownProps {
  readonly family: Family;
  readonly keyView: KeyView;
  readonly act: (name: string) => void;
}

function Shown({ family, keyView: key, act }: ShownProps) {
  const session = useSession();
  const mayAct = session.may('keys:write') && key.status !== 'revoked';
  const actions = mayAct && (
    <>
      <Button variant="default" leftSection={<IconPencil size={18} aria-hidden />} onClick={() => act('edit')}>
        {t('edit')}
      </Button>
      {key.status !== 'expired' && (
        <Button variant="default" leftSection={<IconRefresh size={18} aria-hidden />} onClick={() => act('rotate')}>
          {t('rotate')}
        </Button>
      )}
      <Button
        variant="outline"
        color="red"
        leftSection={<IconBan size={18} aria-hidden />}
        onClick={() => act('revoke')}
      >
        {t('revoke')}
      </Button>
    </>
  );
  const about = (
    <Group gap="md" component="span">
      <StatusMark status={key.status} />
      <Text span size="sm" ff="monospace" style={{ overflowWrap: 'anywhere' }}>{`${key.start}…${key.last4}`}</Text>
      <Text span size="sm">
        {t(key.type)}, {t(key.environment)}
      </Text>
    </Group>
  );
  return (
    <Page title={key.name} about={about} actions={actions}>
      <ClockSkew />
      <Notices keyView={key} />
      <Grid gap="xl">
        <Grid.Col span={{ base: 12, lg: 5 }}>
          <Stack gap="xl">
            <Facts keyView={key} />
            <Secrets family={family} keyView={key} mayAct={mayAct} />
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 7 }}>
          <Stack gap="xl">
            <KeyUsage family={family} keyView={key} />
            <RecentRequests id={key.id} />
            <WouldItPass keyView={key} />
            <KeyHistory id={key.id} />
          </Stack>
        </Grid.Col>
      </Grid>
    </Page>
  );
}
