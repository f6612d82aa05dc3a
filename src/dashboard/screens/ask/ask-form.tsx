import {
  Alert,
  Anchor,
  Autocomplete,
  Button,
  Group,
  Select,
  SimpleGrid,
  Stack,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import { type FormEvent, type KeyboardEvent, useState } from 'react';
import { Link } from 'react-router';
import type { WorkspaceView } from '../../../contract/workspaces.js';
import { useSession } from '../../api/session.js';
import { useAll } from '../../api/use-all.js';
import { useRoute } from '../../api/use-route.js';
import { t } from './words.js';

export interface Asked {
  readonly question: string;
  readonly credentialId?: string | null;
  readonly model?: string;
  readonly promptId?: string;
  readonly promptVariables?: Record<string, string>;
}

interface AskFormProps {
  readonly workspace: WorkspaceView;
  readonly pending: boolean;
  readonly isFollowUp: boolean;
  readonly onAsk: (asked: Asked) => Promise<boolean>;
}

const DEFAULT = 'default';
const FILES_ALONE = 'files';

/** A question, and who answers it: the default of the workspace, a credential with one of its models, or the files alone. */
export function AskForm({ workspace, pending, isFollowUp, onAsk }: AskFormProps) {
  const { may, organizationId } = useSession();
  const [question, setQuestion] = useState('');
  const [provider, setProvider] = useState<string | null>(null);
  const [model, setModel] = useState('');
  const [promptId, setPromptId] = useState<string | null>(null);
  const [variables, setVariables] = useState<Readonly<Record<string, string>>>({});
  const [blank, setBlank] = useState(false);
  const [waiting, setWaiting] = useState(false);
  const seesModels = may('agents:read') && may('credentials:use');
  const models = useRoute(
    'listModels',
    { query: { organizationId, workspaceId: workspace.id } },
    { enabled: seesModels },
  );
  const prompts = useAll('listPrompts', { query: { organizationId } }, { enabled: may('agents:read') });
  const credentials = models.data?.data ?? [];
  const byDefault = workspace.defaultProvider;
  const usual = byDefault === null ? (credentials[0]?.credentialId ?? FILES_ALONE) : DEFAULT;
  const chosen = provider ?? usual;
  const listed = credentials.find(({ credentialId }) => credentialId === chosen);
  const prompt = prompts.data?.find(({ id }) => id === promptId);
  const hasModel = chosen !== FILES_ALONE;
  const nobody = models.data !== undefined && credentials.length === 0 && byDefault === null;

  // Whoever is quicker than the list of providers is not answered by the files alone because of that.
  const answeredBy = async (): Promise<string> => {
    if (provider !== null || byDefault !== null || !seesModels || models.data !== undefined) return chosen;
    const { data } = await models.refetch({ cancelRefetch: false });
    return data?.data[0]?.credentialId ?? FILES_ALONE;
  };
  const send = async () => {
    setBlank(question.trim() === '');
    if (question.trim() === '') return;
    setWaiting(true);
    const by = await answeredBy();
    const sent = await onAsk({
      question: question.trim(),
      ...(by === DEFAULT ? {} : { credentialId: by === FILES_ALONE ? null : by }),
      ...(model.trim() !== '' && by !== FILES_ALONE && by !== DEFAULT ? { model: model.trim() } : {}),
      ...(prompt !== undefined && by !== FILES_ALONE ? { promptId: prompt.id, promptVariables: { ...variables } } : {}),
    });
    setWaiting(false);
    if (sent) setQuestion('');
  };
  const keys = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    void send();
  };
  return (
    <form
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        void send();
      }}
      noValidate
    >
      <Stack>
        <Textarea
          label={t('question')}
          description={t('questionHelp')}
          placeholder={isFollowUp ? '' : t('questionExample')}
          value={question}
          onChange={(event) => setQuestion(event.currentTarget.value)}
          onKeyDown={keys}
          autosize
          minRows={3}
          maxRows={12}
          maxLength={8000}
          error={blank && question.trim() === '' ? t('questionBlank') : null}
        />
        {nobody && (
          <Alert color="blue" icon={<IconInfoCircle aria-hidden />} title={t('noProviderTitle')}>
            <Text size="sm">
              {t('noProviderText')}{' '}
              {may('secrets:write') && (
                <Anchor
                  component={Link}
                  to={`/credentials?workspace=${workspace.id}&search=ai`}
                  size="sm"
                  underline="always"
                >
                  {t('configureProvider')}
                </Anchor>
              )}
            </Text>
          </Alert>
        )}
        <SimpleGrid cols={{ base: 1, sm: 3 }}>
          <Select
            label={t('answeredBy')}
            data={[
              ...(byDefault === null ? [] : [{ value: DEFAULT, label: t('workspaceDefault') }]),
              ...credentials.map(({ credentialId, credentialName }) => ({
                value: credentialId,
                label: credentialName,
              })),
              { value: FILES_ALONE, label: t('filesAlone') },
            ]}
            value={chosen}
            onChange={(value) => {
              setProvider(value);
              setModel('');
            }}
          />
          {hasModel && chosen !== DEFAULT && (
            <Autocomplete
              label={t('model')}
              placeholder={t('usualModel')}
              data={listed?.models.map(({ id }) => id) ?? []}
              value={model}
              onChange={setModel}
              limit={50}
              error={listed?.error?.detail}
              spellCheck={false}
            />
          )}
          {hasModel && (prompts.data?.length ?? 0) > 0 && (
            <Select
              label={t('prompt')}
              placeholder={t('noPrompt')}
              data={(prompts.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
              value={promptId}
              onChange={(id) => {
                setPromptId(id);
                setVariables({});
              }}
              clearable
              searchable
            />
          )}
        </SimpleGrid>
        {hasModel && prompt !== undefined && prompt.variables.length > 0 && (
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            {prompt.variables.map(({ name, required, default: usually, description }) => (
              <TextInput
                key={name}
                label={name}
                description={description || undefined}
                placeholder={usually}
                withAsterisk={required}
                value={variables[name] ?? ''}
                onChange={(event) => {
                  const { value } = event.currentTarget;
                  setVariables((before) => ({ ...before, [name]: value }));
                }}
              />
            ))}
          </SimpleGrid>
        )}
        <Group>
          <Button type="submit" loading={pending || waiting}>
            {t('askNow')}
          </Button>
          <Text size="xs" c="dimmed">
            {t('shortcut')}
          </Text>
        </Group>
      </Stack>
    </form>
  );
}
