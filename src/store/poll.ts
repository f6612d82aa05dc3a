/** Looks that are due at one moment; while there is none, no timer runs. */
interface Beat {
  readonly looks: Set<() => void>;
  readonly timer: NodeJS.Timeout;
}

const beats = new Map<number, Beat>();

/**
 * Calls `look` every so often, all who look equally often at the same moment: the process wakes once for its twenty
 * files instead of twenty times, which is most of what looking costs. Keeps no process alive.
 * @returns ends it
 */
export function lookEvery(ms: number, look: () => void): () => void {
  let beat = beats.get(ms);
  if (beat === undefined) {
    const looks = new Set<() => void>();
    const timer = setInterval(() => {
      for (const one of looks) one();
    }, ms).unref();
    beat = { looks, timer };
    beats.set(ms, beat);
  }
  const { looks, timer } = beat;
  looks.add(look);
  return () => {
    looks.delete(look);
    if (looks.size > 0 || beats.get(ms)?.looks !== looks) return;
    clearInterval(timer);
    beats.delete(ms);
  };
}
