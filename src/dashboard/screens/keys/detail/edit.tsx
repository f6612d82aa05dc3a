import type { KeyView } from '../../../../contract/keys.js';
import { useSession } from '../../../api/session.js';
import { useChange } from '../../../api/use-route.js';
import { Page } from '../../../parts/page.js';
import { said } from '../../../parts/toast.js';
import type { Family } from '../family.js';
import { KeyForm } from '../form/key-form.js';
import { type KeyValues, updateBody, valuesOf } from '../form/values.js';
import { tf } from '../words.js';
import { td } from './words.js';

/** Changes its name, note and bounds; never type and environment. */
export function EditKey({ family, keyView: key, onClose }: { family: Family; keyView: KeyView; onClose: () => void }) {
  const { organizationId } = useSession();
  const update = useChange(family.update, [family.show, family.list, 'listAudit']);
  const save = async (values: KeyValues) => {
    if ((await update.run({ params: { id: key.id }, body: updateBody(family, values), organizationId })) === null)
      return;
    said(td('savedDone', { name: values.name }));
    onClose();
  };
  return (
    <Page title={tf('editTitle', { name: key.name })} about={tf('editAbout')}>
      <KeyForm
        family={family}
        initial={valuesOf(family, key)}
        currentExpiry={key.expiresAt}
        action={tf('save')}
        pending={update.pending}
        error={update.error}
        onSubmit={(values) => void save(values)}
        onCancel={onClose}
      />
    </Page>
  );
}
