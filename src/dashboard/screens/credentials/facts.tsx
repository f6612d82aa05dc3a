import { Code, Group } from '@mantine/core';
import type { CredentialTypeView, CredentialView } from '../../../contract/credentials.js';
import { Fact, FactList } from '../../parts/facts.js';
import { When } from '../../parts/when.js';
import { Health } from './health.js';
import { t } from './words.js';

/** What may be shown of a credential; of its secrets, that they are set. */
export function Facts({ credential, type }: { credential: CredentialView; type: CredentialTypeView | undefined }) {
  const labelOf = (name: string) => type?.fields.find((field) => field.name === name)?.label ?? name;
  const { rateLimit } = credential;
  return (
    <FactList columns={3}>
      <Fact label={t('health')}>
        <Health credential={credential} />
      </Fact>
      <Fact label={t('type')}>{type?.label ?? credential.type}</Fact>
      <Fact label={t('hosts')}>
        <Group gap={4}>
          {credential.hosts.length === 0
            ? t('hostsNone')
            : credential.hosts.map((host) => (
                <Code key={host} style={{ overflowWrap: 'anywhere' }}>
                  {host}
                </Code>
              ))}
        </Group>
      </Fact>
      <Fact label={t('secretFields')}>
        {credential.secretFields.length === 0
          ? t('none')
          : t('secretsSet', { names: credential.secretFields.map(labelOf).join(', ') })}
      </Fact>
      {Object.entries(credential.fields).map(([name, value]) => (
        <Fact key={name} label={labelOf(name)}>
          {textOf(value)}
        </Fact>
      ))}
      <Fact label={t('rules')}>
        {credential.readOnly ? t('readOnlyOn') : t('readOnlyOff')}
        {rateLimit !== null &&
          `. ${t('rateLimitOn', { requests: rateLimit.requests, seconds: rateLimit.windowSeconds })}`}
      </Fact>
      {credential.note !== '' && <Fact label={t('note')}>{credential.note}</Fact>}
      <Fact label={t('lastUse')}>
        <When at={credential.lastUsedAt} />
      </Fact>
      <Fact label={t('updated')}>
        <When at={credential.updatedAt} />
      </Fact>
      <Fact label={t('sealedUnder')}>
        <Code>{credential.keyId}</Code>
      </Fact>
      <Fact label={t('id')}>
        <Code style={{ overflowWrap: 'anywhere' }}>{credential.id}</Code>
      </Fact>
    </FactList>
  );
}

function textOf(value: CredentialView['fields'][string]): string {
  if (typeof value === 'boolean') return value ? t('yes') : t('no');
  return Array.isArray(value) ? value.join(', ') : String(value);
}
