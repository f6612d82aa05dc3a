import { useEffect, useState } from 'react';
import { useRoute } from '../../../api/use-route.js';
import type { Family } from '../family.js';

/** What is known of the first request with a secret. */
export interface First {
  readonly address: string;
  /** `null`: nobody said. */
  readonly status: number | null;
  /** The code it was refused with; `null`: it was let in. */
  readonly refusal: string | null;
}

const QUICK_MS = 2000;
const SLOW_MS = 15_000;
/** Whoever waits longer is doing something else meanwhile. */
const QUICK_FOR_MS = 180_000;

/** Asks again and again until the secret was used. */
export function useFirstRequest(
  family: Family,
  id: string,
  secretMadeAt: string,
  organizationId: string,
): First | null {
  const [everyMs, setEveryMs] = useState(QUICK_MS);
  const [seen, setSeen] = useState<First | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => setEveryMs(SLOW_MS), QUICK_FOR_MS);
    return () => clearTimeout(timer);
  }, []);
  const shown = useRoute(
    family.show,
    { params: { id }, organizationId },
    { enabled: seen === null, refetchEveryMs: seen === null ? everyMs : false },
  );
  const secret = shown.data?.key.secrets.find(({ createdAt }) => createdAt === secretMadeAt);
  const address = secret?.lastUsedAt == null ? null : (secret.lastUsedIp ?? '');
  useEffect(() => {
    if (address !== null) setSeen((before) => before ?? { address, status: null, refusal: null });
  }, [address]);
  return seen;
}
