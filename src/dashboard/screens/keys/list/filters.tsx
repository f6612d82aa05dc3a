import { Button, Group, Select } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useSearchParams } from 'react-router';
import type { ListKeys } from '../../../../contract/keys.js';
import type { Family } from '../family.js';
import { t } from '../words.js';

/** Search parameters that narrow the list. */
export const FILTERS = ['concern', 'status', 'type', 'environment', 'show'];

const ENVIRONMENTS = ['development', 'staging', 'production'] as const;
const TYPES = ['sdk', 'cli', 'ci', 'int', 'mkt'] as const;
const CHIPS = [
  ['concern', 'ending', 'filterEnding'],
  ['concern', 'unused', 'filterUnused'],
  ['concern', 'endless', 'filterEndless'],
  ['status', 'expiring', 'filterRotating'],
  ['concern', 'late', 'filterLate'],
  ['status', 'expired', 'filterExpired'],
  ['status', 'revoked', 'filterRevoked'],
] as const;

type Asked = Pick<ListKeys, 'search' | 'concern' | 'status' | 'type' | 'environment'>;

/** What the address asks the server for. What it does not know is left out, so that an old link still shows a list. */
export function queryOf(params: URLSearchParams): Asked {
  const one = <T extends string>(name: string, known: readonly T[]) =>
    known.find((value) => value === params.get(name));
  const asked = {
    search: params.get('search')?.slice(0, 100) || undefined,
    concern: one('concern', ['ending', 'unused', 'endless', 'late']),
    status: one('status', ['active', 'expiring', 'expired', 'revoked']),
    type: one('type', TYPES),
    environment: one('environment', ENVIRONMENTS),
  };
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined)) as Asked;
}

/** One-click filters, all answered by the server. */
export function Filters({ family, withEnv }: { family: Family; withEnv: boolean }) {
  const [params, setParams] = useSearchParams();
  const set = (name: string, value: string | null) =>
    setParams(
      (before) => {
        if (value === null) before.delete(name);
        else before.set(name, value);
        return before;
      },
      { replace: true },
    );
  const chips = [...CHIPS, ...(withEnv ? [['show', 'environment', 'filterEnv'] as const] : [])];
  return (
    <>
      <Select
        size="sm"
        w={190}
        aria-label={t('environment')}
        data={[
          { value: '', label: t('everyEnvironment') },
          ...ENVIRONMENTS.map((value) => ({ value, label: t(value) })),
        ]}
        value={params.get('environment') ?? ''}
        onChange={(value) => set('environment', value || null)}
      />
      {family.id === 'api' && (
        <Select
          size="sm"
          w={140}
          aria-label={t('type')}
          data={[{ value: '', label: t('everyType') }, ...TYPES.map((value) => ({ value, label: t(value) }))]}
          value={params.get('type') ?? ''}
          onChange={(value) => set('type', value || null)}
        />
      )}
      <Group gap={6} w="100%" role="group" aria-label={t('filters')}>
        {chips.map(([name, value, label]) => {
          const on = params.get(name) === value;
          return (
            <Button
              key={label}
              size="compact-sm"
              radius="xl"
              fw={500}
              variant={on ? 'filled' : 'default'}
              aria-pressed={on}
              leftSection={on ? <IconCheck size={14} aria-hidden /> : undefined}
              onClick={() => set(name, on ? null : value)}
            >
              {t(label)}
            </Button>
          );
        })}
      </Group>
    </>
  );
}
