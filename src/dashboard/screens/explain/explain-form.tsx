import { Button, Group, Radio, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { useSession } from '../../api/session.js';
import { KeyPicker } from './key-picker.js';
import { METHODS, type Problems, type Question, type Who } from './question.js';
import { t } from './words.js';

interface Props {
  readonly question: Question;
  readonly problems: Problems & Partial<Record<string, string>>;
  readonly pending: boolean;
  readonly onChange: (question: Question) => void;
  readonly onAsk: () => void;
}

const WHO: readonly (readonly [Who, 'whoMe' | 'whoKey' | 'whoToken' | 'whoNobody'])[] = [
  ['me', 'whoMe'],
  ['key', 'whoKey'],
  ['token', 'whoToken'],
  ['nobody', 'whoNobody'],
];

/** A request as it would be sent, and who would send it. */
export function ExplainForm({ question, problems, pending, onChange, onAsk }: Props) {
  const { may } = useSession();
  const set = (part: Partial<Question>) => onChange({ ...question, ...part });
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onAsk();
      }}
    >
      <Stack gap="md">
        <Group gap="sm" align="flex-start" wrap="nowrap">
          <Select
            label={t('method')}
            data={METHODS}
            value={question.method}
            onChange={(method) => set({ method: method ?? 'GET' })}
            w={110}
            error={problems['method']}
          />
          <TextInput
            label={t('path')}
            placeholder="/api/ask"
            value={question.path}
            onChange={(event) => set({ path: event.currentTarget.value })}
            flex={1}
            spellCheck={false}
            error={problems.path}
          />
        </Group>
        <Radio.Group
          label={t('door')}
          value={question.door}
          onChange={(door) => set({ door: door === 'upstream' ? 'upstream' : 'api' })}
        >
          <Group gap="lg" mt={6}>
            <Radio value="api" label={t('doorApi')} />
            <Radio value="upstream" label={t('doorUpstream')} />
          </Group>
        </Radio.Group>
        <Radio.Group label={t('who')} value={question.who} onChange={(who) => set({ who: who as Who })}>
          <Stack gap={8} mt={6}>
            {WHO.map(([value, label]) => (
              <Radio key={value} value={value} label={t(label)} disabled={value !== 'me' && !may('keys:read')} />
            ))}
          </Stack>
        </Radio.Group>
        {question.who === 'key' && (
          <KeyPicker value={question.keyId} onChange={(keyId) => set({ keyId })} error={problems.keyId} />
        )}
        {question.who === 'token' && (
          <TextInput
            type="password"
            label={t('token')}
            description={t('tokenHint')}
            autoComplete="off"
            spellCheck={false}
            value={question.token}
            onChange={(event) => set({ token: event.currentTarget.value })}
            error={problems.token}
          />
        )}
        <TextInput
          label={t('address')}
          description={t('addressHint')}
          placeholder="203.0.113.5"
          spellCheck={false}
          value={question.ip}
          onChange={(event) => set({ ip: event.currentTarget.value })}
          error={problems['ip']}
        />
        <Textarea
          label={t('headers')}
          description={t('headersHint')}
          autosize
          minRows={2}
          maxRows={8}
          spellCheck={false}
          value={question.headers}
          onChange={(event) => set({ headers: event.currentTarget.value })}
          error={problems.headers}
        />
        <div>
          <Button type="submit" loading={pending}>
            {t('ask')}
          </Button>
        </div>
      </Stack>
    </form>
  );
}
