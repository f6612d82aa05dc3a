import { Alert, Anchor, Button, Group, List, Paper, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { Link } from 'react-router';
import { ORIGIN } from '../../api/place.js';
import { useSession } from '../../api/session.js';
import { useRoute } from '../../api/use-route.js';
import { Loaded } from '../../parts/notice.js';
import { Section } from '../../parts/page.js';
import { State } from '../../parts/state.js';
import { betweenOf, isNamed, namedOf } from './reach.js';
import { t } from './words.js';

/** What is settled and what is left, found out from how things are and not from what was clicked. */
export function Summary({ onBack }: { onBack: () => void }) {
  const { user, organizationId } = useSession();
  const trace = useRoute('showOwnAddress');
  const system = useRoute('showSystem');
  const keys = useRoute('listKeys', { query: { limit: 1, organizationId } });
  return (
    <Section title={t('doneTitle')} about={t('doneAbout')}>
      <Loaded from={trace}>
        {(seen) => (
          <Loaded from={system}>
            {({ settings, checks }) => {
              const setting = settings.find(({ name }) => name === 'PUBLIC_URL');
              const named = namedOf(setting?.set === true ? setting.value : null, ORIGIN);
              const between = betweenOf(seen).kind;
              const failed = checks.filter(({ state }) => state === 'fail');
              return (
                <Stack maw={640}>
                  {failed.length > 0 && (
                    <Alert color="red" icon={<IconAlertTriangle aria-hidden />} title={t('failedTitle')}>
                      <List size="sm">
                        {failed.map(({ name, words }) => (
                          <List.Item key={name}>{words}</List.Item>
                        ))}
                      </List>
                    </Alert>
                  )}
                  <Paper withBorder p="md">
                    <Stack component="ul" gap="sm" m={0} p={0} style={{ listStyle: 'none' }}>
                      <Item done label={t('item.account')} />
                      <Item
                        done={between === 'direct' || between === 'known'}
                        label={t('item.proxy')}
                        to="/welcome?step=reach"
                      />
                      <Item done={isNamed(named)} label={t('item.url')} to="/welcome?step=reach" />
                      <Item
                        done={(keys.data?.data.length ?? 0) > 0}
                        label={t('item.key')}
                        to="/settings/api-keys/new?from=welcome"
                      />
                      <Item done={user.totp} label={t('item.totp')} to="/account" />
                      <Item done={failed.length === 0} label={t('item.files')} to="/settings/system" />
                    </Stack>
                  </Paper>
                  <Text size="sm" c="dimmed">
                    {t('backupHint')}
                  </Text>
                  <Group>
                    <Button variant="default" onClick={onBack}>
                      {t('back')}
                    </Button>
                    <Button component={Link} to="/">
                      {t('toOverview')}
                    </Button>
                  </Group>
                </Stack>
              );
            }}
          </Loaded>
        )}
      </Loaded>
    </Section>
  );
}

function Item({ done, label, to }: { done: boolean; label: string; to?: string }) {
  return (
    <li>
      <State tone={done ? 'good' : 'quiet'}>
        {done || to === undefined ? (
          label
        ) : (
          <Anchor component={Link} to={to} size="sm" underline="always">
            {label}
          </Anchor>
        )}
        <span className="visually-hidden">{done ? t('itemDone') : t('itemOpen')}</span>
      </State>
    </li>
  );
}
