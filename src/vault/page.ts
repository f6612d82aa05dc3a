import type { Page, PageOf } from '../contract/fields.js';

/** One page of `all`, sorted by key. The cursor is the key that the page before ended with; its entry may be gone. */
export function pageOf<T>(all: readonly T[], keyOf: (entry: T) => string, { limit, cursor = '' }: Page): PageOf<T> {
  const keyed = all.map((entry) => ({ key: keyOf(entry), entry })).filter(({ key }) => key > cursor);
  const page = keyed.sort((left, right) => (left.key < right.key ? -1 : 1)).slice(0, limit);
  return {
    data: page.map(({ entry }) => entry),
    nextCursor: keyed.length > page.length ? (page[page.length - 1]?.key ?? null) : null,
  };
}
