import { Alert, Badge, Card, Group, SimpleGrid, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconX } from '@tabler/icons-react';
import type { SystemView } from '../../../contract/system.js';
import { useRoute } from '../../api/use-route.js';
import { Loaded } from '../../parts/notice.js';
import { Page, Section } from '../../parts/page.js';
import { language, number } from '../../words/words.js';
import { Disk } from './disk.js';
import { InstanceKeys } from './instance-keys.js';
import { LogTail } from './log-tail.js';
import { Settings } from './settings.js';
import { t } from './words.js';

export default function System() {
  const system = useRoute('showSystem', {}, { refetchEveryMs: 30_000 });
  return (
    <Page title={t('title')} about={t('about')}>
      <Loaded from={system}>
        {(view) => (
          <>
            <Standing view={view} />
            <Section title={t('checks')}>
              <Stack gap="xs">
                {view.checks.map((check, index) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: two checks may have one name
                  <Check key={index} {...check} />
                ))}
              </Stack>
            </Section>
            <Section title={t('counts')}>
              <SimpleGrid cols={{ base: 2, sm: 5 }}>
                {(
                  [
                    [t('countKeys'), view.counts.keys],
                    [t('countWorkspaces'), view.counts.workspaces],
                    [t('countUsers'), view.counts.users],
                    [t('countOrganizations'), view.counts.organizations],
                    [t('countStreams'), view.counts.openStreams],
                  ] as const
                ).map(([label, count]) => (
                  <Card key={label} withBorder padding="sm">
                    <Text size="sm" c="dimmed">
                      {label}
                    </Text>
                    <Text fw={650} fz="lg">
                      {number(count)}
                    </Text>
                  </Card>
                ))}
              </SimpleGrid>
            </Section>
            <Disk disk={view.disk} />
            <InstanceKeys fingerprints={view.fingerprints} />
            <Settings settings={view.settings} />
            <LogTail />
          </>
        )}
      </Loaded>
    </Page>
  );
}

const READINESS = { ok: 'gate', degraded: 'yellow', unavailable: 'red' } as const;

function Standing({ view }: { view: SystemView }) {
  const { version, node, uptimeSeconds, memory, readiness, folder, audit } = view;
  const word = readiness === 'ok' ? t('ready') : readiness === 'degraded' ? t('degraded') : t('unavailable');
  return (
    <Alert color={READINESS[readiness]} title={word}>
      <Stack gap={4}>
        <Text size="sm">
          {[
            t('version', { version }),
            t('node', { node }),
            t('up', { duration: duration(uptimeSeconds) }),
            t('memory', { size: number(Math.round(memory.residentBytes / 1_048_576)) }),
          ].join(' · ')}
        </Text>
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {t('folder', { folder })}
        </Text>
        <Text size="sm">
          {audit.writable ? t('auditLast', { seq: number(audit.lastLine?.seq ?? 0) }) : t('auditUnwritable')}
        </Text>
      </Stack>
    </Alert>
  );
}

const MARKS = {
  pass: { Icon: IconCheck, color: 'gate' },
  warn: { Icon: IconAlertTriangle, color: 'orange' },
  fail: { Icon: IconX, color: 'red' },
} as const;

function Check({ name, state, words }: SystemView['checks'][number]) {
  const { Icon, color } = MARKS[state];
  return (
    <Group gap="sm" wrap="nowrap" align="flex-start">
      <Badge color={color} leftSection={<Icon size={12} aria-hidden />} miw={92} style={{ flexShrink: 0 }}>
        {t(state)}
      </Badge>
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        <b>{name}</b>: {words}
      </Text>
    </Group>
  );
}

function duration(seconds: number): string {
  const [value, unit] =
    seconds >= 172_800
      ? [Math.floor(seconds / 86_400), 'day']
      : seconds >= 7200
        ? [Math.floor(seconds / 3600), 'hour']
        : [Math.max(1, Math.floor(seconds / 60)), 'minute'];
  return new Intl.NumberFormat(language(), { style: 'unit', unit, unitDisplay: 'long' }).format(value);
}
