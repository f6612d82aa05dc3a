import { TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useLocation, useSearchParams } from 'react-router';
import { BASE_PATH } from '../api/place.js';

/** A box whose text is a parameter of the address: it can be linked, and goes with the way back. */
export function TypedFilter({ name, label }: { name: string; label: string }) {
  const [params, setParams] = useSearchParams();
  const { pathname } = useLocation();
  const value = params.get(name) ?? '';
  const write = useDebouncedCallback((text: string) => {
    // Whoever went elsewhere meanwhile is not called back.
    if (location.pathname !== BASE_PATH + pathname) return;
    setParams(
      (before) => {
        if (text.trim() === '') before.delete(name);
        else before.set(name, text.trim());
        return before;
      },
      { replace: true },
    );
  }, 250);
  return (
    <TextInput
      // Cleared from outside, it starts anew.
      key={value === '' ? 'empty' : 'filled'}
      type="search"
      aria-label={label}
      placeholder={label}
      leftSection={<IconSearch size={16} aria-hidden />}
      defaultValue={value}
      onChange={(event) => write(event.currentTarget.value)}
      maxLength={200}
      autoFocus={value !== ''}
    />
  );
}
