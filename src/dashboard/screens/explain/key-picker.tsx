import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useSession } from '../../api/session.js';
import { useRoute } from '../../api/use-route.js';
import { t } from './words.js';

const LISTS = ['listKeys', 'listServiceKeys', 'listMcpTokens'] as const;
const SHOWN = 20;

interface Props {
  readonly value: string;
  readonly onChange: (id: string) => void;
  readonly error?: string | undefined;
}

/** One key of any family, found by its name. */
export function KeyPicker({ value, onChange, error }: Props) {
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed, 250);
  const found = [useFound(LISTS[0], search), useFound(LISTS[1], search), useFound(LISTS[2], search)].flat();
  const chosen = [useChosen(LISTS[0], value), useChosen(LISTS[1], value), useChosen(LISTS[2], value)].flat();
  const names = new Map([...chosen, ...found].map(({ id, name, start, last4 }) => [id, `${name} (${start}…${last4})`]));
  // A link may name one that is not shown among the first.
  if (value !== '' && !names.has(value)) names.set(value, value);
  return (
    <Select
      label={t('key')}
      description={t('keyHint')}
      searchable
      nothingFoundMessage={t('noKeys')}
      // The server has searched already.
      filter={({ options }) => options}
      data={[...names].map(([id, label]) => ({ value: id, label }))}
      value={value === '' ? null : value}
      onChange={(id) => onChange(id ?? '')}
      onSearchChange={setTyped}
      error={error}
    />
  );
}

function useFound(list: (typeof LISTS)[number], typed: string) {
  const { organizationId } = useSession();
  // What is shown in the box once one is chosen is its label.
  const search = typed.replace(/ \(.*$/, '').slice(0, 100);
  const found = useRoute(list, { query: { limit: SHOWN, organizationId, ...(search === '' ? {} : { search }) } });
  return found.data?.data ?? [];
}

function useChosen(list: (typeof LISTS)[number], id: string) {
  const { organizationId } = useSession();
  const found = useRoute(list, { query: { limit: 1, organizationId, search: id } }, { enabled: id !== '' });
  return id === '' ? [] : (found.data?.data ?? []);
}
