import { Alert, Anchor, Button, Code, Group, List, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import type { CredentialShown } from '../../../contract/credentials.js';
import { ORIGIN } from '../../api/place.js';
import { useSession } from '../../api/session.js';
import { useRoute } from '../../api/use-route.js';
import { CodeBlock } from '../../parts/copy.js';
import { Needs } from '../../parts/needs.js';
import { ErrorNotice, Loaded, Waiting } from '../../parts/notice.js';
import { Page, Section } from '../../parts/page.js';
import { DeleteCredential } from './delete-credential.js';
import { EditRules } from './edit-rules.js';
import { Facts } from './facts.js';
import { TestResult } from './test-result.js';
import { useTest } from './use-test.js';
import { VaultNotice } from './vault-notice.js';
import { t } from './words.js';

/** One credential: how it is, where it may go, who uses it, and what can be done with it. */
export default function CredentialDetail() {
  const { workspaceId = '', id = '' } = useParams();
  const shown = useRoute('showCredential', { params: { workspaceId, credential: id } });
  const { may } = useSession();
  const [open, setOpen] = useState<'edit' | 'delete' | null>(null);
  const navigate = useNavigate();
  const credential = shown.data?.credential;
  const types = useRoute('listCredentialTypes');
  // Of a type that is gone there is no form to give its fields in.
  const isKnown = types.data?.data.some((type) => type.id === credential?.type) ?? true;
  return (
    <Page
      title={credential?.name ?? t('credential')}
      about={t('detailAbout', { workspace: workspaceId })}
      actions={
        credential !== undefined &&
        may('secrets:write') && (
          <>
            <Button variant="default" onClick={() => setOpen('edit')}>
              {t('edit')}
            </Button>
            {isKnown && (
              <Button
                component={Link}
                to={`/credentials/configure/${credential.type}?workspace=${workspaceId}&replace=${id}`}
                variant="default"
              >
                {t('replace')}
              </Button>
            )}
            <Button color="red" variant="outline" onClick={() => setOpen('delete')}>
              {t('delete')}
            </Button>
          </>
        )
      }
    >
      <Needs scope="secrets:read">
        <Loaded from={shown}>
          {(data) => (
            <>
              <Detail {...data} />
              <EditRules
                key={data.credential.updatedAt}
                credential={data.credential}
                opened={open === 'edit'}
                onClose={() => setOpen(null)}
              />
              <DeleteCredential
                {...data}
                opened={open === 'delete'}
                onClose={() => setOpen(null)}
                onDeleted={() => navigate(`/credentials?workspace=${workspaceId}&tab=saved`)}
              />
            </>
          )}
        </Loaded>
      </Needs>
    </Page>
  );
}

function Detail({ credential, usedBy }: CredentialShown) {
  const { may } = useSession();
  const types = useRoute('listCredentialTypes');
  const type = types.data?.data.find((one) => one.id === credential.type);
  return (
    <>
      <VaultNotice sealed={[credential]} />
      {types.data !== undefined && type === undefined && (
        <Alert color="yellow" icon={<IconAlertTriangle aria-hidden />} title={t('typeGoneTitle')}>
          {t('typeGoneText', { type: credential.type })}
        </Alert>
      )}
      <Facts credential={credential} type={type} />
      {type !== undefined && (
        <Section title={t('test')} about={type.testable ? t('testAbout') : (type.testReason ?? t('notTestable'))}>
          {type.testable && may('secrets:write') && <TestPart key={credential.updatedAt} credential={credential} />}
        </Section>
      )}
      <Section title={t('usedBy')} about={t('usedByAbout')}>
        {usedBy.length === 0 ? (
          <Text size="sm">{t('usedByNobody')}</Text>
        ) : (
          <List size="sm">
            {usedBy.map(({ kind, id, name }) => (
              <List.Item key={id}>
                {kind === 'key' ? (
                  <Anchor component={Link} to={`/settings/api-keys/${id}`} size="sm">
                    {name}
                  </Anchor>
                ) : (
                  name
                )}{' '}
                <Code>{id}</Code>
              </List.Item>
            ))}
          </List>
        )}
      </Section>
      {type?.direction === 'outbound' && type.protocol === 'http' && (
        <Section title={t('useIt')} about={t('useItAbout')}>
          <CodeBlock
            text={`curl ${ORIGIN}/p/${credential.workspaceId}/${credential.name}/… -H "x-api-key: $GATEHOUSE_KEY"`}
            what={t('command')}
          />
          <CodeBlock
            text={`gatehouse keys create agent --workspaces ${credential.workspaceId} --scopes credentials:use --credentials ${credential.name}`}
            what={t('commandForKey')}
          />
        </Section>
      )}
    </>
  );
}

function TestPart({ credential }: Pick<CredentialShown, 'credential'>) {
  const test = useTest(credential);
  const seen = test.result ?? credential.lastTest;
  return (
    <Stack gap="sm" maw={640}>
      {seen === null ? <Text size="sm">{t('savedUntestedText')}</Text> : <TestResult test={seen} />}
      {test.pending && <Waiting />}
      {test.error !== null && <ErrorNotice error={test.error} />}
      <Group>
        <Button variant="default" loading={test.pending} onClick={() => void test.run()}>
          {t('testNow')}
        </Button>
      </Group>
    </Stack>
  );
}
