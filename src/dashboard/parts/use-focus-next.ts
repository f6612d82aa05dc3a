import { useEffect, useState } from 'react';

/**
 * Gives the focus to what is only shown once the page is drawn anew: a summary of faults, the first field that has one.
 * @param find - called when what was set at the same moment is on the page
 * @returns asks for it
 */
export function useFocusNext(find: () => HTMLElement | null | undefined): () => void {
  const [asked, ask] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once each time it is asked for
  useEffect(() => {
    if (asked > 0) find()?.focus();
  }, [asked]);
  return () => ask((before) => before + 1);
}
