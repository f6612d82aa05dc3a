import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useState } from 'react';
import { ORIGIN } from '../../api/place.js';
import { useRoute } from '../../api/use-route.js';
import { CodeBlock } from '../../parts/copy.js';
import { ErrorNotice, Loaded } from '../../parts/notice.js';
import { Section } from '../../parts/page.js';
import { PublicUrl } from './public-url.js';
import { betweenOf, isNamed, namedOf } from './reach.js';
import { Seen } from './seen.js';
import { t } from './words.js';
import { YourProxy } from './your-proxy.js';

/** How people come here: what stands in between, and which address they use. Both are settings of the environment. */
export function ReachStep({ onNext }: { onNext: () => void }) {
  const trace = useRoute('showOwnAddress');
  const system = useRoute('showSystem');
  const [isMine, setMine] = useState<boolean | null>(null);
  const [checkedAgain, setCheckedAgain] = useState(false);
  const again = async () => {
    setCheckedAgain(false);
    const asked = await Promise.all([trace.refetch(), system.refetch()]);
    setCheckedAgain(asked.every(({ error }) => error === null));
  };
  return (
    <Loaded from={trace}>
      {(seen) => (
        <Loaded from={system}>
          {({ settings }) => {
            const between = betweenOf(seen);
            const setting = settings.find(({ name }) => name === 'PUBLIC_URL');
            const publicUrl = setting?.set === true ? setting.value : null;
            const named = namedOf(publicUrl, ORIGIN);
            const lines = [
              ...(between.kind === 'unknown' && isMine === true ? [`TRUST_PROXY=${between.trustProxy}`] : []),
              ...(isNamed(named) ? [] : [`PUBLIC_URL=${ORIGIN}`]),
            ];
            return (
              <Stack gap="xl">
                {!window.isSecureContext && (
                  <Alert color="orange" icon={<IconAlertTriangle aria-hidden />} title={t('plainHttpTitle')}>
                    {t('plainHttp')}
                  </Alert>
                )}
                <Seen trace={seen} />
                <Section title={t('proxyTitle')}>
                  <YourProxy between={between} address={seen.address} isMine={isMine} onAnswer={setMine} />
                </Section>
                <Section title={t('urlTitle')} about={t('urlAbout')}>
                  <PublicUrl named={named} publicUrl={publicUrl} />
                </Section>
                {lines.length > 0 && (
                  <Section title={t('linesTitle')} about={t('linesAbout')}>
                    <CodeBlock text={lines.join('\n')} what={t('lines')} />
                    <Text size="sm" c="dimmed">
                      {t('restart')}
                    </Text>
                  </Section>
                )}
                {trace.error !== null && <ErrorNotice error={trace.error} />}
                <Group>
                  <Button variant={lines.length > 0 ? 'default' : 'filled'} onClick={onNext}>
                    {lines.length > 0 ? t('later') : t('next')}
                  </Button>
                  <Button
                    variant={lines.length > 0 ? 'filled' : 'default'}
                    loading={trace.isFetching || system.isFetching}
                    onClick={() => void again()}
                  >
                    {t('checkAgain')}
                  </Button>
                  <Text size="sm" role="status">
                    {checkedAgain ? (lines.length > 0 ? t('stillOpen') : t('allSet')) : ''}
                  </Text>
                </Group>
              </Stack>
            );
          }}
        </Loaded>
      )}
    </Loaded>
  );
}
