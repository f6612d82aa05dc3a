import { Alert, Button, FileButton, Group, List, Progress, Stack, Text, TextInput } from '@mantine/core';
import { IconFolderUp, IconUpload } from '@tabler/icons-react';
import { type ChangeEvent, useRef, useState } from 'react';
import type { ArchiveWritten } from '../../../contract/workspace-files.js';
import type { GatehouseError } from '../../api/call.js';
import { asGatehouseError, queries } from '../../api/use-route.js';
import { ErrorNotice } from '../../parts/notice.js';
import { number } from '../../words/words.js';
import { sendArchive } from './send-archive.js';
import { type Packed, tarOf } from './tar.js';
import { t } from './words.js';

/** Nobody means these by "this folder", and the server would leave them out one by one. */
const LEFT_HERE = /(^|\/)(\.git|node_modules|\.gatehouse)\//;

/** Takes files, or a folder with all that is in it, into a workspace. */
export function UploadPart({ workspaceId }: { workspaceId: string }) {
  const folder = useRef<HTMLInputElement>(null);
  const [into, setInto] = useState('');
  const [share, setShare] = useState<number | null>(null);
  const [written, setWritten] = useState<ArchiveWritten | null>(null);
  const [error, setError] = useState<GatehouseError | null>(null);
  const abort = useRef<AbortController | null>(null);

  const upload = async (files: readonly File[]) => {
    const packed = files.map(
      (file): Packed => ({ path: pathOf(file, into), data: file, modifiedMs: file.lastModified }),
    );
    const sent = packed.filter(({ path }) => !LEFT_HERE.test(path));
    if (sent.length === 0) return;
    setError(null);
    setWritten(null);
    setShare(0);
    abort.current = new AbortController();
    try {
      setWritten(await sendArchive(workspaceId, tarOf(sent), setShare, abort.current.signal));
    } catch (failure) {
      setError(asGatehouseError(failure));
    }
    setShare(null);
    for (const id of ['listFiles', 'showWorkspace', 'listWorkspaces'])
      void queries.invalidateQueries({ queryKey: [id] });
  };
  const takeFolder = (event: ChangeEvent<HTMLInputElement>) => {
    void upload([...(event.currentTarget.files ?? [])]);
    // The same folder may be chosen again.
    event.currentTarget.value = '';
  };
  return (
    <Stack gap="sm">
      <Group align="flex-end" gap="xs">
        <TextInput
          label={t('into')}
          placeholder="docs"
          value={into}
          onChange={(event) => setInto(event.currentTarget.value)}
          spellCheck={false}
          w={{ base: '100%', xs: 200 }}
        />
        <FileButton multiple onChange={(files) => void upload(files)}>
          {(button) => (
            <Button {...button} leftSection={<IconUpload size={16} aria-hidden />} disabled={share !== null}>
              {t('uploadFiles')}
            </Button>
          )}
        </FileButton>
        <Button
          variant="default"
          leftSection={<IconFolderUp size={16} aria-hidden />}
          disabled={share !== null}
          onClick={() => folder.current?.click()}
        >
          {t('uploadFolder')}
        </Button>
        <input
          ref={folder}
          type="file"
          hidden
          aria-label={t('uploadFolder')}
          data-folder
          onChange={takeFolder}
          {...{ webkitdirectory: '' }}
        />
      </Group>
      {share !== null && (
        <Group gap="sm" wrap="nowrap">
          <Progress value={share * 100} flex={1} aria-label={t('uploadProgress')} />
          <Text size="sm" w={48}>
            {Math.round(share * 100)} %
          </Text>
          <Button size="compact-sm" variant="default" onClick={() => abort.current?.abort()}>
            {t('cancel')}
          </Button>
        </Group>
      )}
      <div role="status">
        {written !== null && (
          <Alert color="green" title={t('uploaded', { count: written.files, shown: number(written.files) })}>
            {written.replaced > 0 && (
              <Text size="sm">{t('uploadReplaced', { count: written.replaced, shown: number(written.replaced) })}</Text>
            )}
            {written.leftOutCount > 0 && (
              <>
                <Text size="sm">{t('uploadLeftOut', { count: written.leftOutCount })}</Text>
                <List size="sm">
                  {written.leftOut.slice(0, 20).map(({ path, reason }) => (
                    <List.Item key={path}>{`${path}: ${reason}`}</List.Item>
                  ))}
                </List>
              </>
            )}
          </Alert>
        )}
      </div>
      {error !== null && error.code !== 'ABORTED' && <ErrorNotice error={error} />}
    </Stack>
  );
}

/** Within the folder that was chosen: its own name is not part of the workspace. */
function pathOf(file: File, into: string): string {
  const path = file.webkitRelativePath === '' ? file.name : file.webkitRelativePath.replace(/^[^/]+\//, '');
  const folder = into.trim().replace(/^\/+|\/+$/g, '');
  return folder === '' ? path : `${folder}/${path}`;
}
