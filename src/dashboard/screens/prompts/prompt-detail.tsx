import { Button, Text } from '@mantine/core';
import { useState } from 'react';
import { useNavigate, useParams, useSearchParams } from 'react-router';
import type { PromptView } from '../../../contract/prompts.js';
import { useSession } from '../../api/session.js';
import { useChange, useRoute } from '../../api/use-route.js';
import { Confirm } from '../../parts/confirm.js';
import { Needs } from '../../parts/needs.js';
import { Loaded } from '../../parts/notice.js';
import { Page, Section } from '../../parts/page.js';
import { PromptForm } from './prompt-form.js';
import { Versions } from './versions.js';
import { t } from './words.js';

/** A prompt, its versions, and the next one; at `/prompts/new` the first. */
export default function PromptDetail() {
  const { id = '' } = useParams();
  return <Needs scope="agents:read">{id === 'new' ? <New /> : <Existing key={id} id={id} />}</Needs>;
}

function New() {
  const navigate = useNavigate();
  return (
    <Page title={t('create')} about={t('createAbout')}>
      <Needs scope="agents:write">
        <PromptForm prompt={null} onSaved={({ id }) => navigate(`/prompts/${id}`, { replace: true })} />
      </Needs>
    </Page>
  );
}

function Existing({ id }: { id: string }) {
  const { organizationId, may } = useSession();
  const [params, setParams] = useSearchParams();
  const [deleting, setDeleting] = useState(false);
  const wanted = params.get('version');
  const query = { organizationId };
  const shown = useRoute('showPrompt', { params: { prompt: id }, query });
  const older = useRoute(
    'showPromptVersion',
    { params: { prompt: id, version: wanted ?? '' }, query },
    { enabled: wanted !== null },
  );
  const newest = shown.data?.prompt;
  const isOlder = wanted !== null && newest !== undefined && Number(wanted) !== newest.version;
  const go = (version: number | null) =>
    setParams((before) => {
      if (version === null) before.delete('version');
      else before.set('version', String(version));
      return before;
    });
  const form = (prompt: PromptView) => (
    <PromptForm
      key={`${prompt.version} ${newest?.version}`}
      prompt={prompt}
      baseVersion={newest?.version ?? prompt.version}
      readOnly={!may('agents:write')}
      onSaved={() => go(null)}
    />
  );
  return (
    <Page
      title={newest?.name ?? t('prompt')}
      about={newest?.description || undefined}
      actions={
        newest !== undefined && may('agents:write') ? (
          <Button color="red" variant="outline" onClick={() => setDeleting(true)}>
            {t('delete')}
          </Button>
        ) : undefined
      }
    >
      <Loaded from={shown}>
        {({ prompt, versions }) => (
          <>
            {isOlder ? (
              <Section title={t('versionTitle', { version: wanted ?? '' })} about={t('olderAbout')}>
                <Loaded from={older}>{({ prompt: then }) => form(then)}</Loaded>
              </Section>
            ) : (
              form(prompt)
            )}
            <Versions
              versions={versions}
              shown={isOlder ? Number(wanted) : prompt.version}
              newest={prompt.version}
              onShow={(version) => go(version === prompt.version ? null : version)}
            />
            <Delete prompt={prompt} opened={deleting} onClose={() => setDeleting(false)} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Delete({ prompt, opened, onClose }: { prompt: PromptView; opened: boolean; onClose: () => void }) {
  const { organizationId } = useSession();
  const navigate = useNavigate();
  const remove = useChange('deletePrompt', ['listPrompts']);
  return (
    <Confirm
      opened={opened}
      onClose={onClose}
      title={t('deleteTitle', { name: prompt.name })}
      name={prompt.name}
      action={t('delete')}
      pending={remove.pending}
      error={remove.error}
      onConfirm={async () => {
        const answer = await remove.run({ params: { prompt: prompt.id }, query: { organizationId } });
        if (answer !== null) navigate('/prompts');
      }}
    >
      <Text size="sm">{t('deleteText')}</Text>
    </Confirm>
  );
}
