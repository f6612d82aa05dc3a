import { Alert, Badge, Button, Card, Group, Menu, Stack, Text } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import { useState } from 'react';
import type { PasskeySite, PasskeyView } from '../../../contract/passkeys.js';
import { tellLeft, whyNoPasskeys } from '../../api/passkeys.js';
import { useSession } from '../../api/session.js';
import { useChange, useRoute } from '../../api/use-route.js';
import { Confirm } from '../../parts/confirm.js';
import { type Column, DataTable } from '../../parts/data-table.js';
import { Loaded } from '../../parts/notice.js';
import { Section } from '../../parts/page.js';
import { When } from '../../parts/when.js';
import { AddPasskey } from './add-passkey.js';
import { RenamePasskey } from './rename-passkey.js';
import { t } from './words.js';

/** Ways in without a password; where there can be none, why. */
export function Passkeys() {
  const options = useRoute('authOptions');
  const passkeys = useRoute('listPasskeys');
  const [adding, setAdding] = useState(false);
  const why = options.data === undefined ? 'unknown' : whyNoPasskeys(options.data.passkeys);
  const add = (size: 'xs' | 'sm') => (
    <Button size={size} onClick={() => setAdding(true)}>
      {t('passkeyAdd')}
    </Button>
  );
  const some = (passkeys.data?.data.length ?? 0) > 0;
  return (
    <Section title={t('passkeys')} about={t('passkeysAbout')} {...(why === null && some ? { actions: add('xs') } : {})}>
      <Loaded from={options}>{(data) => <WhyNot site={data.passkeys} />}</Loaded>
      <PasskeyTable
        passkeys={passkeys}
        empty={
          why === null ? (
            <Card withBorder>
              <div>{add('sm')}</div>
            </Card>
          ) : null
        }
      />
      <AddPasskey opened={adding} onClose={() => setAdding(false)} />
    </Section>
  );
}

function WhyNot({ site }: { site: PasskeySite }) {
  const why = whyNoPasskeys(site);
  if (why === null) return null;
  const words = { https: 'passkeysHttps', name: 'passkeysNoName', elsewhere: 'passkeysElsewhere' } as const;
  return (
    <Alert color="gray" icon={<IconInfoCircle aria-hidden />}>
      {why === 'browser' ? t('passkeysBrowser') : t(words[why], { origin: site.origin })}
    </Alert>
  );
}

function PasskeyTable({
  passkeys,
  empty,
}: {
  passkeys: ReturnType<typeof useRoute<'listPasskeys'>>;
  empty: React.ReactNode;
}) {
  const { user } = useSession();
  const remove = useChange('removePasskey', ['listPasskeys']);
  const [removing, setRemoving] = useState<PasskeyView | null>(null);
  const [renaming, setRenaming] = useState<PasskeyView | null>(null);
  const name = removing?.name ?? '';
  return (
    <>
      <DataTable
        label={t('passkeys')}
        rows={passkeys.data?.data}
        columns={columns()}
        rowKey={({ id }) => id}
        rowName={(passkey) => passkey.name}
        from={passkeys}
        empty={empty}
        rowMenu={(passkey) => (
          <>
            <Menu.Item onClick={() => setRenaming(passkey)}>{t('passkeyRename')}</Menu.Item>
            <Menu.Item color="red" onClick={() => setRemoving(passkey)}>
              {t('passkeyRemove')}
            </Menu.Item>
          </>
        )}
      />
      <Confirm
        opened={removing !== null}
        onClose={() => setRemoving(null)}
        title={t('passkeyRemoveTitle', { name })}
        action={t('passkeyRemove')}
        pending={remove.pending}
        error={remove.error}
        onConfirm={async () => {
          const id = removing?.id ?? '';
          if ((await remove.run({ params: { id } })) === null) return;
          tellLeft(user.id, passkeys.data?.data.filter((one) => one.id !== id) ?? []);
          setRemoving(null);
        }}
      >
        <Text>{t('passkeyRemoveText')}</Text>
      </Confirm>
      <RenamePasskey key={renaming?.id} passkey={renaming} onClose={() => setRenaming(null)} />
    </>
  );
}

function columns(): Column<PasskeyView>[] {
  return [
    {
      key: 'passkey',
      header: t('passkeyName'),
      cell: ({ name, backedUp, rpId }) => (
        <Stack gap={2}>
          <Group gap="xs">
            {name}
            {backedUp && <Badge>{t('passkeyBackedUp')}</Badge>}
          </Group>
          {rpId !== location.hostname && (
            <Text size="sm" c="dimmed">
              {t('passkeyAt', { host: rpId })}
            </Text>
          )}
        </Stack>
      ),
    },
    { key: 'passkeyCreated', header: t('passkeyCreated'), cell: ({ createdAt }) => <When at={createdAt} /> },
    {
      key: 'passkeyUsed',
      header: t('passkeyUsed'),
      cell: ({ lastUsedAt }) => (lastUsedAt === null ? t('passkeyNever') : <When at={lastUsedAt} />),
    },
  ];
}
