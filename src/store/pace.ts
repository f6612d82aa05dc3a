import { setImmediate } from 'node:timers/promises';

const SLICE_MS = 4;

/** Awaited between pieces of long work: lets the event loop turn once every 4 ms. */
export type Pace = () => Promise<void> | undefined;

export function createPace(): Pace {
  let sinceMs = performance.now();
  return () => {
    if (performance.now() - sinceMs < SLICE_MS) return undefined;
    return setImmediate().then(() => {
      sinceMs = performance.now();
    });
  };
}
