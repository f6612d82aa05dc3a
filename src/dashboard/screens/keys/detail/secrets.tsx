import { Alert, Button, Code, Stack, Table, Text } from '@mantine/core';
import { useState } from 'react';
import type { KeyView } from '../../../../contract/keys.js';
import { useSession } from '../../../api/session.js';
import { useChange } from '../../../api/use-route.js';
import { Confirm } from '../../../parts/confirm.js';
import { Section } from '../../../parts/page.js';
import { said } from '../../../parts/toast.js';
import { absolute, relative, When } from '../../../parts/when.js';
import type { Family } from '../family.js';
import { LastUse } from '../marks.js';
import { t } from '../words.js';
import { BothSecrets } from './both-secrets.js';
import { td } from './words.js';

type Secret = KeyView['secrets'][number];
const hasEnded = ({ expiresAt }: Secret) => expiresAt !== null && Date.parse(expiresAt) <= Date.now();

interface Props {
  readonly family: Family;
  readonly keyView: KeyView;
  readonly mayAct: boolean;
}

/** Each secret with its own last use, so that one knows when the old one is silent. */
export function Secrets({ family, keyView: key, mayAct }: Props) {
  const secrets = key.secrets.toReversed();
  return (
    <Section title={td('secrets')} about={td('secretsAbout')}>
      <Rotation family={family} keyView={key} mayAct={mayAct} />
      <Table className="cards" aria-label={td('secrets')}>
        <Table.Thead>
          <Table.Tr>
            {[td('secret'), td('made'), td('ends'), t('lastUsed')].map((header) => (
              <Table.Th key={header}>{header}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {secrets.map((secret, index) => (
            <Table.Tr key={secret.createdAt + secret.last4}>
              <Table.Td data-label={td('secret')}>
                <Code>{`…${secret.last4}`}</Code>
              </Table.Td>
              <Table.Td data-label={td('made')}>
                <When at={secret.createdAt} />
              </Table.Td>
              <Table.Td data-label={td('ends')}>
                {secret.expiresAt === null ? (
                  index === 0 ? (
                    td('withKey')
                  ) : null
                ) : hasEnded(secret) ? (
                  td('ended')
                ) : (
                  <When at={secret.expiresAt} />
                )}
              </Table.Td>
              <Table.Td data-label={t('lastUsed')}>
                <div>
                  <LastUse at={secret.lastUsedAt} address={secret.lastUsedIp} />
                </div>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Section>
  );
}

/** While old and new both work: who still uses the old one. */
function Rotation({ family, keyView: key, mayAct }: Props) {
  const { organizationId } = useSession();
  const [asked, setAsked] = useState(false);
  const end = useChange(family.update, [family.show, family.list]);
  const newest = key.secrets[key.secrets.length - 1];
  const old = key.secrets[key.secrets.length - 2];
  // Whether it still runs is the server's to say: clocks here may be wrong.
  if (key.status !== 'expiring' || old?.expiresAt == null || newest === undefined) return null;
  const rotatedAt = newest.createdAt;
  const stillUsed = old.lastUsedAt !== null && old.lastUsedAt > rotatedAt;
  const endGrace = async () => {
    if ((await end.run({ params: { id: key.id }, body: { endGrace: true }, organizationId })) === null) return;
    setAsked(false);
    said(td('graceEnded'));
  };
  return (
    <Alert
      color={stillUsed ? 'orange' : 'blue'}
      title={td('rotationRuns', { date: absolute(old.expiresAt) })}
      role="status"
    >
      <Stack gap="xs" align="flex-start">
        <Text size="sm">
          {stillUsed
            ? td('oldUsed', { when: relative(old.lastUsedAt ?? ''), address: old.lastUsedIp ?? '?' })
            : td('oldSilent')}
        </Text>
        <Text size="sm">
          {newest.lastUsedAt === null ? td('newUnused') : td('newUsed', { when: relative(newest.lastUsedAt) })}
        </Text>
        <BothSecrets family={family} id={key.id} />
        {mayAct && (
          <Button size="xs" variant="default" onClick={() => setAsked(true)}>
            {td('endGrace')}
          </Button>
        )}
      </Stack>
      <Confirm
        opened={asked}
        onClose={() => setAsked(false)}
        title={td('endGraceTitle')}
        action={td('endGrace')}
        pending={end.pending}
        error={end.error}
        onConfirm={() => void endGrace()}
      >
        <Text size="sm">{td('endGraceText')}</Text>
        {stillUsed && (
          <Text size="sm">
            {td('oldUsed', { when: relative(old.lastUsedAt ?? ''), address: old.lastUsedIp ?? '?' })}
          </Text>
        )}
      </Confirm>
    </Alert>
  );
}
