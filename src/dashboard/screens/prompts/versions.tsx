import { Button, Group, Stack, Text } from '@mantine/core';
import type { PromptShown } from '../../../contract/prompts.js';
import { Section } from '../../parts/page.js';
import { useActors } from '../../parts/use-actors.js';
import { When } from '../../parts/when.js';
import { t } from './words.js';

interface VersionsProps {
  readonly versions: PromptShown['versions'];
  readonly shown: number;
  readonly newest: number;
  readonly onShow: (version: number) => void;
}

/** Every version that is kept, newest first. */
export function Versions({ versions, shown, newest, onShow }: VersionsProps) {
  const nameOf = useActors(versions.map(({ updatedBy }) => updatedBy));
  return (
    <Section title={t('versions')}>
      <Stack gap={4} component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
        {versions.map(({ version, updatedAt, updatedBy }) => (
          <Group key={version} gap="sm" component="li">
            <Button
              size="compact-sm"
              variant={version === shown ? 'filled' : 'default'}
              aria-pressed={version === shown}
              onClick={() => onShow(version)}
            >
              {version === newest
                ? t('versionNow', { version: String(version) })
                : t('versionTitle', { version: String(version) })}
            </Button>
            <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
              <When at={updatedAt} /> · {nameOf(updatedBy)}
            </Text>
          </Group>
        ))}
      </Stack>
    </Section>
  );
}
