import { Alert, Button, Group, List, Stack, Text, Title } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import { Link } from 'react-router';
import type { CredentialSaved, CredentialTypeView } from '../../../contract/credentials.js';
import { ErrorNotice, Waiting } from '../../parts/notice.js';
import { TestResult } from './test-result.js';
import { useTest } from './use-test.js';
import { t } from './words.js';

export interface Saved extends CredentialSaved {
  /** Whether its test was asked for. */
  readonly testNow: boolean;
}

/** What came of saving: warnings, the test, where to go from here. */
export function SavedPart({ credential, warnings, testNow, type }: Saved & { type: CredentialTypeView }) {
  const test = useTest(credential);
  const heading = useRef<HTMLHeadingElement>(null);
  const begun = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it was saved
  useEffect(() => {
    heading.current?.focus();
    if (testNow && !begun.current) void test.run();
    begun.current = true;
  }, []);
  const path = `/credentials/${credential.workspaceId}/${credential.id}`;
  const again = `/credentials/configure/${credential.type}?workspace=${credential.workspaceId}&replace=${credential.id}`;
  const refused = test.result?.outcome === 'invalid';
  return (
    <Stack maw={640}>
      <Title order={2} ref={heading} tabIndex={-1} style={{ outline: 'none' }}>
        {t('savedTitle', { name: credential.name })}
      </Title>
      <Text>{t('savedText')}</Text>
      {warnings.length > 0 && (
        <Alert color="yellow" icon={<IconAlertTriangle aria-hidden />} title={t('warningsTitle')}>
          <List size="sm">
            {warnings.map((warning) => (
              <List.Item key={warning}>{warning}</List.Item>
            ))}
          </List>
        </Alert>
      )}
      {test.pending && (
        <div>
          <Text role="status">{t('testing', { hosts: credential.hosts.join(', ') })}</Text>
          <Waiting />
        </div>
      )}
      {test.result !== null && <TestResult test={test.result} />}
      {test.error !== null && <ErrorNotice error={test.error} onRetry={() => void test.run()} />}
      {!testNow && test.result === null && !test.pending && (
        <Text c="dimmed">{type.testable ? t('savedUntestedText') : (type.testReason ?? t('notTestable'))}</Text>
      )}
      <Group>
        {refused && (
          <Button component={Link} to={again} reloadDocument={false}>
            {t('giveFieldsAnew')}
          </Button>
        )}
        <Button component={Link} to={path} variant={refused ? 'default' : 'filled'}>
          {t('toCredential')}
        </Button>
        {type.testable && !test.pending && (
          <Button variant="default" onClick={() => void test.run()}>
            {t('testNow')}
          </Button>
        )}
      </Group>
    </Stack>
  );
}
