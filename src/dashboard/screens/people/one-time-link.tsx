import { Code, Group } from '@mantine/core';
import { useRef } from 'react';
import { ORIGIN } from '../../api/place.js';
import { CopyButton } from '../../parts/copy.js';
import { t } from './words.js';

/** A link as it is handed over. Without `PUBLIC_URL` it is shown on the address that this page came from. */
export function OneTimeLinkShown({ link }: { link: { path: string; url: string | null } }) {
  const shown = useRef<HTMLElement>(null);
  const text = link.url ?? `${ORIGIN}${link.path}`;
  return (
    <Group gap="xs" wrap="nowrap">
      <Code block ref={shown as never} flex={1} style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>
        {text}
      </Code>
      <CopyButton text={text} what={t('link')} shown={shown} />
    </Group>
  );
}
