import { useNavigate, useSearchParams } from 'react-router';
import { useSession } from '../../../api/session.js';
import { useChange } from '../../../api/use-route.js';
import { Needs } from '../../../parts/needs.js';
import { Page } from '../../../parts/page.js';
import type { Family } from '../family.js';
import { Gone } from '../once/gone.js';
import { Reveal } from '../once/reveal.js';
import { useShownOnce } from '../once/use-shown-once.js';
import { tf } from '../words.js';
import { KeyForm } from './key-form.js';
import { createBody, freshValues, type KeyValues } from './values.js';

/**
 * Makes a key, then shows its token once. The address says which key was made, so that a page that is loaded anew can
 * say what became of it.
 */
export function CreateKey({ family }: { family: Family }) {
  const session = useSession();
  const navigate = useNavigate();
  const [params] = useSearchParams();
  const { made, goneId, show } = useShownOnce('made');
  const create = useChange(family.create, [family.list]);
  if (made !== null) return <Reveal family={family} made={made} />;
  if (goneId !== null) return <Gone family={family} id={goneId} />;
  if (!session.may('keys:write'))
    return (
      <Page title={tf(`${family.id}Title`)}>
        <Needs scope="keys:write">{null}</Needs>
      </Page>
    );
  const submit = async (values: KeyValues) => {
    const answer = await create.run({ body: createBody(family, values, session.organizationId) });
    if (answer !== null) show(answer);
  };
  return (
    <Page title={tf(`${family.id}Title`)} about={tf('about')}>
      <KeyForm
        family={family}
        initial={freshValues(family, params)}
        action={tf('create')}
        pending={create.pending}
        error={create.error}
        onSubmit={(values) => void submit(values)}
        onCancel={() => void navigate(family.path(session))}
      />
    </Page>
  );
}
