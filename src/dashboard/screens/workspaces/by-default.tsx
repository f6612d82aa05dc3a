import { Anchor, Autocomplete, Button, Group, Select, Stack, Text } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { Link } from 'react-router';
import type { WorkspaceView } from '../../../contract/workspaces.js';
import { useSession } from '../../api/session.js';
import { useChange, useRoute } from '../../api/use-route.js';
import { ErrorNotice } from '../../parts/notice.js';
import { t } from './words.js';

const NOBODY = 'nobody';

/** Who answers questions that name nobody. */
export function ByDefault({ workspace }: { workspace: WorkspaceView }) {
  const { organizationId } = useSession();
  const models = useRoute('listModels', { query: { organizationId, workspaceId: workspace.id } });
  const [credentialId, setCredential] = useState(workspace.defaultProvider?.credentialId ?? NOBODY);
  const [model, setModel] = useState(workspace.defaultProvider?.model ?? '');
  const update = useChange('updateWorkspace', ['showWorkspace', 'listWorkspaces']);
  const credentials = models.data?.data ?? [];
  const listed = credentials.find((one) => one.credentialId === credentialId);
  const isListed = credentialId === NOBODY || listed !== undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const defaultProvider = credentialId === NOBODY ? null : { credentialId, model: model.trim() || null };
    void update.run({ params: { workspaceId: workspace.id }, body: { defaultProvider } });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Group align="flex-end">
          <Select
            label={t('answeredBy')}
            data={[
              { value: NOBODY, label: t('filesAlone') },
              ...credentials.map((one) => ({ value: one.credentialId, label: one.credentialName })),
              ...(isListed ? [] : [{ value: credentialId, label: credentialId }]),
            ]}
            value={credentialId}
            onChange={(id) => {
              setCredential(id ?? NOBODY);
              setModel('');
            }}
            w={{ base: '100%', xs: 300 }}
          />
          {credentialId !== NOBODY && (
            <Autocomplete
              label={t('model')}
              placeholder={t('usualModel')}
              data={listed?.models.map(({ id }) => id) ?? []}
              value={model}
              onChange={setModel}
              limit={50}
              error={listed?.error?.detail}
              w={{ base: '100%', xs: 300 }}
            />
          )}
          <Button type="submit" variant="default" loading={update.pending}>
            {t('save')}
          </Button>
        </Group>
        {models.data !== undefined && credentials.length === 0 && (
          <Text size="sm">
            {t('noProvider')}{' '}
            <Anchor
              component={Link}
              to={`/credentials?workspace=${workspace.id}&search=ai`}
              size="sm"
              underline="always"
            >
              {t('toProviders')}
            </Anchor>
          </Text>
        )}
        {update.error !== null && <ErrorNotice error={update.error} />}
      </Stack>
    </form>
  );
}
