import { Anchor, Code, Paper, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { IconEye, IconLock, IconPlugConnected, type TablerIcon } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { t } from './words.js';

/** Three places for three kinds of values: which one is meant. */
export function Explainer() {
  return (
    <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="sm" component="section" aria-label={t('whichOne')}>
      <Kind Icon={IconPlugConnected} title={t('credential')} text={t('credentialText')}>
        <Anchor component={Link} to="/credentials" size="sm">
          {t('toCredentials')}
        </Anchor>
      </Kind>
      <Kind Icon={IconLock} title={t('secret')} text={t('secretText')}>
        <Code>secrets.WEBHOOK_TOKEN</Code>
      </Kind>
      <Kind Icon={IconEye} title={t('variable')} text={t('variableText')}>
        <Code>vars.REGION</Code>
      </Kind>
    </SimpleGrid>
  );
}

function Kind({ Icon, title, text, children }: { Icon: TablerIcon; title: string; text: string; children: ReactNode }) {
  return (
    <Paper withBorder p="sm">
      <Stack gap={6} h="100%" justify="space-between">
        <div>
          <Title order={2} size="h5" style={{ display: 'flex', gap: 6, alignItems: 'center' }}>
            <Icon size={18} aria-hidden /> {title}
          </Title>
          <Text size="sm" c="dimmed" mt={4}>
            {text}
          </Text>
        </div>
        <div>{children}</div>
      </Stack>
    </Paper>
  );
}
