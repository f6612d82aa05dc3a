import { Text } from '@mantine/core';
import type { KeyView } from '../../../../contract/keys.js';
import { useSession } from '../../../api/session.js';
import { useRoute } from '../../../api/use-route.js';
import { relative } from '../../../parts/when.js';
import { number } from '../../../words/words.js';
import type { Family } from '../family.js';
import { td } from './words.js';

/** Whom it meets, in numbers: "Used 1,204 times in 24 hours, from 3 addresses. Last 2 minutes ago, from 10.0.0.5." */
export function Consequence({ family, keyView: key }: { family: Family; keyView: KeyView }) {
  const { organizationId } = useSession();
  const usage = useRoute(family.usage, { params: { id: key.id }, query: { organizationId } });
  const { totals, addresses } = usage.data ?? {};
  const words: string[] = [];
  if (totals !== undefined && addresses !== undefined && totals.requests > 0) {
    const used = td('useCount', { count: totals.requests, shown: number(totals.requests) });
    // More came than is kept one by one, so there may have been others.
    const isPart = addresses.requests < totals.requests;
    const from = addresses.count === 0 ? '' : td(isPart ? 'useFromAtLeast' : 'useFrom', { count: addresses.count });
    words.push(`${used}${from}.`);
  }
  words.push(
    key.lastUsedAt === null
      ? td('neverUsedText')
      : td('lastUsedText', { when: relative(key.lastUsedAt), address: key.lastUsedIp ?? '?' }),
  );
  return (
    <Text size="sm" fw={600}>
      {words.join(' ')}
    </Text>
  );
}
