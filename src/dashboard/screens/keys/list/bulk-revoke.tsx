import { Button, Group, List, Text } from '@mantine/core';
import { IconBan } from '@tabler/icons-react';
import { useState } from 'react';
import type { KeyView } from '../../../../contract/keys.js';
import { useSession } from '../../../api/session.js';
import { useChange } from '../../../api/use-route.js';
import { Confirm } from '../../../parts/confirm.js';
import { said } from '../../../parts/toast.js';
import type { Family } from '../family.js';
import { t } from '../words.js';

const SHOWN = 8;

interface Props {
  readonly family: Family;
  readonly keys: readonly KeyView[];
  readonly lines: ReadonlyMap<string, readonly number[]>;
  readonly onDone: () => void;
}

/** Ends the ticked keys, one after the other; stops at the first that fails, and says why. */
export function BulkRevoke({ family, keys, lines, onDone }: Props) {
  const { organizationId } = useSession();
  const [asked, setAsked] = useState(false);
  const revoke = useChange(family.revoke, [family.list]);
  const [working, setWorking] = useState(false);
  const count = keys.length;
  const sent = keys.reduce((sum, { id }) => sum + (lines.get(id) ?? []).reduce((all, one) => all + one, 0), 0);
  const run = async () => {
    setWorking(true);
    for (const { id } of keys)
      if ((await revoke.run({ params: { id }, body: {}, organizationId })) === null) return setWorking(false);
    setWorking(false);
    setAsked(false);
    said(t('revokedMany', { count }));
    onDone();
  };
  return (
    <Group>
      <Button
        color="red"
        variant="outline"
        leftSection={<IconBan size={18} aria-hidden />}
        onClick={() => setAsked(true)}
      >
        {t('revokeMany', { count })}
      </Button>
      <Confirm
        opened={asked}
        onClose={() => setAsked(false)}
        title={t('revokeManyTitle', { count })}
        name={t('revokeManyWord', { count })}
        action={t('revokeMany', { count })}
        pending={working}
        error={revoke.error}
        onConfirm={() => void run()}
      >
        <Text size="sm">{t('revokeManyText')}</Text>
        <Text size="sm">{t('revokeManyUse', { count: sent })}</Text>
        <List size="sm">
          {keys.slice(0, SHOWN).map(({ id, name }) => (
            <List.Item key={id}>{name}</List.Item>
          ))}
          {count > SHOWN && <List.Item>{`+ ${count - SHOWN}`}</List.Item>}
        </List>
      </Confirm>
    </Group>
  );
}
