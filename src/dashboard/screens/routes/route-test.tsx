import { Alert, Button, Card, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { Answer } from '../../api/call.js';
import { useChange } from '../../api/use-route.js';
import { ErrorNotice } from '../../parts/notice.js';
import { Section } from '../../parts/page.js';
import { t } from './words.js';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** By which route a request would be judged. */
export function RouteTest() {
  const [method, setMethod] = useState('GET');
  const [path, setPath] = useState('/');
  const [host, setHost] = useState('');
  const [found, setFound] = useState<Answer<'testRoute'> | null>(null);
  const test = useChange('testRoute');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setFound(await test.run({ body: { method, path, ...(host === '' ? {} : { host }) } }));
  };
  return (
    <Section title={t('test')} about={t('testAbout')}>
      <Card withBorder>
        <form onSubmit={(event) => void submit(event)}>
          <Stack>
            <Group align="flex-end">
              <Select
                label={t('testMethod')}
                data={METHODS}
                value={method}
                onChange={(next) => setMethod(next ?? 'GET')}
                w={120}
              />
              <TextInput
                label={t('testPath')}
                value={path}
                onChange={(event) => setPath(event.currentTarget.value)}
                required
                flex="2 1 14rem"
              />
              <TextInput
                label={t('testHost')}
                placeholder={t('any')}
                value={host}
                onChange={(event) => setHost(event.currentTarget.value)}
                flex="1 1 10rem"
              />
              <Button type="submit" loading={test.pending}>
                {t('testAction')}
              </Button>
            </Group>
            {test.error !== null && <ErrorNotice error={test.error} />}
            <div role="status">
              {found !== null && (
                <Alert color={found.refusal === null ? 'gate' : 'red'} title={t('decides', { policy: found.policy })}>
                  <Text size="sm">
                    {found.refusal === null
                      ? t('asks', {
                          modes: found.authModes.join(', '),
                          scopes: found.scopes.join(', ') || t('none'),
                          slots: found.slots.join(', '),
                        })
                      : `${found.refusal.code}: ${found.refusal.detail}`}
                  </Text>
                </Alert>
              )}
            </div>
          </Stack>
        </form>
      </Card>
    </Section>
  );
}
