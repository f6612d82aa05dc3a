import { Anchor, Text } from '@mantine/core';
import { Link } from 'react-router';
import { t } from './words.js';

export interface Hint {
  readonly words: string;
  readonly path?: string;
  readonly label?: string;
}

/** What to do about a question that was not answered; `null`: its own words say it. */
export function hintOf(code: string | undefined, workspaceId: string | null): Hint | null {
  const credentials = {
    path: `/credentials?workspace=${workspaceId ?? ''}&tab=saved`,
    label: t('toCredentials'),
  };
  switch (code) {
    case 'PROVIDER_KEY_REFUSED':
      return { words: t('hintKey'), ...credentials };
    case 'PROVIDER_RATE_LIMITED':
      return { words: t('hintBusy') };
    case 'PROVIDER_UNAVAILABLE':
    case 'UPSTREAM_UNREACHABLE':
    case 'UPSTREAM_TIMEOUT':
      return { words: t('hintAway') };
    case 'PROVIDER_MODEL_UNKNOWN':
      return { words: t('hintModel') };
    case 'PROVIDER_CONTEXT_TOO_LONG':
      return { words: t('hintLong') };
    case 'QUEUE_FULL':
      return { words: t('hintQueue'), path: '/jobs', label: t('toJobs') };
    case 'INDEX_BUILDING':
      return { words: t('hintIndex') };
    case 'VAULT_LOCKED':
      return { words: t('hintVault'), ...credentials };
    default:
      return null;
  }
}

export function HintWords({ hint }: { hint: Hint | null }) {
  if (hint === null) return null;
  return (
    <Text size="sm">
      {hint.words}{' '}
      {hint.path !== undefined && (
        <Anchor component={Link} to={hint.path} size="sm" underline="always">
          {hint.label}
        </Anchor>
      )}
    </Text>
  );
}
