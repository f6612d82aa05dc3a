import type { PageOf } from '../../contract/fields.js';
import type { ListInOrganization } from '../../contract/organizations.js';
import { GatehouseError } from '../../kernel/errors.js';

/**
 * A page of a list that is at hand. The cursor is the last id of the page before.
 * @param noun - for "it names no … any more"
 * @throws GatehouseError `BAD_REQUEST` for a cursor that is not in the list
 */
export function pageFrom<T>(
  all: readonly T[],
  { limit, cursor }: ListInOrganization,
  idOf: (item: T) => string,
  noun: string,
): PageOf<T> {
  const from = cursor === undefined ? 0 : all.findIndex((item) => idOf(item) === cursor) + 1;
  if (cursor !== undefined && from === 0)
    throw new GatehouseError('BAD_REQUEST', `cursor: it names no ${noun} any more. Begin again without it.`);
  const data = all.slice(from, from + limit);
  const last = data[data.length - 1];
  return { data, nextCursor: all.length > from + limit && last !== undefined ? idOf(last) : null };
}
