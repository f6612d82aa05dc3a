import { useEffect } from 'react';
import { openLive } from '../../../api/live.js';
import { queries } from '../../../api/use-route.js';
import type { Family } from '../family.js';

const AT_MOST_EVERY_MS = 1000;

/** Keeps the page of a key true while requests arrive with it. */
export function useWatch(family: Family, id: string, organizationId: string): void {
  useEffect(() => {
    let waiting: ReturnType<typeof setTimeout> | undefined;
    const askAnew = () => {
      waiting = undefined;
      for (const route of [family.show, family.usage, 'listRequests'])
        void queries.invalidateQueries({ queryKey: [route] });
    };
    const stop = openLive({
      organizationId,
      watch: [id],
      onEvent: (event) => {
        if (event.type === 'request' && event.id === id) waiting ??= setTimeout(askAnew, AT_MOST_EVERY_MS);
      },
    });
    return () => {
      clearTimeout(waiting);
      stop();
    };
  }, [family, id, organizationId]);
}
