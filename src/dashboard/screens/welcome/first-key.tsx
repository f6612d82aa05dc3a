import { Button, Group, Stack, Text } from '@mantine/core';
import { Link } from 'react-router';
import { useSession } from '../../api/session.js';
import { useRoute } from '../../api/use-route.js';
import { CodeBlock } from '../../parts/copy.js';
import { Loaded } from '../../parts/notice.js';
import { Section } from '../../parts/page.js';
import { State } from '../../parts/state.js';
import { t } from './words.js';

interface FirstKeyProps {
  readonly onNext: () => void;
  readonly onBack: () => void;
}

/** A key for the first program that calls; nobody has to make one now. */
export function FirstKey({ onNext, onBack }: FirstKeyProps) {
  const { organizationId } = useSession();
  const keys = useRoute('listKeys', { query: { limit: 1, organizationId } });
  return (
    <Section title={t('keyTitle')} about={t('keyAbout')}>
      <Loaded from={keys}>
        {({ data }) => {
          const hasKey = data.length > 0;
          return (
            <Stack maw={640}>
              {hasKey ? (
                <State tone="good">{t('keyThere', { name: data[0]?.name ?? '' })}</State>
              ) : (
                <>
                  <Text size="sm">{t('keyByHand')}</Text>
                  <CodeBlock text="gatehouse keys create my-first-key" what={t('command')} />
                </>
              )}
              <Group>
                <Button variant="default" onClick={onBack}>
                  {t('back')}
                </Button>
                {!hasKey && (
                  <Button component={Link} to="/settings/api-keys/new?from=welcome">
                    {t('makeKey')}
                  </Button>
                )}
                <Button variant={hasKey ? 'filled' : 'default'} onClick={onNext}>
                  {hasKey ? t('next') : t('later')}
                </Button>
              </Group>
            </Stack>
          );
        }}
      </Loaded>
    </Section>
  );
}
