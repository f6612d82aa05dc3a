import { Anchor, Card, Group, Progress, Stack, Text } from '@mantine/core';
import { IconCircle, IconCircleCheck } from '@tabler/icons-react';
import { Link } from 'react-router';
import { useSession } from '../../api/session.js';
import { useRoute } from '../../api/use-route.js';
import { Section } from '../../parts/page.js';
import type { TileNumbers } from './tiles.js';
import { t } from './words.js';

/** The way in for somebody new. Each step is found out from what there is, so it is true whoever did it. */
export function FirstSteps({ tiles }: { tiles: TileNumbers }) {
  const { user, organizationId, isOperator, may } = useSession();
  const keys = useRoute('listKeys', { query: { limit: 1, organizationId } });
  const used = useRoute('showUsage', { query: { organizationId, groupBy: 'day' } });
  const workspaces = useRoute('listWorkspaces', { query: { limit: 50, organizationId } });
  const first = workspaces.data?.data[0]?.id;
  const credentials = useRoute(
    'listCredentials',
    { params: { workspaceId: first ?? '' } },
    { enabled: first !== undefined && may('secrets:read') },
  );
  const system = useRoute('showSystem', {}, { enabled: isOperator });
  if (keys.data === undefined || used.data === undefined) return null;
  const byKey = used.data.keys.some(({ kind, allowed }) => kind === 'api_key' && allowed > 0);
  const publicUrl = system.data?.settings.find(({ name }) => name === 'PUBLIC_URL');
  const steps = [
    { label: t('stepKey'), path: '/settings/api-keys/new', done: tiles.activeKeys > 0 || keys.data.data.length > 0 },
    { label: t('stepRequest'), path: '/settings/api-keys', done: byKey },
    { label: t('stepTotp'), path: '/account', done: user.totp },
    ...(credentials.data === undefined
      ? []
      : [{ label: t('stepCredential'), path: '/credentials', done: credentials.data.data.length > 0 }]),
    ...(publicUrl === undefined ? [] : [{ label: t('stepPublicUrl'), path: '/welcome', done: publicUrl.set }]),
  ];
  const done = steps.filter((step) => step.done).length;
  if (done === steps.length) return null;
  return (
    <Section title={t('setup')} about={t('setupAbout')}>
      <Card withBorder>
        <Stack gap="sm">
          <Group gap="sm">
            <Progress value={(100 * done) / steps.length} flex={1} aria-label={t('setup')} />
            <Text size="sm">{t('steps', { done, total: steps.length })}</Text>
          </Group>
          {steps.map((step) => (
            <Group key={step.label} gap="sm" wrap="nowrap">
              {step.done ? (
                <IconCircleCheck size={20} aria-hidden color="var(--mantine-color-gate-6)" />
              ) : (
                <IconCircle size={20} aria-hidden />
              )}
              {step.done ? (
                <Text c="dimmed">{step.label}</Text>
              ) : (
                <Anchor component={Link} to={step.path} underline="always">
                  {step.label}
                </Anchor>
              )}
              <span className="visually-hidden">{step.done ? t('stepDone') : t('stepOpen')}</span>
            </Group>
          ))}
        </Stack>
      </Card>
    </Section>
  );
}
