import { Anchor, Button, Group, Select, Stack, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { Link } from 'react-router';
import type { Explanation } from '../../../../contract/explain.js';
import type { KeyView } from '../../../../contract/keys.js';
import { useSession } from '../../../api/session.js';
import { useChange } from '../../../api/use-route.js';
import { fieldErrors } from '../../../parts/field-errors.js';
import { ErrorNotice } from '../../../parts/notice.js';
import { Section } from '../../../parts/page.js';
import { METHODS } from '../../explain/question.js';
import { Verdict } from '../../explain/verdict.js';
import { t as te } from '../../explain/words.js';
import { t } from '../words.js';
import { td } from './words.js';

/** Judges one request with this key, without sending it. */
export function WouldItPass({ keyView: key }: { keyView: KeyView }) {
  const { organizationId } = useSession();
  // What most keys are for; an MCP token opens next to nothing here.
  const isMcp = key.type === 'mcp';
  const [method, setMethod] = useState(isMcp ? 'GET' : 'POST');
  const [path, setPath] = useState(isMcp ? '/api/auth/whoami' : '/api/ask');
  const [ip, setIp] = useState('');
  const [origin, setOrigin] = useState(key.allowedOrigins[0] ?? '');
  const [verdict, setVerdict] = useState<Explanation | null>(null);
  const isOfPages = key.allowedOrigins.length > 0;
  const explain = useChange('explain');
  const errors = fieldErrors(explain.error);
  const at = (field: string) => errors.find((one) => one.field === field)?.words;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const headers = page === '' ? {} : { headers: { Origin: page } };
    setVerdict(await explain.run({ body: { method, path, keyId: key.id, organizationId, ...address, ...headers } }));
  };
  const address = ip.trim() === '' ? {} : { ip: ip.trim() };
  const page = isOfPages ? origin.trim() : '';
  const link = new URLSearchParams({
    method,
    path,
    keyId: key.id,
    ...address,
    ...(page === '' ? {} : { origin: page }),
  });
  return (
    <Section title={td('test')} about={td('testAbout')}>
      <form onSubmit={(event) => void submit(event)}>
        <Group align="flex-end" gap="sm">
          <Select
            label={te('method')}
            data={METHODS}
            value={method}
            onChange={(next) => setMethod(next ?? 'GET')}
            w={110}
            error={at('method')}
          />
          <TextInput
            label={te('path')}
            value={path}
            onChange={(event) => setPath(event.currentTarget.value)}
            flex="1 1 12rem"
            spellCheck={false}
            error={at('path')}
          />
          <TextInput
            label={te('address')}
            value={ip}
            onChange={(event) => setIp(event.currentTarget.value)}
            flex="1 1 10rem"
            spellCheck={false}
            placeholder="203.0.113.5"
            error={at('ip')}
          />
          {isOfPages && (
            <TextInput
              label={t('origin')}
              value={origin}
              onChange={(event) => setOrigin(event.currentTarget.value)}
              flex="1 1 12rem"
              spellCheck={false}
            />
          )}
          <Button type="submit" loading={explain.pending}>
            {td('testRun')}
          </Button>
        </Group>
      </form>
      {explain.error !== null && errors.length === 0 && <ErrorNotice error={explain.error} />}
      {verdict !== null && (
        <Stack gap="sm">
          <Verdict explanation={verdict} />
          <Anchor component={Link} to={`/explain?${link}`} size="sm">
            {td('testFull')}
          </Anchor>
        </Stack>
      )}
    </Section>
  );
}
