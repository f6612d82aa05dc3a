import { useEffect, useState } from 'react';

/** Counts seconds down to 0, for what may be tried again only then. */
export function useWait(): readonly [secondsLeft: number, waitFor: (seconds: number) => void] {
  const [untilMs, setUntilMs] = useState(0);
  const [nowMs, setNowMs] = useState(0);
  const secondsLeft = Math.max(0, Math.ceil((untilMs - nowMs) / 1000));
  useEffect(() => {
    if (secondsLeft === 0) return;
    const timer = setTimeout(() => setNowMs(Date.now()), 1000 - ((Date.now() - untilMs) % 1000));
    return () => clearTimeout(timer);
  }, [secondsLeft, untilMs]);
  const waitFor = (seconds: number) => {
    // One moment for both: a tick between them would be a wait of a second for nothing.
    const now = Date.now();
    setNowMs(now);
    setUntilMs(now + seconds * 1000);
  };
  return [secondsLeft, waitFor];
}
