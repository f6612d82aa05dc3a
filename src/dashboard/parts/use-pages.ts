import { useState } from 'react';

/** Where one is in a list that the server cuts into pages. */
export interface Paged {
  /** From 1. */
  readonly number: number;
  readonly size: number;
  readonly hasNext: boolean;
  next(): void;
  previous(): void;
  setSize(size: number): void;
}

/**
 * Pages by cursor: the way back is the cursors one came by.
 * @param resetBy - whenever this changes (a search, a filter), the first page is shown
 * @returns `query`: to be sent; `paged`: makes what the table shows from the `nextCursor` of the answer
 */
export function usePages(resetBy: string) {
  const [size, setSize] = useState(50);
  const [state, setState] = useState<{ by: string; cursors: readonly string[] }>({ by: resetBy, cursors: [] });
  const cursors = state.by === resetBy ? state.cursors : [];
  const go = (next: readonly string[]) => setState({ by: resetBy, cursors: next });
  const cursor = cursors.at(-1);
  return {
    query: { limit: size, ...(cursor === undefined ? {} : { cursor }) },
    paged: (nextCursor: string | null | undefined): Paged => ({
      number: cursors.length + 1,
      size,
      hasNext: nextCursor != null,
      next: () => {
        if (nextCursor != null) go([...cursors, nextCursor]);
      },
      previous: () => go(cursors.slice(0, -1)),
      setSize: (next) => {
        setSize(next);
        go([]);
      },
    }),
  };
}
