import { useEffect, useState } from 'react';
import type { LiveEvent } from '../../../../contract/live.js';
import { openLive } from '../../../api/live.js';
import { useRoute } from '../../../api/use-route.js';
import type { Family } from '../family.js';

/** What is known of the first request with a secret. */
export interface First {
  readonly address: string;
  /** `null`: it is only known that there was one. */
  readonly status: number | null;
  /** The code it was refused with; `null`: it was let in. */
  readonly refusal: string | null;
}

interface Watched {
  readonly family: Family;
  readonly id: string;
  /** Its end tells the secret from those before it. */
  readonly last4: string;
  /** Only this secret is known to the key: then every request is one of it. */
  readonly isOnly: boolean;
  readonly organizationId: string;
}

const QUICK_MS = 2000;
const SLOW_MS = 15_000;
/** Whoever waits longer is doing something else meanwhile. */
const QUICK_FOR_MS = 180_000;

/** The first request with a secret that was let in; until then the last one that was refused. */
export function useFirstRequest(watched: Watched): First | null {
  const [told, setTold] = useState<First | null>(null);
  const [isHeard, setHeard] = useState(false);
  const { id, isOnly, organizationId } = watched;
  const isOver = told !== null && told.refusal === null;
  useEffect(() => {
    if (isOver) return;
    return openLive({
      organizationId,
      watch: [id],
      onConnected: setHeard,
      onEvent: (event) => {
        const first = firstOf(event, id, isOnly);
        if (first !== null) setTold(first);
      },
    });
  }, [id, isOnly, organizationId, isOver]);
  const asked = useAsked(watched, !isOver && !isHeard);
  return told ?? asked;
}

function firstOf(event: LiveEvent, id: string, isOnly: boolean): First | null {
  if (event.type !== 'key.first-used' && !(event.type === 'request' && isOnly)) return null;
  if (event.id !== id) return null;
  const { address, status, outcome } = event.data;
  return { address: address ?? '?', status, refusal: outcome === 'ALLOWED' ? null : outcome };
}

/** While there is no stream of events, the key is asked for again and again. */
function useAsked({ family, id, last4, organizationId }: Watched, enabled: boolean): First | null {
  const [everyMs, setEveryMs] = useState(QUICK_MS);
  useEffect(() => {
    const timer = setTimeout(() => setEveryMs(SLOW_MS), QUICK_FOR_MS);
    return () => clearTimeout(timer);
  }, []);
  const shown = useRoute(
    family.show,
    { params: { id }, organizationId },
    { enabled, refetchEveryMs: enabled && everyMs },
  );
  const secret = shown.data?.key.secrets.findLast((one) => one.last4 === last4);
  return secret?.lastUsedAt == null ? null : { address: secret.lastUsedIp ?? '?', status: null, refusal: null };
}
