import { Anchor, Text, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useEffect, useState } from 'react';
import { Link } from 'react-router';
import { useSession } from '../../../api/session.js';
import { useRoute } from '../../../api/use-route.js';
import type { Family } from '../family.js';
import { tf } from '../words.js';
import type { KeyValues } from './values.js';

const PAUSE_MS = 400;

/** A name tells keys apart for people, so one that is there already is told of; the server takes it all the same. */
export function NameField({ family, form, own }: { family: Family; form: UseFormReturnType<KeyValues>; own: string }) {
  const session = useSession();
  const asked = useSettled(form.values.name.trim());
  const same = useRoute(
    family.list,
    { query: { search: asked.slice(0, 100), limit: 25, organizationId: session.organizationId } },
    { enabled: asked !== '' && asked !== own && session.may('keys:read') },
  );
  const taken =
    asked === own || asked !== form.values.name.trim()
      ? undefined
      : same.data?.data.find(({ name, status }) => name === asked && status !== 'revoked');
  return (
    <div>
      <TextInput
        label={tf('name')}
        description={tf('nameHint')}
        required
        maxLength={100}
        {...form.getInputProps('name')}
      />
      <div role="status">
        {taken !== undefined && (
          <Text size="sm" mt={6}>
            {tf('nameTaken')}{' '}
            <Anchor component={Link} to={`${family.path(session)}/${taken.id}`} target="_blank" size="sm">
              {tf('nameTakenLook', { last4: taken.last4 })}
            </Anchor>
          </Text>
        )}
      </div>
    </div>
  );
}

/** What was typed, once nothing more is typed for a moment. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
