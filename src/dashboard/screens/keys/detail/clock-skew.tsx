import { Alert } from '@mantine/core';
import { IconClockExclamation } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { ORIGIN } from '../../../api/place.js';
import { td } from './words.js';

/** Less is the time on the way and the whole seconds of a header. */
const TOLERATED_MS = 120_000;

/** How far the clock here is from the server's, in minutes; 0: near enough. */
function useSkew(): number {
  const [minutes, setMinutes] = useState(0);
  useEffect(() => {
    const gone = new AbortController();
    void fetch(`${ORIGIN}/healthz`, { signal: gone.signal, cache: 'no-store' })
      .then(({ headers }) => {
        const theirs = Date.parse(headers.get('date') ?? '');
        const skewMs = Date.now() - theirs;
        if (Math.abs(skewMs) > TOLERATED_MS) setMinutes(Math.round(skewMs / 60_000));
      })
      .catch(() => {});
    return () => gone.abort();
  }, []);
  return minutes;
}

/** Times on this page are told by the clock of this computer; where that is wrong, so are they. */
export function ClockSkew() {
  const minutes = useSkew();
  if (minutes === 0) return null;
  return (
    <Alert color="orange" icon={<IconClockExclamation aria-hidden />} title={td('skewTitle')} role="status">
      {td(minutes > 0 ? 'skewAhead' : 'skewBehind', { count: Math.abs(minutes) })}
    </Alert>
  );
}
