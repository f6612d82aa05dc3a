import { Button, Card, Group, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { DeclaredScope } from '../../../contract/settings.js';
import { useChange, useRoute } from '../../api/use-route.js';
import { ErrorNotice, Loaded } from '../../parts/notice.js';
import { Section } from '../../parts/page.js';
import { t } from './words.js';

/** Scopes that the apps behind Gatehouse brought along. */
export function DeclaredScopes() {
  const scopes = useRoute('showScopes');
  const save = useChange('setScopes', ['showScopes']);
  const set = (declared: readonly DeclaredScope[]) => save.run({ body: { declared: [...declared] } });
  return (
    <Section title={t('declared')} about={t('declaredAbout')}>
      <Card withBorder>
        <Stack>
          <Loaded from={scopes}>
            {({ declared }) => (
              <>
                {declared.length === 0 && <Text c="dimmed">{t('declaredEmpty')}</Text>}
                {declared.map(({ scope, description }) => (
                  <Group key={scope} justify="space-between" wrap="nowrap">
                    <div>
                      <Text ff="monospace">{scope}</Text>
                      <Text size="sm" c="dimmed">
                        {description}
                      </Text>
                    </div>
                    <Button
                      size="compact-xs"
                      variant="default"
                      aria-label={t('removeNamed', { scope })}
                      onClick={() => void set(declared.filter((one) => one.scope !== scope))}
                    >
                      {t('remove')}
                    </Button>
                  </Group>
                ))}
                <AddScope pending={save.pending} onAdd={(added) => set([...declared, added])} />
              </>
            )}
          </Loaded>
          {save.error !== null && <ErrorNotice error={save.error} />}
        </Stack>
      </Card>
    </Section>
  );
}

function AddScope({ pending, onAdd }: { pending: boolean; onAdd: (scope: DeclaredScope) => Promise<unknown> }) {
  const [scope, setScope] = useState('');
  const [description, setDescription] = useState('');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if ((await onAdd({ scope, description })) === null) return;
    setScope('');
    setDescription('');
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Group align="flex-end">
        <TextInput
          label={t('scope')}
          placeholder="billing:write"
          value={scope}
          onChange={(event) => setScope(event.currentTarget.value)}
          required
          maxLength={64}
          flex="1 1 10rem"
        />
        <TextInput
          label={t('description')}
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
          maxLength={200}
          flex="2 1 14rem"
        />
        <Button type="submit" variant="default" loading={pending}>
          {t('add')}
        </Button>
      </Group>
    </form>
  );
}
