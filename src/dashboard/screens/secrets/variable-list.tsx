import { Button, Code, Group, Menu, Modal, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { VariableView } from '../../../contract/secrets.js';
import { useSession } from '../../api/session.js';
import { useChange, useRoute } from '../../api/use-route.js';
import { CodeBlock } from '../../parts/copy.js';
import { DataTable } from '../../parts/data-table.js';
import { EmptyState, ErrorNotice } from '../../parts/notice.js';
import { usePages } from '../../parts/use-pages.js';
import { When } from '../../parts/when.js';
import { DeleteValue } from './delete-value.js';
import { faultsOf } from './faults.js';
import { t } from './words.js';

/** Public values of a workspace, as plain as they are. */
export function VariableList({ workspaceId }: { workspaceId: string }) {
  const { may } = useSession();
  const pages = usePages(workspaceId);
  const list = useRoute('listVariables', { params: { workspaceId }, query: pages.query });
  const [edited, setEdited] = useState<VariableView | 'new' | null>(null);
  const [deleted, setDeleted] = useState<string | null>(null);
  const writes = may('projects:write');
  const button = writes && <Button onClick={() => setEdited('new')}>{t('addVariable')}</Button>;
  return (
    <Stack>
      <DataTable
        label={t('tabVariables')}
        rows={list.data?.data}
        from={list}
        rowKey={({ name }) => name}
        pages={pages.paged(list.data?.nextCursor)}
        filters={button}
        empty={
          <EmptyState title={t('noVariablesTitle')} action={button}>
            <Text mb="sm">{t('noVariablesText')}</Text>
            <CodeBlock text={`gatehouse variables set ${workspaceId} REGION eu-west-1`} what={t('command')} />
          </EmptyState>
        }
        columns={[
          {
            key: 'name',
            header: t('name'),
            cell: ({ name }) => <Code fw={600}>{name}</Code>,
            value: ({ name }) => name,
          },
          {
            key: 'value',
            header: t('value'),
            cell: ({ value }) => (
              <Text size="sm" lineClamp={3} style={{ overflowWrap: 'anywhere' }}>
                {value}
              </Text>
            ),
            value: ({ value }) => value,
          },
          {
            key: 'updated',
            header: t('updated'),
            cell: ({ updatedAt }) => <When at={updatedAt} />,
            value: ({ updatedAt }) => updatedAt,
          },
        ]}
        {...(writes
          ? {
              rowMenu: (row: VariableView) => (
                <>
                  <Menu.Item onClick={() => setEdited(row)}>{t('edit')}</Menu.Item>
                  <Menu.Item color="red" onClick={() => setDeleted(row.name)}>
                    {t('delete')}
                  </Menu.Item>
                </>
              ),
            }
          : {})}
      />
      <Modal
        opened={edited !== null}
        onClose={() => setEdited(null)}
        title={edited === 'new' || edited === null ? t('addVariable') : t('editTitle', { name: edited.name })}
        closeButtonProps={{ 'aria-label': t('close') }}
      >
        <Form workspaceId={workspaceId} edited={edited === 'new' ? null : edited} onClose={() => setEdited(null)} />
      </Modal>
      <DeleteValue kind="variable" workspaceId={workspaceId} name={deleted} onClose={() => setDeleted(null)} />
    </Stack>
  );
}

interface FormProps {
  readonly workspaceId: string;
  readonly edited: VariableView | null;
  readonly onClose: () => void;
}

function Form({ workspaceId, edited, onClose }: FormProps) {
  const [name, setName] = useState(edited?.name ?? '');
  const [value, setValue] = useState(edited?.value ?? '');
  const [blank, setBlank] = useState(false);
  const save = useChange('setVariable', ['listVariables']);
  const told = faultsOf(save.error, ['name', 'value']);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBlank(name.trim() === '');
    if (name.trim() === '') return;
    if ((await save.run({ params: { workspaceId, name: name.trim() }, body: { value } })) !== null) onClose();
  };
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Stack>
        {edited === null && (
          <TextInput
            label={t('name')}
            description={t('nameHelp')}
            withAsterisk
            aria-required
            value={name}
            onChange={(event) => setName(event.currentTarget.value.toUpperCase())}
            error={blank ? t('blank') : told['name']}
            maxLength={64}
            spellCheck={false}
            data-autofocus
          />
        )}
        <Textarea
          label={t('value')}
          description={t('publicHelp')}
          value={value}
          onChange={(event) => setValue(event.currentTarget.value)}
          error={told['value']}
          autosize
          maxRows={8}
          {...(edited === null ? {} : { 'data-autofocus': true })}
        />
        {save.error !== null && Object.keys(told).length === 0 && <ErrorNotice error={save.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('cancel')}
          </Button>
          <Button type="submit" loading={save.pending}>
            {t('save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
