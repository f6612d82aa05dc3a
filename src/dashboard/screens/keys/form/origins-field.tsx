import { Textarea } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { tf } from '../words.js';
import type { KeyValues } from './values.js';

/** Which pages may use it: for keys that stand in a page, where everybody can read them. */
export function OriginsField({ form }: { form: UseFormReturnType<KeyValues> }) {
  return (
    <Textarea
      label={tf('origins')}
      description={tf('originsHint')}
      placeholder="https://app.example.com"
      autosize
      minRows={2}
      maxRows={10}
      maw={480}
      spellCheck={false}
      styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
      {...form.getInputProps('origins')}
    />
  );
}
