import { Checkbox, Code, Group, Paper, Stack, Text, Title } from '@mantine/core';
import type { CredentialTypeView } from '../../../contract/credentials.js';
import { t } from './words.js';

interface HostsPartProps {
  readonly type: CredentialTypeView;
  readonly hosts: readonly string[];
  readonly optionalHosts: readonly string[];
  readonly onOptional: (hosts: string[]) => void;
}

/** Where the secret of a credential may go, as it will be with what is typed so far. */
export function HostsPart({ type, hosts, optionalHosts, onOptional }: HostsPartProps) {
  return (
    <Paper withBorder p="md">
      <Stack gap="sm">
        <Title order={2} size="h4">
          {t('hostsTitle')}
        </Title>
        <Text size="sm" c="dimmed">
          {type.direction === 'inbound' ? t('hostsInbound') : t('hostsText')}
        </Text>
        {type.direction === 'outbound' && (
          <Group gap={6} aria-live="polite">
            {[...hosts, ...optionalHosts].map((host) => (
              <Code key={host} style={{ overflowWrap: 'anywhere' }}>
                {host}
              </Code>
            ))}
            {hosts.length === 0 && <Text size="sm">{t('hostsNone')}</Text>}
          </Group>
        )}
        {type.optionalHosts.length > 0 && (
          <Checkbox.Group
            label={t('optionalHosts')}
            value={[...optionalHosts]}
            onChange={(chosen) => onOptional(chosen)}
          >
            <Stack gap={6} mt={4}>
              {type.optionalHosts.map(({ host, why }) => (
                <Checkbox key={host} value={host} label={host} description={why} />
              ))}
            </Stack>
          </Checkbox.Group>
        )}
      </Stack>
    </Paper>
  );
}
