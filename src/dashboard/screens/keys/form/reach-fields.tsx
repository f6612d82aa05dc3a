import { Checkbox, MultiSelect, Radio, Stack, TagsInput, Text } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useQueries } from '@tanstack/react-query';
import { call } from '../../../api/call.js';
import { useSession } from '../../../api/session.js';
import { useRoute } from '../../../api/use-route.js';
import type { Family } from '../family.js';
import { tf } from '../words.js';
import type { KeyValues } from './values.js';

interface Props {
  readonly family: Family;
  readonly form: UseFormReturnType<KeyValues>;
}

/** So many lists of credentials are asked for, one for each workspace. */
const MAX_WORKSPACES = 50;

/** Workspaces and stored credentials. */
export function ReachFields({ family, form }: Props) {
  const { allWorkspaces, workspaceIds, credentials, credentialIds } = form.values;
  const session = useSession();
  const { organizationId } = session;
  const list = useRoute('listWorkspaces', { query: { limit: 200, organizationId } });
  const known = list.data?.data.map(({ id }) => id) ?? [];
  const within = (allWorkspaces ? known : workspaceIds).slice(0, MAX_WORKSPACES);
  const stored = useCredentials(within, credentials === 'some' && session.may('secrets:read'));
  const names = new Map(stored.map(({ id, name, workspaceId }) => [id, `${workspaceId}/${name}`]));
  return (
    <Stack gap="lg">
      <Stack gap="xs">
        <Checkbox label={tf('allWorkspaces')} {...form.getInputProps('allWorkspaces', { type: 'checkbox' })} />
        {!allWorkspaces && (
          <MultiSelect
            label={tf('workspaces')}
            data={[...new Set([...known, ...workspaceIds])]}
            searchable
            maw={480}
            {...form.getInputProps('workspaceIds')}
          />
        )}
      </Stack>
      <Radio.Group label={tf('credentialsTitle')} {...form.getInputProps('credentials')}>
        <Stack gap="xs" mt="xs">
          <Radio value="none" label={tf('credentialsNone')} />
          {family.id === 'service' && <Radio value="all" label={tf('credentialsAll')} />}
          <Radio value="some" label={tf('credentialsSome')} />
        </Stack>
      </Radio.Group>
      {credentials === 'some' && (
        <>
          <MultiSelect
            aria-label={tf('credentialsTitle')}
            data={[...new Set([...stored.map(({ id }) => id), ...credentialIds])].map((id) => ({
              value: id,
              label: names.get(id) ?? id,
            }))}
            searchable
            maw={480}
            {...form.getInputProps('credentialIds')}
          />
          {stored.length === 0 && (
            <Text size="sm" c="dimmed">
              {tf('credentialsEmpty')}
            </Text>
          )}
        </>
      )}
    </Stack>
  );
}

function useCredentials(workspaceIds: readonly string[], enabled: boolean) {
  return useQueries({
    queries: workspaceIds.map((workspaceId) => ({
      queryKey: ['listCredentials', { workspaceId }, { limit: 200 }],
      queryFn: () => call('listCredentials', { params: { workspaceId }, query: { limit: 200 } }),
      enabled,
    })),
  }).flatMap(({ data }) => data?.data ?? []);
}

/** What an AI client may call. */
export function ToolsFields({ form }: Pick<Props, 'form'>) {
  return (
    <Stack gap="sm">
      <Checkbox label={tf('allTools')} {...form.getInputProps('allTools', { type: 'checkbox' })} />
      {!form.values.allTools && (
        <TagsInput label={tf('tools')} description={tf('toolsHint')} maw={480} {...form.getInputProps('tools')} />
      )}
      <Checkbox label={tf('readOnly')} {...form.getInputProps('readOnly', { type: 'checkbox' })} />
    </Stack>
  );
}
