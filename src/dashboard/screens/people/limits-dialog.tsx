import { Button, Modal, NumberInput, Stack, Text } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { Entitlements, EntitlementsView, OrganizationView } from '../../../contract/organizations.js';
import { useChange, useRoute } from '../../api/use-route.js';
import { ErrorNotice, Loaded } from '../../parts/notice.js';
import { said } from '../../parts/toast.js';
import { t as parts } from '../../parts/words.js';
import { number } from '../../words/words.js';
import { t } from './words.js';

/** What an organization may have at most. */
export function LimitsDialog({
  organization,
  onClose,
}: {
  organization: OrganizationView | null;
  onClose: () => void;
}) {
  return (
    <Modal
      opened={organization !== null}
      onClose={onClose}
      title={t('limitsTitle', { organization: organization?.name ?? '' })}
      closeButtonProps={{ 'aria-label': parts('close') }}
    >
      {organization !== null && <Limits id={organization.id} onDone={onClose} />}
    </Modal>
  );
}

function Limits({ id, onDone }: { id: string; onDone: () => void }) {
  const entitlements = useRoute('showEntitlements', { params: { organizationId: id } });
  return <Loaded from={entitlements}>{(view) => <LimitsForm id={id} view={view} onDone={onDone} />}</Loaded>;
}

function LimitsForm({ id, view, onDone }: { id: string; view: EntitlementsView; onDone: () => void }) {
  const [limits, setLimits] = useState<Entitlements>(view.entitlements);
  const save = useChange('setEntitlements', ['showEntitlements']);
  const fields = [
    ['keys', t('limitKeys'), view.used.keys],
    ['workspaces', t('limitWorkspaces'), view.used.workspaces],
    ['members', t('limitMembers'), view.used.members],
    ['requestsPerHour', t('limitRequests'), null],
  ] as const;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if ((await save.run({ params: { organizationId: id }, body: limits })) === null) return;
    said(t('saved'));
    onDone();
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack>
        <Text c="dimmed" size="sm">
          {t('limitsAbout')}
        </Text>
        {fields.map(([field, label, used]) => (
          <NumberInput
            key={field}
            label={label}
            description={used === null ? null : t('now', { count: number(used) })}
            value={limits[field] ?? ''}
            onChange={(value) => setLimits({ ...limits, [field]: value === '' ? null : Number(value) })}
            min={field === 'requestsPerHour' ? 1 : 0}
            allowDecimal={false}
            allowNegative={false}
          />
        ))}
        {save.error !== null && <ErrorNotice error={save.error} />}
        <Button type="submit" loading={save.pending}>
          {t('save')}
        </Button>
      </Stack>
    </form>
  );
}
