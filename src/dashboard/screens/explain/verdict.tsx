import { Alert, Code, Group, List, Stack, Table, Text, Title } from '@mantine/core';
import { IconCircleCheck, IconCircleX, IconMinus } from '@tabler/icons-react';
import type { Explanation } from '../../../contract/explain.js';
import { number } from '../../words/words.js';
import { t } from './words.js';

const SIGNS = {
  pass: [IconCircleCheck, 'teal', 'stepPass'],
  skip: [IconMinus, 'gray', 'stepSkip'],
  fail: [IconCircleX, 'red', 'stepFail'],
} as const;

/** What would be answered, the first failure with its remedy, and every step that was judged. */
export function Verdict({ explanation }: { explanation: Explanation }) {
  const { allow, status, code, firstFailure, steps } = explanation;
  return (
    <Stack gap="md" role="status">
      <Alert
        color={allow ? 'teal' : 'red'}
        icon={allow ? <IconCircleCheck aria-hidden /> : <IconCircleX aria-hidden />}
        title={allow ? t('allowed') : `${t('refused')}: ${t('refusedWith', { status, code })}`}
      >
        {firstFailure !== null && (
          <Stack gap="xs">
            <Said words={firstFailure.words} />
            <Text fw={600} size="sm">
              {t('whatToDo')}
            </Text>
            <Said words={firstFailure.remedy} />
          </Stack>
        )}
      </Alert>
      <div>
        <Title order={3} size="h5" mb="xs">
          {t('steps')}
        </Title>
        <Steps steps={steps} />
      </div>
    </Stack>
  );
}

/** A sentence of the server, with its commands told apart. */
function Said({ words }: { words: string }) {
  return (
    <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
      {words.split('`').map((part, index) => {
        const key = `${index} ${part}`;
        return index % 2 === 1 ? <Code key={key}>{part}</Code> : <span key={key}>{part}</span>;
      })}
    </Text>
  );
}

function Steps({ steps }: Pick<Explanation, 'steps'>) {
  return (
    <List listStyleType="none" spacing={6}>
      {steps.map(({ step, outcome, words }) => {
        const [Icon, color, said] = SIGNS[outcome];
        return (
          <List.Item key={step}>
            <Group gap="sm" wrap="nowrap" align="flex-start">
              <Icon
                size={20}
                color={`var(--mantine-color-${color}-6)`}
                aria-label={t(said)}
                style={{ flexShrink: 0, marginTop: 1 }}
              />
              <div>
                <Text span size="sm" fw={600}>
                  {t(step === 'address' ? 'addressStep' : step)}
                </Text>
                <Text size="sm" {...(outcome === 'skip' ? { c: 'dimmed' } : {})} style={{ overflowWrap: 'anywhere' }}>
                  {words}
                </Text>
              </div>
            </Group>
          </List.Item>
        );
      })}
    </List>
  );
}

/** What the route asks of its callers, and whom this one was taken for. */
export function Policy({ explanation }: { explanation: Explanation }) {
  const { policy, caller } = explanation;
  const { rateLimit } = policy;
  const facts: (readonly [string, string])[] = [
    [t('policyId'), policy.id],
    [t('policyModes'), policy.authModes.join(', ') || t('none')],
    [t('policyScopes'), policy.scopes.join(', ') || t('none')],
    ...(policy.operatorOnly ? [[t('policyOperators'), t('yes')] as const] : []),
    ...(rateLimit === null
      ? []
      : [[t('policyLimit'), `${number(rateLimit.requests)} / ${rateLimit.windowSeconds} s`] as const]),
    ...(caller === null ? [] : [[t('caller'), `${caller.kind} ${caller.id}`] as const]),
  ];
  return (
    <Table variant="vertical" withTableBorder aria-label={t('policy')}>
      <Table.Tbody>
        {facts.map(([name, value]) => (
          <Table.Tr key={name}>
            <Table.Th w={140}>{name}</Table.Th>
            <Table.Td style={{ overflowWrap: 'anywhere' }}>{value}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
