import { Button } from '@mantine/core';
import { useState } from 'react';
import { Link, useParams, useSearchParams } from 'react-router';
import type { CredentialTypeView, CredentialView } from '../../../contract/credentials.js';
import { useAll } from '../../api/use-all.js';
import { useRoute } from '../../api/use-route.js';
import { Needs } from '../../parts/needs.js';
import { EmptyState, Loaded } from '../../parts/notice.js';
import { Page } from '../../parts/page.js';
import { InWorkspace, useWorkspaceChoice, WorkspacePicker } from '../workspaces/workspace-choice.js';
import { ConfigureForm } from './configure-form.js';
import { type Saved, SavedPart } from './saved-part.js';
import { t } from './words.js';

/** Puts in a credential, or replaces one: `?replace=` is the id of the one. */
export default function Configure() {
  const { type: typeId = '' } = useParams();
  const [params] = useSearchParams();
  const replaceId = params.get('replace');
  const choice = useWorkspaceChoice();
  const types = useRoute('listCredentialTypes');
  const type = types.data?.data.find(({ id }) => id === typeId);
  const label = type?.label ?? typeId;
  return (
    <Page
      title={replaceId === null ? t('configureTitle', { type: label }) : t('replaceTitle', { type: label })}
      about={replaceId === null ? t('configureAbout') : t('replaceAbout')}
      actions={replaceId === null ? <WorkspacePicker choice={choice} /> : undefined}
    >
      <Needs scope="secrets:write">
        <Loaded from={types}>
          {() =>
            type === undefined ? (
              <EmptyState
                title={t('noSuchType')}
                action={
                  <Button component={Link} to="/credentials">
                    {t('toGrid')}
                  </Button>
                }
              />
            ) : (
              <InWorkspace choice={choice}>
                {({ id }) => <InPlace key={`${id} ${typeId}`} workspaceId={id} type={type} replaceId={replaceId} />}
              </InWorkspace>
            )
          }
        </Loaded>
      </Needs>
    </Page>
  );
}

interface InPlaceProps {
  readonly workspaceId: string;
  readonly type: CredentialTypeView;
  readonly replaceId: string | null;
}

function InPlace({ workspaceId, type, replaceId }: InPlaceProps) {
  const [saved, setSaved] = useState<Saved | null>(null);
  const replaced = useRoute(
    'showCredential',
    { params: { workspaceId, credential: replaceId ?? '' } },
    { enabled: replaceId !== null },
  );
  const others = useAll('listCredentials', { params: { workspaceId } });
  // Once it is saved, what was typed is gone with the form.
  if (saved !== null) return <SavedPart {...saved} type={type} />;
  const form = (credential: CredentialView | null, taken: readonly CredentialView[]) => (
    <ConfigureForm workspaceId={workspaceId} type={type} replaced={credential} taken={taken} onSaved={setSaved} />
  );
  if (replaceId !== null) return <Loaded from={replaced}>{({ credential }) => form(credential, [])}</Loaded>;
  return <Loaded from={others}>{(taken) => form(null, taken)}</Loaded>;
}
