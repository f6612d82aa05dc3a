import { Button, Group, Modal, Stack, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { UpstreamRoutes } from '../../../contract/upstream-routes.js';
import { useChange } from '../../api/use-route.js';
import { ErrorNotice } from '../../parts/notice.js';
import { said } from '../../parts/toast.js';
import { t as parts } from '../../parts/words.js';
import { t } from './words.js';

interface EditorProps {
  readonly opened: boolean;
  readonly file: UpstreamRoutes | null;
  readonly onClose: () => void;
}

/** The file itself: it is what people keep in git and read about in the docs. */
export function RouteEditor({ opened, file, onClose }: EditorProps) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('editTitle')}
      size="xl"
      closeButtonProps={{ 'aria-label': parts('close') }}
    >
      <Editor file={file} onClose={onClose} />
    </Modal>
  );
}

function Editor({ file, onClose }: Omit<EditorProps, 'opened'>) {
  const [text, setText] = useState(JSON.stringify(file ?? { routes: [] }, null, 2));
  const [fault, setFault] = useState<string | null>(null);
  const save = useChange('setRoutes', ['showRoutes']);
  const submit = async () => {
    let body: UpstreamRoutes;
    try {
      body = JSON.parse(text);
      setFault(null);
    } catch (error) {
      setFault(t('notJson', { reason: (error as Error).message }));
      return;
    }
    if ((await save.run({ body })) === null) return;
    said(t('saved'));
    onClose();
  };
  return (
    <Stack>
      <Textarea
        label={t('editLabel')}
        description={t('editHelp')}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        error={fault}
        autosize
        minRows={12}
        maxRows={26}
        spellCheck={false}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        data-autofocus
      />
      {save.error !== null && <ErrorNotice error={save.error} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          {parts('cancel')}
        </Button>
        <Button loading={save.pending} onClick={() => void submit()}>
          {t('save')}
        </Button>
      </Group>
    </Stack>
  );
}
