import { ActionIcon, Box, Button, Code, Group, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { type RefObject, useRef, useState } from 'react';
import { t } from './words.js';

type Outcome = 'copied' | 'selected';

/** Over plain HTTP browsers hide the clipboard from pages; then an old command does it, or the reader's own keys. */
export async function copyText(text: string, shown?: RefObject<HTMLElement | null>): Promise<Outcome> {
  if (window.isSecureContext) {
    try {
      await navigator.clipboard.writeText(text);
      return 'copied';
    } catch {
      // Not allowed here; the old way may be.
    }
  }
  const area = document.createElement('textarea');
  area.value = text;
  area.setAttribute('readonly', '');
  area.className = 'visually-hidden';
  // Inside a dialog that holds the focus, nothing outside of it can be selected.
  const active = document.activeElement as HTMLElement | null;
  (active?.closest('[role="dialog"]') ?? document.body).append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  active?.focus();
  if (done) return 'copied';
  if (shown?.current) getSelection()?.selectAllChildren(shown.current);
  return 'selected';
}

interface CopyProps {
  readonly text: string;
  /** In the button's name: "Copy {{what}}". */
  readonly what: string;
  readonly shown?: RefObject<HTMLElement | null>;
  readonly wide?: boolean;
  readonly onCopied?: () => void;
}

/** A button that copies, and says whether it could. */
export function CopyButton({ text, what, shown, wide = false, onCopied }: CopyProps) {
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const copy = async () => {
    setOutcome(await copyText(text, shown));
    onCopied?.();
    setTimeout(() => setOutcome(null), 4000);
  };
  const said = outcome === 'copied' ? t('copied') : outcome === 'selected' ? t('copyByHand') : '';
  const icon = outcome === 'copied' ? <IconCheck size={18} aria-hidden /> : <IconCopy size={18} aria-hidden />;
  return (
    <>
      {wide ? (
        <Button variant="default" leftSection={icon} onClick={() => void copy()}>
          {said || t('copyNamed', { what })}
        </Button>
      ) : (
        <Tooltip label={said || t('copyNamed', { what })}>
          <ActionIcon aria-label={t('copyNamed', { what })} onClick={() => void copy()}>
            {icon}
          </ActionIcon>
        </Tooltip>
      )}
      <span className="visually-hidden" role="status">
        {said}
      </span>
    </>
  );
}

/** Text to take along: a command, a configuration. */
export function CodeBlock({ text, what }: { text: string; what: string }) {
  const shown = useRef<HTMLPreElement>(null);
  return (
    <Group align="flex-start" gap="xs" wrap="nowrap">
      <Box flex={1} miw={0}>
        <Code block ref={shown} tabIndex={0} aria-label={what}>
          {text}
        </Code>
      </Box>
      <CopyButton text={text} what={what} shown={shown} />
    </Group>
  );
}
